"""A register loaded again tells births and losses: recorded by the verbs, once, never against the record."""

from datetime import timedelta

import pytest

from recipients import events, registry
from recipients.days import local_day
from recipients.models import ChangeEvent, Child, Person, Pregnancy, Task
from recipients.register_import import outcomes, run
from recipients.register_import.run import import_register, write_refused
from tests import people
from tests.recipients.test_two_imports_at_the_same_time import together

TITLES = (
    "STT;Họ và tên;Năm sinh;Số điện thoại;KCC;DKS;Mã xã;Đồng ý;Ngày đẻ;Kết quả thai kỳ;Cân nặng trẻ;Tuổi thai khi sinh"
)

pytestmark = pytest.mark.django_db


def row(
    anchor, day="", outcome="", weight="", weeks="", name="Nguyễn Thị Lan", phone="0912345678", edd="", unit="29584"
):
    said = f"{day:%d/%m/%Y}" if day else ""
    lmp = f"{anchor:%d/%m/%Y}" if anchor else ""
    return f"1;{name};1998;{phone};{lmp};{edd};{unit};x;{said};{outcome};{weight};{weeks}"


def load(now, *rows, **asked):
    return import_register("\n".join([TITLES, *rows]).encode(), now=now, **asked)


def told(result) -> list[tuple]:
    return [(one.verdict, one.recorded, one.warnings) for one in result.details]


def written() -> tuple:
    return (
        ChangeEvent.objects.count(), Person.objects.count(), Task.objects.count(), Child.objects.count(),
        list(Pregnancy.objects.order_by("pk").values_list("outcome", "outcome_date", "outcome_recorded_at")),
    )  # fmt: skip


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def today(now):
    return local_day(now)


def test_a_known_womans_birth_is_recorded_once(unit, now, today):
    lan = people.lan(unit, now, weeks=41)
    born = today - timedelta(days=10)
    line = row(lan.anchor_date, born, "đẻ thường", "3,2")
    assert told(load(now, line, dry_run=True)) == [("known", "live_birth", [])]
    assert not Child.objects.exists()
    result = load(now, line)
    assert told(result) == [("known", "live_birth", [])]
    assert (result.births, result.losses) == (1, 0)
    child = Child.objects.get()
    assert (child.mother, child.date_of_birth, child.birth_weight) == (lan.mother, born, 3200)
    assert ChangeEvent.objects.get(what="birth").source == "import"
    before = written()
    assert told(load(now + timedelta(days=1), line)) == [("known", "", [])]
    assert written() == before


def test_preterm_twins_of_a_woman_who_comes_late(unit, now, today):
    born = today - timedelta(days=100)
    anchor = born - timedelta(days=230)
    line = row(anchor, born, "sinh đôi, đẻ non", "2400/1900", "32+6")
    assert told(load(now, line, dry_run=True)) == told(load(now, line)) == [("accepted", "live_birth", [])]
    children = list(Child.objects.order_by("birth_order").values_list("birth_weight", "gestation_at_birth"))
    assert children == [(2400, 230), (1900, 230)]
    assert Pregnancy.objects.get().outcome == "live_birth"
    before = written()
    assert told(load(now, line)) == [("known", "", [])]
    assert written() == before


def test_without_an_outcome_the_same_dates_are_too_old(unit, now, today):
    anchor = today - timedelta(days=330)
    assert told(load(now, row(anchor)))[0][0] == "refused"
    odd = load(now, row(anchor, today + timedelta(days=3), "đẻ thường"))
    assert told(odd) == [("refused", "", ["outcome_day_odd"])]
    assert not Person.objects.exists()


def test_the_weeks_at_birth_date_a_pregnancy_that_nothing_else_dates(unit, now, today):
    born = today - timedelta(days=30)
    assert told(load(now, row(None, born, "mổ", weeks="38"))) == [("accepted", "live_birth", [])]
    assert Pregnancy.objects.get().anchor_date == born - timedelta(weeks=38)


@pytest.mark.parametrize(
    ("word", "kind"), [("sẩy thai", "miscarriage"), ("phá thai", "termination"), ("thai lưu", "stillbirth")]
)
def test_a_loss_of_each_kind(unit, now, today, word, kind):
    lan = people.lan(unit, now, weeks=24)
    line = row(lan.anchor_date, today - timedelta(days=9), word)
    result = load(now, line)
    assert told(result) == [("known", kind, [])]
    assert (result.births, result.losses) == (0, 1)
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date) == (kind, today - timedelta(days=9))
    assert Task.objects.get(done_at=None).kind == "loss"
    before = written()
    assert told(load(now, line)) == [("known", "", [])]
    assert written() == before


