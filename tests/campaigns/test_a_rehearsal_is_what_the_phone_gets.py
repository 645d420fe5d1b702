"""A rehearsal shows the same texts on the same days as the real passes would send."""

import json
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from campaigns.content import library, review
from campaigns.content.rehearsal import SAMPLE_SERVICES, Planned, rehearse, release
from campaigns.models import Campaign, Parameter, Revision, ScheduledMessage, Step
from campaigns.reference import load_holidays
from campaigns.schedule import enrollment, planner
from campaigns.schedule.release import release_due
from campaigns.schedule.sendtime import Hours, at
from messaging.outgoing.dispatch import dispatch_all
from messaging.text.plain import to_plain
from recipients import sessions
from recipients.models import Child, Consent, Facility, Person, Pregnancy, User
from tests import people
from tests.schedule.conftest import calm_route

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LMP = date(2026, 3, 2)


@pytest.fixture
def loaded(now):
    library.load(now)
    load_holidays()


@pytest.fixture
def hoa(loaded, now, settings):
    """The mother of the sample values, at the station of the sample values, which holds its sessions on the 10th."""
    settings.SPREAD_MINUTES = 1
    commune = people.commune("29551", "Xã Tân Hạnh")
    station = Facility.objects.create(
        name="Trạm Y tế xã Tân Hạnh", kind="station", phone="02703823456", unit=commune, valid_from=date(2025, 7, 1)
    )
    for month in range(1, 13):
        for service in SAMPLE_SERVICES:
            sessions.set_session(station, service=service, day=date(2026, month, 10))
    Parameter.objects.create(name="hotline", value="02703800200")
    review.approve_everything(User.objects.create(username="reviewer", role="clinical", unit=commune), now)
    calm_route()
    person = Person.objects.create(
        name="Trần Thị Hoa", name_key="trần thị hoa", search_name="tran thi hoa", unit=commune,
        phone="+84912000111", phone_confirmed_at=now, script="diacritics", registered_at=now,
    )  # fmt: skip
    Consent.objects.create(person=person, state="given", method="page", at=now)
    return person


def enters(person: Person, day: date) -> None:
    """She is registered before the sending hours of `day`."""
    Person.objects.filter(pk=person.pk).update(registered_at=at(day, time.min, ZONE))


def live_through(first: date, days: int) -> list[tuple[date, time, str, str, str]]:
    """The real passes at the opening and at all sending times of every day; what the phone got, in local time."""
    for day in (first + timedelta(days=n) for n in range(days)):
        for moment in (time(0, 1), time(7, 30), time(11, 45), time(18, 45)):
            now = at(day, moment, ZONE)
            if moment.hour == 0:
                enrollment.derive(now)
                planner.plan(now)
            release_due(now)
            dispatch_all(now)
    sent = ScheduledMessage.objects.filter(state="released").select_related("sms", "campaign")
    got = [(row.decided_at.astimezone(ZONE), row.campaign.code, row.step_key, row.sms.body) for row in sent]
    return sorted((when.date(), when.time(), *rest) for when, *rest in got)


def shown(lines, last: date):
    return [(x.day, x.moment, x.campaign, x.step, x.text) for x in lines if x.day <= last]


@pytest.mark.parametrize(
    "entry", [date(2026, 9, 1), date(2026, 10, 20), date(2026, 11, 16)], ids=["on a holiday", "late", "in week 37"]
)
def test_a_late_entrant_gets_what_was_rehearsed(hoa, now, entry):
    enters(hoa, entry)
    Pregnancy.objects.create(mother=hoa, lmp=LMP, dating="lmp", anchor_date=LMP, registered_at=now)
    got = live_through(entry, 22)
    assert len(got) >= 5
    assert "welcome" in {campaign for _day, _time, campaign, *_ in got}
    assert got == shown(rehearse("gestation", LMP, registered=entry), entry + timedelta(days=21))


def test_a_newborns_mother_gets_what_was_rehearsed(hoa, now):
    born = date(2026, 1, 25)
    enters(hoa, born)
    Child.objects.create(mother=hoa, date_of_birth=born, registered_at=now)
    got = live_through(born, 22)
    assert len(got) >= 5
    assert got == shown(rehearse("birth", born), born + timedelta(days=21))


def test_a_day_of_the_year_and_a_session_come_as_rehearsed(hoa, now):
    born, entry = date(2025, 9, 5), date(2026, 5, 25)
    enters(hoa, entry)
    Child.objects.create(mother=hoa, date_of_birth=born, registered_at=now)
    got = live_through(entry, 22)
    assert {"welcome", "vitamin-a", "immunisation-days"} <= {campaign for _day, _time, campaign, *_ in got}
    assert "đến Trạm Y tế xã Tân Hạnh ngày 10/06" in next(text for *_, key, text in got if "nine-months" in key)
    assert got == shown(rehearse("birth", born, registered=entry), entry + timedelta(days=21))


def test_a_pregnancy_and_a_childhood_are_apart(loaded):
    pregnancy, childhood = rehearse("gestation", LMP), rehearse("birth", LMP)
    assert {line.campaign for line in pregnancy} & {line.campaign for line in childhood} == {"welcome"}
    assert {line.campaign for line in childhood} >= {"vitamin-a", "immunisation-days"}
    assert all(LMP <= line.day < LMP + timedelta(days=301) for line in pregnancy)
    for lines in (pregnancy, childhood):
        keys = [(line.day, line.moment, line.campaign, line.step) for line in lines]
        assert keys == sorted(keys)
        assert len({line.day for line in lines}) == len(lines), "never two on a day"
        assert all(time(7, 30) <= line.moment < time(20, 30) for line in lines)
        assert not any("{" in line.text for line in lines)


