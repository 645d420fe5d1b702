"""The world of a run: its days and places, how often things happen, and what one happening is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

WAIT_FOR_TEXT = timedelta(days=10)
"""How long a happening that lies in wait for a text on its way waits at most."""


@dataclass(frozen=True)
class Shares:
    """How often things happen, as shares of the people concerned over the whole run, however long it is.

    Invented: STRESS makes even a small run meet everything, ORDINARY looks like a province.
    """

    loss: float
    undone: float  # of losses and deaths of a child: recorded by mistake, taken back within the day
    child_death: float
    birth_undone: float  # of births: recorded for the wrong woman, taken back within the day; hers comes later
    birth_corrected: float  # of births: the day was wrong
    maternal_death: float
    stop_by_text: float
    stop_by_staff: float
    asked_again: float  # of those who stopped by text: agree again at the station, the number stays closed
    relative_on_closed_number: float  # of those who stopped by text: a relative registers with the same number
    redated: float
    new_number: float
    moved: float
    caregiver: float  # a husband
    grandmother: float  # of those with a child: the main recipient, while the mother works away
    planned_visit: float
    not_coming: float  # of planned visits: missed or canceled
    other_day: float  # of planned visits: another day is agreed before
    put_back: float  # of those: the first day is agreed again
    other_system: float  # of phones: a hospital's system sends some texts through the gateway within two days
    no_phone: float
    no_consent: float
    cannot_read: float
    shifts: float  # of workers in industry: a time of day by week
    new_language: float
    shared_phone: float
    paused: float  # pauses for each person, at least one
    emergency: float  # chance of one emergency broadcast in the run
    operator_down: float  # chance of one operator at which nothing arrives for days, where it is large enough
    in_wait: float  # of losses and stops: happen just while a text to her is on its way


STRESS: Final = Shares(
    loss=0.08, undone=0.2, birth_undone=0.08, birth_corrected=0.08, child_death=0.03, maternal_death=0.02,
    stop_by_text=0.07, stop_by_staff=0.04, asked_again=0.4, relative_on_closed_number=0.3, redated=0.12,
    new_number=0.07, moved=0.05, caregiver=0.12, grandmother=0.1, planned_visit=0.3, not_coming=0.4, other_day=0.25,
    put_back=0.3, other_system=0.15, no_phone=0.05, no_consent=0.05, cannot_read=0.03, shifts=0.3, new_language=0.02,
    shared_phone=0.15, paused=0.05, emergency=1.0, operator_down=1.0, in_wait=0.5,
)  # fmt: skip
ORDINARY: Final = Shares(
    loss=0.015, undone=0.03, birth_undone=0.004, birth_corrected=0.02, child_death=0.002, maternal_death=0.0,
    stop_by_text=0.012, stop_by_staff=0.008, asked_again=0.1, relative_on_closed_number=0.05, redated=0.06,
    new_number=0.03, moved=0.015, caregiver=0.1, grandmother=0.06, planned_visit=0.35, not_coming=0.2, other_day=0.1,
    put_back=0.05, other_system=0.02, no_phone=0.04, no_consent=0.06, cannot_read=0.015, shifts=0.2,
    new_language=0.005, shared_phone=0.15, paused=0.0003, emergency=0.0, operator_down=0.0, in_wait=0.1,
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Happening:
    """One thing that happens to one person, when it becomes known, or that an office does."""

    at: datetime  # aware, local
    number: int
    """Of the person. An office has a negative one: -1 - the place of its commune in the world."""
    kind: str = field(compare=False)
    facts: dict[str, Any] = field(compare=False, default_factory=dict)
    in_wait: bool = field(compare=False, default=False)
    """From `at` on it waits, at most WAIT_FOR_TEXT, until a text to her is on its way."""


@dataclass(frozen=True)
class World:
    """The run: its days, its places (`communes` counts them; each has a people of its own), its zone."""

    seed: int
    people: int
    start: date
    days: int
    communes: tuple[str, ...]
    """For each commune: "kinh", "khmer" or "highland", how many of whom live there being a matter of chance."""
    zone: ZoneInfo
    shares: Shares

    @property
    def end(self) -> date:
        """The first day after the run."""
        return self.start + timedelta(days=self.days)

    def day(self, offset: int) -> date:
        """The day so many days after the first."""
        return self.start + timedelta(days=offset)

    def at(self, day: date, moment: time) -> datetime:
        """A local time of a day."""
        return datetime.combine(day, moment, self.zone)


def some_time(world: World, draw: Random, after: datetime) -> datetime:
    """Some time between the day after `after` and the end of the run."""
    left = max(1, (world.end - after.date()).days - 1)
    return world.at(after.date() + timedelta(days=1 + draw.randrange(left)), hour(draw))


def hour(draw: Random) -> time:
    """Mostly in office hours; a few in the evening, when a station worker copies her paper register."""
    hour = draw.randint(7, 17) if draw.random() < 0.85 else draw.randint(18, 22)
    return time(hour, draw.randrange(60), draw.randrange(60))