def test_a_loss_without_a_day_counts_from_the_day_of_loading(unit, now, today):
    lan = people.lan(unit, now)
    line = row(lan.anchor_date, "", "sẩy thai")
    assert told(load(now, line)) == [("known", "miscarriage", ["loss_day_missing"])]
    lan.refresh_from_db()
    assert lan.outcome_date == today
    before = written()
    assert told(load(now + timedelta(days=30), line)) == [("known", "", ["loss_day_missing"])]
    assert written() == before


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        (("sẩy thai", "3200"), "outcome_contradictory"),
        (("dọa sẩy", ""), "outcome_unread"),
        (("", "3200"), "outcome_missing"),
    ],
)
def test_what_is_not_certain_changes_nothing_and_is_told(unit, now, today, cells, warning):
    lan = people.lan(unit, now, weeks=39)
    before = written()
    result = load(now, row(lan.anchor_date, today - timedelta(days=2), *cells))
    assert told(result) == [("known", "", [warning])]
    assert len(result.details[0].sentences) == 1
    assert written() == before


def test_the_record_wins(unit, now, today):
    lan = people.lan(unit, now, weeks=41)
    born = today - timedelta(days=10)
    events.birth(lan, born_on=born, now=now, source="page")
    before = written()
    for day, word, weight in (
        (born - timedelta(days=1), "đẻ thường", ""), (born, "thai lưu", ""), (born, "đẻ thường", "2400/2300"),
    ):  # fmt: skip
        result = load(now, row(lan.anchor_date, day, word, weight))
        assert told(result) == [("known", "", ["outcome_differs"])]
        assert f"{born:%d/%m/%Y}" in result.details[0].sentences[0]
    assert written() == before


def test_the_first_of_two_rows_that_disagree_counts(unit, now, today):
    """Compared under the lock: what was open when the chunk was read is not any more."""
    lan = people.lan(unit, now)
    result = load(now, row(lan.anchor_date, today, "sẩy thai"), row(lan.anchor_date, today, "phá thai"))
    assert told(result) == [("known", "miscarriage", []), ("known", "", ["outcome_differs"])]
    assert Pregnancy.objects.get().outcome == "miscarriage"


def test_a_birth_after_a_recorded_loss_begins_no_child(unit, now, today):
    lan = people.lan(unit, now, weeks=41)
    events.loss(lan, kind="stillbirth", on=today, now=now, source="page")
    result = load(now, row(lan.anchor_date, today, "đẻ thường"))
    assert told(result) == [("known", "", ["outcome_differs"])]
    assert not Child.objects.exists()


def test_what_was_not_known_of_the_same_birth_is_filled_in(unit, now, today):
    lan = people.lan(unit, now, weeks=41)
    events.birth(lan, born_on=today, now=now, source="page")
    assert told(load(now, row(lan.anchor_date, today, "đẻ thường", "2300"))) == [("known", "", [])]
    assert Child.objects.get().birth_weight == 2300


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_refusal_of_the_verb_is_told(unit, now, today, dry_run):
    """By the file she was 21 weeks, by the record, which was dated again, 12."""
    lan = people.lan(unit, now, weeks=12)
    before = written()
    result = load(now, row(today - timedelta(weeks=21), today, "đẻ non"), dry_run=dry_run)
    assert told(result) == [("known", "", ["outcome_refused"])]
    assert "12" in result.details[0].sentences[0]
    assert written() == before
    assert lan.outcome == ""


def test_a_pregnancy_that_is_not_on_record_gets_no_outcome(unit, now, today):
    lan = people.lan(unit, now, weeks=12)
    old = lan.anchor_date - timedelta(days=300)
    result = load(now, row(old, old + timedelta(days=270), "đẻ thường"))
    assert told(result) == [("known", "", ["outcome_unplaced"])]


def test_a_child_registered_without_its_pregnancy_is_on_record(unit, now, today):
    an = people.be_an(unit, now, days=60)
    anchor = an.date_of_birth - timedelta(days=280)
    line = row(anchor, an.date_of_birth, "đẻ thường", name="Phạm Thị Yến", phone="0707924402")
    before = written()
    assert told(load(now, line)) == [("known", "", [])]
    assert written() == before


def test_people_of_another_area_are_not_touched(unit, now, today):
    lan = people.lan(people.commune(people.BINH_PHUOC, "Xã Bình Phước"), now, weeks=41)
    nurse = people.user(unit=unit)
    before = written()
    line = row(lan.anchor_date, today, "đẻ thường")
    for dry_run in (True, False):
        assert told(load(now, line, by=nurse, dry_run=dry_run)) == [("known", "", ["outcome_elsewhere"])]
    assert written() == before
    own = row(today - timedelta(days=280), today, "mổ", name="Lê Thị Hoa", phone="")
    assert told(load(now, own, by=nurse)) == [("accepted", "live_birth", [])]
    assert ChangeEvent.objects.get(what="birth").by == nurse