def test_the_newest_revision_is_shown_in_any_state(loaded, now):
    iron = Revision.objects.get(campaign__code="iron")
    newer = Revision.objects.create(campaign=iron.campaign, number=2, created_at=now)
    step = iron.steps.first()
    text = step.texts.get(language="vi")
    step.pk, step.revision, step._state.adding = None, newer, True
    step.save()
    step.texts.create(language="vi", body="Lời mới cho {ten}")
    assert text.body != "Lời mới cho {ten}"
    assert [x.text for x in rehearse("gestation", LMP) if x.campaign == "iron"] == ["Lời mới cho Hoa"]
    Revision.objects.filter(campaign__code="iron", number=2).update(state=Revision.State.DISCARDED)
    shipped = [x.text for x in rehearse("gestation", LMP) if x.campaign == "iron"]
    assert len(shipped) > 1, "a discarded draft is what nobody wants to see"


def command(capsys, *arguments):
    call_command("rehearse", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_command_answers_in_json(loaded, capsys):
    lines = command(capsys, "--lmp", "2026-03-02")
    assert list(lines[0]) == ["date", "time", "campaign", "step", "text", "encoding", "segments"]
    assert [(line["campaign"], line["date"], line["time"]) for line in lines[:2]] == [
        ("welcome", "2026-03-02", "07:30"),
        ("pregnancy-wellbeing", "2026-04-06", "11:45"),  # five weeks after
    ]
    assert command(capsys, "--edd", "2026-12-07") == lines, "280 days after"
    plain = command(capsys, "--lmp", "2026-03-02", "--plain")
    assert [line["text"] for line in plain] == [to_plain(line["text"]) for line in lines]
    assert {line["encoding"] for line in plain} == {"GSM-7"}
    english = command(capsys, "--lmp", "2026-03-02", "--language", "en")
    assert len(english) == len(lines)
    assert english != lines
    assert command(capsys, "--lmp", "2026-03-02", "--language", "km") == lines, "no Khmer yet: Vietnamese"


def test_the_command_prints_for_people(loaded, capsys):
    call_command("rehearse", "--born", "2026-01-20")
    assert "   1m   breastfeeding/" in capsys.readouterr().out
    call_command("rehearse", "--born", "2026-01-20", "--registered", "2026-01-05")
    assert "05/01/2026 07:30   -   welcome/" in capsys.readouterr().out, "registered in pregnancy"


def test_the_command_says_when_there_are_no_words_in_a_language(loaded, capsys):
    call_command("rehearse", "--lmp", "2026-03-02", "--language", "km")
    assert 'have no words in "km" and are shown as they would be sent, in "vi".' in capsys.readouterr().out
    call_command("rehearse", "--lmp", "2026-03-02")
    assert "no words" not in capsys.readouterr().out


def test_of_two_late_texts_the_one_whose_window_closes_first_leaves_first():
    campaign, noon = Campaign(priority=50), at(LMP, time(11, 45), ZONE)
    older = Planned(Step(key="older", position=1), campaign, noon - timedelta(days=9), LMP + timedelta(days=20))
    closing = Planned(Step(key="closing", position=2), campaign, noon - timedelta(days=2), LMP + timedelta(days=1))
    hours = {"service": Hours(time(7, 30), time(20, 30), ZONE, frozenset())}
    assert [item.step.key for item, _when in release([older, closing], noon, hours)] == ["closing", "older"]


def test_the_room_of_a_day_is_kept_for_what_comes_later_on_it_and_cannot_wait():
    noon = at(LMP, time(11, 45), ZONE)
    patient = Planned(Step(key="patient", position=1), Campaign(priority=50), noon - timedelta(days=1), date.max)
    pressing = Planned(Step(key="pressing", position=2), Campaign(priority=15), noon, LMP + timedelta(days=1))
    hours = {"service": Hours(time(7, 30), time(20, 30), ZONE, frozenset())}
    sent = release([patient, pressing], at(LMP, time.min, ZONE), hours)
    assert [(item.step.key, when.date()) for item, when in sent] == [
        ("pressing", LMP), ("patient", LMP + timedelta(days=1)),
    ]  # fmt: skip


WRONG = [
    ["--lmp", "2026-13-01"], [], ["--lmp", "2026-03-02", "--born", "2026-03-02"], ["--lmp", "0001-01-01"],
    ["--lmp", "9999-12-31"], ["--edd", "0001-01-01"], ["--born", "9999-12-31"], ["--born", "1949-12-31"],
    ["--edd", "2101-01-01"], ["--lmp", "2026-03-02", "--registered", "9999-12-31"],
]  # fmt: skip


@pytest.mark.parametrize("day", ["1950-01-01", "2100-12-31"])
def test_the_first_and_the_last_day_are_taken(loaded, capsys, day):
    for anchor in ("--lmp", "--edd", "--born"):
        assert command(capsys, anchor, day)
        command(capsys, anchor, day, "--registered", "1950-01-01")
        command(capsys, anchor, day, "--registered", "2100-12-31")


@pytest.mark.parametrize("arguments", WRONG)
def test_the_command_says_what_is_wrong(loaded, arguments):
    with pytest.raises(CommandError):
        call_command("rehearse", *arguments)


def test_without_a_library_there_is_a_sentence():
    with pytest.raises(CommandError, match="load_reference"):
        call_command("rehearse", "--lmp", "2026-03-02")


def test_nobody_is_needed_and_nothing_is_sent(loaded):
    rehearse("gestation", LMP)
    assert not Person.objects.exists()
    assert not ScheduledMessage.objects.exists()
