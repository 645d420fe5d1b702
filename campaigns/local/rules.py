"""The parameters that decide what falls due, read once for a pass or a batch: the nearest unit upwards wins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q

from campaigns.local import kinds
from campaigns.models import Parameter
from campaigns.schedule.timeline import Offset, Timing
from recipients.models import Session

CLOSED, SERVICES, MONTHS, VITAMIN_A, IRON = "closed", "services", "immunisation_months", "vitamin_a_age", "iron_days"
NAMES = (CLOSED, SERVICES, MONTHS, VITAMIN_A, IRON)
VITAMIN_A_TOPIC, IRON_TOPIC = "vitamin-a", "iron"
"""Topics of the library."""


class Rule(NamedTuple):
    """One value: for the units whose path begins with `path`, from one day through another (None: no end)."""

    path: str
    value: str
    first: date
    last: date | None


class Area(NamedTuple):
    """Units below some paths and not below others."""

    inside: str
    outside: tuple[str, ...]

    def mothers(self, path: str) -> Q:
        """Of rows whose field `path` leads to a unit's path, those in the area."""
        wanted = Q(**{f"{path}__startswith": self.inside})
        for other in self.outside:
            wanted &= ~Q(**{f"{path}__startswith": other})
        return wanted


@dataclass(frozen=True)
class Rules:
    """The values by name, the deepest unit first."""

    values: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    def value(self, name: str, path: str, day: date) -> str:
        """What is in force at a unit on a local day; "" where nobody has set it."""
        return next((each.value for each in self._on(name, day) if path.startswith(each.path)), "")

    def takes_place(self, service: str, path: str, day: date) -> bool:
        """Whether a session on the list of a station at `path` takes place: the station is not closed on the day, and
        offers the service."""
        if self.value(CLOSED, path, day) == kinds.YES:
            return False
        offered = self.value(SERVICES, path, day)
        return not offered or service in kinds.services(offered)

    def reminds(self, step: Timing, path: str, day: date) -> bool:
        """Whether a step of a session is for the stations at `path`: of immunisation by the list of ages, of vitamin A
        where its children are among those who get it."""
        if step.service == Session.Service.IMMUNISATION:
            listed = self.value(MONTHS, path, day)
            return not listed or step.age_from.months in kinds.months(listed)
        if step.service == Session.Service.VITAMIN_A:
            ages = kinds.age_range(self.value(VITAMIN_A, path, day))
            return ages is None or ages[0] <= step.age_from.months < ages[1]
        return True

    def of_age(self, step: Timing, path: str, day: date) -> Timing:
        """A step of the year as it is at `path`: a round of vitamin A is for the ages that are set there."""
        return _aged(step, self.value(VITAMIN_A, path, day)) if is_round(step) else step

    def by_area(self, step: Timing, day: date) -> Iterator[tuple[Timing, Area | None]]:
        """The same for everybody at once: the step as it is in each part of the country; None is everywhere."""
        rules = self._on(VITAMIN_A, day) if is_round(step) else []
        if not any(each.path == "/" for each in rules):
            rules = [*rules, Rule("/", "", day, None)]
        for each in rules:
            deeper = tuple(other.path for other in rules if other is not each and other.path.startswith(each.path))
            yield _aged(step, each.value), Area(each.path, deeper) if len(rules) > 1 else None

    def iron_is_over(self, topic: str, born: date, path: str, day: date) -> bool:
        """Whether a text about iron comes too late after a birth."""
        days = self.value(IRON, path, day) if topic == IRON_TOPIC else ""
        return days.isdigit() and day > born + timedelta(days=int(days))

    def _on(self, name: str, day: date) -> list[Rule]:
        rules = self.values.get(name, ())
        return [each for each in rules if each.first <= day and (each.last is None or day <= each.last)]


NOTHING = Rules()


def load() -> Rules:
    """Every value that decides about the schedule, of any day, in one query."""
    rows = Parameter.objects.filter(name__in=NAMES).values_list("name", "unit__path", "value", "valid_from", "valid_to")
    values: dict[str, list[Rule]] = {}
    for name, path, value, first, last in rows:
        values.setdefault(name, []).append(Rule(path or "/", value, first, last))
    return Rules({name: tuple(sorted(some, key=lambda each: -len(each.path))) for name, some in values.items()})


def is_round(step: Timing) -> bool:
    """Whether a step is one of the rounds of vitamin A in the year."""
    return bool(step.month_day) and step.topic == VITAMIN_A_TOPIC


def _aged(step: Timing, value: str) -> Timing:
    ages = kinds.age_range(value)
    return step if ages is None else replace(step, age_from=Offset(ages[0]), age_until_months=ages[1])
