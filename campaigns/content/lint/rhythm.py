"""How often one person hears from all campaigns together: never two on a day, two in seven days, no long silence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from campaigns.content.clocks import BIRTH, CALENDAR, CORRECTED, ENROLLMENT, FAMILY, GESTATION, SESSION, at_term
from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.lint.findings import Finding, timing_of
from campaigns.schedule.caps import MOST_A_WEEK, has_room
from campaigns.schedule.timeline import Fate, Offset, due_date, place

MOTHER = "mother"
GAPS = {
    GESTATION: ((Offset(0, 35), 14), (Offset(0, 41 * 7), 0)),
    BIRTH: ((Offset(0, 0), 10), (Offset(0, 60), 21), (Offset(12), 45), (Offset(24), 100), (Offset(60), 0)),
}
"""From when on a mother hears something at least every so many days; the last one is the end."""
APART = 5
"""Days between two texts for one mother while visits and sessions are due: a reminder that must leave on one of two
days then always finds room, whatever day that is. (Two texts on days a and b close the days b + 1 to a + 6.)"""
ROOM = {GESTATION: (Offset(0, 5 * 7), Offset(0, 33 * 7)), BIRTH: (Offset(2), Offset(60))}
"""From and until when: sessions begin at two months; the last weeks before a birth and the first after it need more
texts than that."""
DAY_ZEROS = tuple(date(2027, 3, 1) + timedelta(days=number) for number in range(366))
"""Every day of a year with a 29 February: months are of many lengths."""
SESSION_DAY = 10
"""A station that holds every service on one day of the month crowds it most."""
LIFE = timedelta(days=366 * 6)
FOLLOWED = {GESTATION: (GESTATION, ENROLLMENT), BIRTH: (BIRTH, CORRECTED, CALENDAR, SESSION, ENROLLMENT)}
"""The campaigns that one mother follows together."""


@dataclass(frozen=True)
class Due:
    """A step on a day."""

    day: date
    campaign: CampaignFile
    step: StepFile


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """collision, three-in-seven-days, appointments, gap, crowded-out; each fault once, with the first day 0."""
    told: set[tuple[str, str, str]] = set()
    for finding in _all(library):
        where = (finding.rule, finding.file, finding.step)
        if where not in told:
            told.add(where)
            yield finding


def _all(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    for anchor in (GESTATION, BIRTH):
        for day_zero in DAY_ZEROS if anchor == BIRTH else DAY_ZEROS[:1]:
            yield from _collisions(_days(library, anchor, day_zero, FAMILY), day_zero)
            mine = _days(library, anchor, day_zero, (MOTHER,))
            for role in FAMILY:
                yield from _three(_days(library, anchor, day_zero, (role,)), day_zero)
            yield from _apart(mine, anchor, day_zero)
            yield from _gaps(mine, anchor, day_zero)
        for day_zero in DAY_ZEROS[::61]:
            yield from _crowded(library, anchor, day_zero)


def _days(library: Iterable[CampaignFile], anchor: str, day_zero: date, roles: Sequence[str]) -> list[Due]:
    """The steps counted from one anchor, by day. A text for small babies makes the others wait (caps)."""
    due = [
        Due(due_date(day_zero, step.start), campaign, step)
        for campaign in library
        if at_term(campaign.anchor) == anchor
        for step in campaign.steps
        if step.role in roles and not step.condition
    ]
    return sorted(due, key=lambda item: (item.day, item.step.key))


def _collisions(due: Sequence[Due], day_zero: date) -> Iterator[Finding]:
    """Also between readers: husband and wife may have one phone."""
    for one, other in pairwise(due):
        if one.day == other.day:
            yield _fault(
                other, "collision",
                f'falls on the same day as "{one.step.key}" when day 0 is {day_zero:%Y-%m-%d}. Move one of them.',
            )  # fmt: skip


def _three(due: Sequence[Due], day_zero: date) -> Iterator[Finding]:
    for first, second, third in zip(due, due[1:], due[2:], strict=False):
        if (third.day - first.day).days < 7:
            yield _fault(
                third, "three-in-seven-days",
                f'is the third in seven days after "{first.step.key}" and "{second.step.key}" when day 0 is '
                f"{day_zero:%Y-%m-%d}, and {MOST_A_WEEK} are sent. Move one of them.",
            )  # fmt: skip


def _apart(due: Sequence[Due], anchor: str, day_zero: date) -> Iterator[Finding]:
    begin, end = (due_date(day_zero, offset) for offset in ROOM[anchor])
    for one, other in pairwise(item for item in due if begin <= item.day <= end):
        if (other.day - one.day).days < APART:
            yield _fault(
                other, "appointments",
                f'comes {(other.day - one.day).days} days after "{one.step.key}" when day 0 is {day_zero:%Y-%m-%d}, '
                f"and a visit's reminder could find no room. Leave {APART} days.",
            )  # fmt: skip


def _gaps(due: Sequence[Due], anchor: str, day_zero: date) -> Iterator[Finding]:
    bands = [(due_date(day_zero, offset), limit) for offset, limit in GAPS[anchor]]
    begin, end = bands[0][0], bands[-1][0]
    inside = [item for item in due if begin <= item.day <= end]
    days = [begin, *(item.day for item in inside), end]
    for number, (day, following) in enumerate(pairwise(days)):
        limit = next(most for since, most in reversed(bands[:-1]) if day >= since)
        silent = (following - day).days
        if silent > limit:
            file, step = (inside[number - 1].campaign.code, inside[number - 1].step.key) if number else (anchor, "")
            yield Finding(
                file, step, "gap",
                f"Nothing comes for {silent} days after day {(day - day_zero).days} when day 0 is {day_zero:%Y-%m-%d}, "
                f"and {limit} is the limit there. Add a step.",
            )  # fmt: skip


def _crowded(library: Sequence[CampaignFile], anchor: str, day_zero: date) -> Iterator[Finding]:
    """With the limits a day and a week every step by age or gestation still goes before its window closes, whatever
    the station's days and the days of the year take. Registered on day 0, so the welcome goes first."""
    waiting = sorted(_windows(library, anchor, day_zero), key=lambda item: item[0].day)
    sent: list[date] = []
    today = day_zero
    while waiting:
        today = max(today, waiting[0][0].day)
        ready = [item for item in waiting if item[0].day <= today]
        closed = [item for item in ready if item[1] < today]
        for due, last_day in closed:
            if at_term(due.campaign.anchor) == anchor:
                yield _fault(
                    due, "crowded-out",
                    f"finds no room until {last_day:%Y-%m-%d} when day 0 is {day_zero:%Y-%m-%d} and sessions are on "
                    f"the {SESSION_DAY}th. Open it longer, or move what goes before it.",
                )  # fmt: skip
        open_now = [item for item in ready if item[1] >= today]
        gone = []
        if open_now and has_room(today, sent):
            gone = [min(open_now, key=_turn)]
            sent.append(today)
        waiting = [item for item in waiting if item not in closed and item not in gone]
        today += timedelta(days=1)


def _turn(item: tuple[Due, date]) -> tuple[object, ...]:
    """Who goes first of those for whom there is not room (schedule.room)."""
    due, last_day = item
    return due.campaign.priority, not due.step.goes_first, last_day, due.day


def _windows(library: Iterable[CampaignFile], anchor: str, day_zero: date) -> Iterator[tuple[Due, date]]:
    months = range(day_zero.year * 12 + day_zero.month - 1, (day_zero + LIFE).year * 12)
    days = [date(month // 12, month % 12 + 1, SESSION_DAY) for month in months]
    for campaign in library:
        if campaign.anchor not in FOLLOWED[anchor]:
            continue
        steps = {step.key: step for step in campaign.steps if step.role == MOTHER and not step.condition}
        sessions = {step.service: days for step in steps.values() if step.service}
        timings = [timing_of(step) for step in steps.values()]
        for placed in place(timings, day_zero, day_zero, day_zero + LIFE, sessions=sessions):
            if placed.fate == Fate.DUE:
                yield Due(placed.due_on, campaign, steps[placed.key]), placed.last_day


def _fault(due: Due, rule: str, sentence: str) -> Finding:
    return Finding(due.campaign.code, due.step.key, rule, f"The step {sentence}")
