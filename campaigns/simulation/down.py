"""One operator down for days: what it takes is reported as for numbers that nobody has (issue 3, case 18)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from campaigns.simulation import names
from campaigns.simulation.world import World
from messaging import outages
from messaging.incoming import receipts
from messaging.models import Route

ERROR: Final = "dead_number"
"""The worst that can be said of a number that works: on three days it is dead."""
FEWEST_PEOPLE: Final = 600
"""With fewer people fewer than outages.TRIED texts a day may go to the operator, which tell nothing about it."""
FEWEST_DAYS: Final = 30
LOOK: Final = timedelta(hours=1)
"""After the texts of a pass: most of their reports are there, and the shorter window of outages is as long."""


class Down:
    """Nothing arrives at `operator` between two moments. To be told of every pass, before anything else."""

    def __init__(self, route: Route, operator: str, since: datetime, until: datetime) -> None:
        self.operator, self.since, self.until = operator, since, until
        self._route = route
        self._last: datetime | None = None
        """The last pass, while it is down."""

    def passes(self, now: datetime) -> Counter[str]:
        """Begins or ends by `now`. What the watch over operators found an hour after the last pass, where that lies
        before `now`: it looks every few minutes in reality, and passes here lie hours apart."""
        found: Counter[str] = Counter()
        if self._last is not None and self._last + LOOK < now:
            receipts.fold(self._last + LOOK)
            found.update({f"down:{what}": n for what, n in outages.watch_operators(self._last + LOOK).items()})
        is_down = self.since <= now < self.until
        if is_down != (self._last is not None):
            self._route.settings = {
                **self._route.settings,
                "nothing_arrives": {self.operator: ERROR} if is_down else {},
            }
            self._route.save(update_fields=["settings"])
        self._last = now if is_down else None
        return found


def planned(world: World, route: Route) -> Down | None:
    """In the second half of the run, for five to nine days, at the operator that has the most numbers. None where
    chance does not want it, or people or days are too few for anybody to notice."""
    draw = Random(f"{world.seed}:down")
    if draw.random() >= world.shares.operator_down or world.people < FEWEST_PEOPLE or world.days < FEWEST_DAYS:
        return None
    since = world.at(world.day(world.days // 2 + draw.randrange(world.days // 6)), time(5))
    return Down(route, largest(world, route), since, since + timedelta(days=draw.randint(5, 9)))


def largest(world: World, route: Route) -> str:
    """The operator that has the most numbers of the province."""
    holders = route.settings["operators"]
    numbers = ("+84" + names.number(index, world.seed)[1:] for index in range(100))
    found = Counter(holders[number[:5]] for number in numbers if number[:5] in holders)
    return found.most_common(1)[0][0]
