"""Four workers at once while losses, corrections, editions, numbers and pauses arrive: every text once, none lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from campaigns.models import Enrollment, Pause, ScheduledMessage
from campaigns.schedule import pauses
from campaigns.schedule.caps import MOST_A_DAY, MOST_A_NUMBER
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from messaging.outgoing.routing import ensure_sandbox_route
from messaging.providers import sandbox
from recipients import events, registry
from recipients.models import Person, Pregnancy
from tests import people
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
WOMEN, WORKERS, TURNS = 36, 4, 4
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STEPS = [Line("week-12", day=84, open_for=20), Line("iron", day=84, topic="iron", open_for=30)]
ADDED = Line("food", day=83, topic="food", open_for=30)


@pytest.fixture
def accepted(transactional_db, monkeypatch) -> list[dict]:
    """What the operator took. Each phone is that of two women who are 12 weeks pregnant."""
    unit = people.commune()
    people.station(unit)
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    publish(STEPS)
    for number in range(WOMEN):
        people.lan(unit, NOON - DAY, name=f"Lan {number:03}", phone=f"09123450{number // 2:02}", weeks=12)
    taken: list[dict] = []
    monkeypatch.setattr(sandbox, "on_accept", taken.append)
    return taken


def everything(now: datetime) -> None:
    derive(now)
    plan(now)
    release_due(now)
    dispatch_all(now)


def at_once(*works: Callable[[], None]) -> None:
    """All of it in threads that begin together, four of them workers."""
    together = Barrier(WORKERS + len(works))

    def begin(work: Callable[[], None]) -> None:
        try:
            together.wait()
            work()
        finally:
            connection.close()

    def worker(number: int) -> None:
        for turn in range(TURNS):
            everything(NOON + turn * MINUTE + timedelta(seconds=number))

    with ThreadPoolExecutor(WORKERS + len(works)) as pool:
        doing = [pool.submit(begin, lambda number=number: worker(number)) for number in range(WORKERS)]
        for done in [*doing, *(pool.submit(begin, work) for work in works)]:
            done.result(timeout=100)


def some(start: int) -> list[Pregnancy]:
    return list(Pregnancy.objects.select_related("mother").order_by("pk")[start::6])


def test_every_message_once_and_nobody_forgotten(accepted):
    lost, redated, undone, renumbered, stopped = (some(start) for start in range(5))
    lost_before_any_pass = [each.pk for each in lost]

    def lose() -> None:
        for pregnancy in lost:
            events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
        for pregnancy in undone:
            events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
            events.undo_loss(pregnancy, now=NOON, source="page")

    def correct() -> None:
        for number, pregnancy in enumerate(redated):
            lmp = pregnancy.anchor_date - timedelta(days=number % 3)
            events.redate(pregnancy, lmp=lmp, now=NOON, source="page")

    def renumber() -> None:
        for number, pregnancy in enumerate(renumbered):
            registry.change_number(pregnancy.mother, f"0987000{number:03}", now=NOON, source="page")
        for pregnancy in stopped:
            events.stop_person(pregnancy.mother, now=NOON, source="page")
            events.resume_person(pregnancy.mother, now=NOON, source="page")

    def edit_and_pause() -> None:
        held = pauses.pause(topic="anc", why="Đang sửa lời", now=NOON)
        for steps in ([*STEPS, ADDED], [STEPS[1], ADDED], [*STEPS, ADDED]):
            with transaction.atomic():
                publish(steps)
        pauses.resume(held, now=NOON)

    at_once(lose, correct, renumber, edit_and_pause)
    for number in range(1, 25):
        everything(NOON + number * DAY)
        if not ScheduledMessage.objects.filter(state="waiting").exists() and number > 3:
            break

    once_each(accepted)
    assert not Pause.objects.filter(ended_at=None).exists()
    rows = ScheduledMessage.objects.filter(due_on__lte=NOON.date())
    assert not rows.filter(state="waiting").exists(), "a due row was forgotten"
    going_on = Pregnancy.objects.exclude(pk__in=lost_before_any_pass)
    assert Enrollment.objects.filter(active=True).count() == going_on.count() == WOMEN - len(lost)
    for pregnancy in going_on:
        mine = {row.step_key: row.state for row in ScheduledMessage.objects.filter(enrollment__pregnancy=pregnancy)}
        assert mine == dict.fromkeys(["week-12", "iron", "food"], "released"), pregnancy
    theirs = ScheduledMessage.objects.filter(enrollment__pregnancy__in=lost_before_any_pass)
    assert not theirs.filter(state="waiting").exists()
    assert not theirs.filter(state="released", decided_at__gte=NOON + DAY).exists()


def test_what_is_paused_or_closed_meanwhile_is_found_again_afterwards(accepted):
    held: list[Pause] = []
    numbers = sorted(set(Person.objects.values_list("phone", flat=True)))[:5]

    def pause() -> None:
        held.append(pauses.pause(topic="iron", why="Hết viên sắt", now=NOON))

    def take_away() -> None:
        for person in Person.objects.filter(phone__in=numbers).order_by("-pk"):
            registry.change_number(person, None, now=NOON, source="page")

    at_once(pause, take_away)
    everything(NOON + DAY)
    assert not set(numbers) & {text.to for text in OutboundMessage.objects.filter(sending_at__gte=NOON + DAY)}
    pauses.resume(held[0], now=NOON + 2 * DAY)
    for number, person in enumerate(Person.objects.filter(phone=None).order_by("pk")):
        registry.change_number(person, f"0987111{number:03}", now=NOON + 2 * DAY, source="page")
    for number in range(2, 14):
        everything(NOON + number * DAY)
    once_each(accepted)
    assert Counter(ScheduledMessage.objects.values_list("step_key", "state")) == {
        ("week-12", "released"): WOMEN, ("iron", "released"): WOMEN,
    }  # fmt: skip


def once_each(accepted: list[dict]) -> None:
    """The operator saw no key twice, nobody got the same step twice, and the caps held for people and numbers."""
    keys = [text["key"] for text in accepted]
    assert len(keys) == len(set(keys)), "the operator saw a text twice"
    sent = OutboundMessage.objects.filter(sending_at__isnull=False)
    assert set(keys) == set(sent.values_list("key", flat=True))
    rows = ScheduledMessage.objects.filter(sms__in=sent).select_related("sms")
    assert len({row.sms_id for row in rows}) == len(sent), "a text left whose row was taken back"
    assert len({(row.person_id, row.step_key) for row in rows}) == len(rows)
    words = Counter((text.to, text.body, text.sending_at.astimezone(NOON.tzinfo).date()) for text in sent)
    assert max(words.values()) == 1, "the same words twice to one number on a day"
    own = [row for row in rows if row.key == row.sms.key]
    assert len(own) == len(sent)
    days = Counter((row.person_id, row.sms.sending_at.astimezone(NOON.tzinfo).date()) for row in own)
    assert max(days.values()) <= MOST_A_DAY, "more than one text a day"
    for text in sent:
        near = [other for other in sent if other.to == text.to and text.sending_at <= other.sending_at]
        assert sum(other.sending_at - text.sending_at < DAY for other in near) <= MOST_A_NUMBER
