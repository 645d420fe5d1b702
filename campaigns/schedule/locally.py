"""What the parameters of a place change about the steps of a child: other ages, or no reminder of a session there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from campaigns.local import rules
from campaigns.local.rules import NOTHING, Rules, is_round
from campaigns.schedule.timeline import Timing, occasion_in, window
from recipients.models import Child, Facility

S = TypeVar("S")


@dataclass(frozen=True)
class Local:
    """The rules, and by child the path of the unit where the mother lives and of the unit whose station serves her."""

    rules: Rules = NOTHING
    homes: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def timing(self, step: Timing, child: int | None, day: date) -> Timing | None:
        """The step as it is for a child on a local day, a round as it is on its own day, of which it speaks; None where
        it is not for this place."""
        if child is None or child not in self.homes:
            return step
        home, station = self.homes[child]
        if step.service:
            return step if self.rules.reminds(step, station, day) else None
        return self.rules.of_age(step, home, _round_at(step, day)) if is_round(step) else step

    def steps(self, steps: dict[str, tuple[S, Timing]], child: int | None, day: date) -> dict[str, tuple[S, Timing]]:
        """All of them; the same object where nothing differs here."""
        if child not in self.homes:
            return steps
        here = {key: (step, self.timing(at, child, day)) for key, (step, at) in steps.items()}
        return {key: (step, at) for key, (step, at) in here.items() if at is not None}


def _round_at(step: Timing, day: date) -> date:
    """The day of the first round whose window is not over on a local day."""
    rounds = (occasion_in(year, step.month_day) for year in range(day.year - 1, day.year + 3))
    return next(each for each in rounds if window(step, each)[1] >= day)


def local(children: Collection[int]) -> Local:
    """For some children, in one query where no rule is set and in two where one is."""
    found = rules.load() if children else NOTHING
    if not found:
        return Local()
    hers = Child.objects.filter(pk__in=children).values_list(
        "pk", "mother__unit__path", "mother__facility__kind", "mother__facility__unit__path"
    )
    homes = {
        child: (home, station if kind == Facility.Kind.STATION and station else home)
        for child, home, kind, station in hers
    }
    return Local(found, homes)