def test_killed_before_the_outcomes_the_second_import_goes_on(unit, now, today, monkeypatch):
    born = today - timedelta(days=60)
    lines = [
        row(born - timedelta(days=280), born, "đẻ thường", name=f"Lê Thị {name}", phone="")
        for name in ("Hoa", "Mai", "Nga")
    ]
    whole = outcomes._Clerk._call
    calls = []

    def dies(self, pregnancy, ending):
        if calls:
            raise KeyboardInterrupt
        calls.append(pregnancy)
        whole(self, pregnancy, ending)

    monkeypatch.setattr(run, "CHUNK", 2)
    monkeypatch.setattr(outcomes._Clerk, "_call", dies)
    with pytest.raises(KeyboardInterrupt):
        load(now, *lines)
    assert (Person.objects.count(), Child.objects.count()) == (2, 1)
    monkeypatch.setattr(outcomes._Clerk, "_call", whole)
    assert told(load(now, *lines)) == [("known", "", []), ("known", "live_birth", []), ("accepted", "live_birth", [])]
    assert Child.objects.count() == 3


def test_a_known_row_with_other_dates_never_dates_again(unit, now, today):
    lan = people.lan(unit, now, weeks=20)
    for days, warnings in ((6, []), (7, ["dates_differ"]), (-20, ["dates_differ"])):
        result = load(now, row(lan.anchor_date + timedelta(days=days)))
        assert told(result) == [("known", "", warnings)]
    assert f"{lan.anchor_date + timedelta(days=280):%d/%m/%Y}" in result.details[0].sentences[0]
    lan.refresh_from_db()
    assert lan.anchor_date == today - timedelta(weeks=20)


def test_a_known_row_after_the_end_says_nothing_of_dates(unit, now, today):
    lan = people.lan(unit, now, weeks=20)
    events.loss(lan, kind="miscarriage", on=today, now=now, source="page")
    assert told(load(now, row(lan.anchor_date + timedelta(days=30)))) == [("known", "", [])]


def test_a_pregnancy_closed_without_a_known_outcome_gets_its_birth(unit, now, today):
    first = people.lan(unit, now - timedelta(weeks=60), weeks=10)
    registry.register_pregnancy(
        person=first.mother, lmp=today - timedelta(weeks=8), now=now, source="page"
    )  # fmt: skip
    line = row(first.anchor_date, first.anchor_date + timedelta(days=275), "mổ", "3100")
    assert told(load(now, line)) == [("known", "live_birth", [])]
    first.refresh_from_db()
    assert first.outcome == "live_birth"
    assert Pregnancy.objects.filter(outcome="").count() == 1


def test_the_answer_and_the_refused_rows_say_it_in_words(unit, now, today, tmp_path):
    lan = people.lan(unit, now, weeks=39)
    result = load(
        now, row(lan.anchor_date, today, "đẻ thường"), row(today, today, "dọa sẩy", name="-", phone=""),
    )  # fmt: skip
    answer = result.as_json()
    assert (answer["births"], "losses" in answer) == (1, False)
    assert answer["details"][0]["recorded"] == "live_birth"
    assert answer["details"][1]["warnings"] == ["outcome_unread"]
    assert len(answer["details"][1]["sentences"]) == 1
    out = tmp_path / "refused.xlsx"
    write_refused(result, out)
    why = import_register(out, now=now, dry_run=True).details[0].parsed.raw[-1]
    assert "Không đọc được kết quả thai kỳ" in why


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_record_each_outcome_once(now, monkeypatch):
    people.commune()
    today = local_day(now)
    monkeypatch.setattr(run, "CHUNK", 4)
    born = today - timedelta(days=20)
    births = [
        row(born - timedelta(days=270), born, "mổ", "2600/2500", name=f"Lê Thị Hoa {n}", phone="") for n in "abcdef"
    ]
    losses = [row(today - timedelta(days=80), born, "sẩy thai", name=f"Lê Thị Mai {n}", phone="") for n in "abcdef"]
    known = [each.rpartition("sẩy thai")[0] + ";;" for each in losses]
    load(now, *known)
    lines = births + losses
    first, second = together(lambda: load(now, *lines), lambda: load(now, *reversed(lines)))
    assert (first.births + second.births, first.losses + second.losses) == (6, 6)
    assert not any(one.warnings for one in (*first.details, *second.details))
    assert (Person.objects.count(), Child.objects.count()) == (12, 12)
    assert ChangeEvent.objects.filter(what__in=["birth", "loss"]).count() == 12


def test_a_lost_pregnancy_that_was_never_on_record_is_not_begun(unit, now, today):
    result = load(now, row(today - timedelta(days=200), today - timedelta(days=130), "sẩy thai"))
    assert [(each.verdict, each.parsed.reasons) for each in result.details] == [("refused", ("pregnancy_over",))]
    assert not Person.objects.exists()
    assert not Task.objects.exists()


def test_a_new_row_that_contradicts_itself_begins_nothing(unit, now, today):
    result = load(now, row(today - timedelta(days=200), today - timedelta(days=30), "sẩy thai", "3200"))
    assert [(each.verdict, each.parsed.reasons) for each in result.details] == [("refused", ("outcome_contradictory",))]
    assert not Person.objects.exists()
