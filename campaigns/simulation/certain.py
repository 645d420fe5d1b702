"""What a run does not leave to chance: a stop, a loss, a pause, a killed worker and an outage that meet a text on its
way."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.models import ScheduledMessage
from campaigns.simulation.life import Lives
from campaigns.simulation.staff import Staff
from campaigns.simulation.world import Happening
from messaging.statuses import Status
from recipients.models import Pregnancy

STOP, LOSS, PAUSE, KILLED, OUTAGE = "stop", "loss", "pause", "killed", "outage"
KINDS: Final = (STOP, LOSS, PAUSE, KILLED, OUTAGE)
"""Each is what one guard is for: the opt-out, the check after a loss, the pause, the one call per text, the sending
hours."""
PAUSED_FOR: Final = timedelta(days=2)
MOST: Final = 3
"""Times of each kind: one may come to nothing, as when the number that was hit does not exist."""
PEOPLE_FOR_ONE: Final = 15
EVENING: Final = time(18)
OUTAGE_ENDS: Final = time(20, 45)
"""From the evening's release until the sending hours are over."""
STILLBIRTH_FROM: Final = timedelta(weeks=22)


def times(people: int) -> int:
    """How often each kind happens among so many people: three times from 45 people on, not at all below 15."""
    return min(MOST, people // PEOPLE_FOR_ONE)


class Certain:
    """Each kind `times` times, one a pass, as soon as a text on its way makes it possible."""

    def __init__(self, times: int, zone: ZoneInfo) -> None:
        self.owed = list(KINDS) * times
        self._zone = zone
        self._down_until: datetime | None = None
        self._paused: dict[int, datetime] = {}

    def strike(self, lives: Lives, staff: Staff, now: datetime) -> str:
        """Lets the first of what is owed and possible happen, and says which kind it was ("" for none).

        After the release and before the dispatch. A killed worker is only announced: the dispatch is to die at the
        first text that the operator accepts.
        """
        for person in [person for person, until in self._paused.items() if until <= now]:
            del self._paused[person]
            staff.resume(f"certain:{person}", now)
        if not self.owed or self.is_down(now):
            return ""
        rows = {known.person: number for number, known in lives.known.items()}
        queued = ScheduledMessage.objects.filter(person__in=list(rows), sms__status=Status.QUEUED).order_by("pk")
        for kind in dict.fromkeys(self.owed):
            if self._happens(kind, queued, rows, lives, staff, now):
                self.owed.remove(kind)
                return kind
        return ""

    def is_down(self, now: datetime) -> bool:
        """Whether no worker sends at `now`."""
        return self._down_until is not None and now < self._down_until

    def _happens(
        self,
        kind: str,
        queued: QuerySet[ScheduledMessage],
        rows: dict[int, int],
        lives: Lives,
        staff: Staff,
        now: datetime,
    ) -> bool:
        here = now.astimezone(self._zone)
        if kind == OUTAGE:
            # A text on its last day would end with the evening.
            if here.time() < EVENING or not queued.filter(last_day__gt=here.date()).exists():
                return False
            self._down_until = datetime.combine(here.date(), OUTAGE_ENDS, self._zone)
            return here < self._down_until
        if kind == LOSS:
            queued = queued.filter(enrollment__pregnancy__outcome="")
        if kind == PAUSE:
            queued = queued.exclude(person__in=self._paused)
        hit = queued.select_related("enrollment__pregnancy", "person").first()
        if hit is None:
            return False
        number = rows[hit.person_id]
        if kind == STOP:
            lives.act(Happening(here, number, "stop_by_text", {"words": "TC"}), now)
        elif kind == LOSS:
            lives.act(Happening(here, number, "loss", _loss(hit.enrollment.pregnancy, here)), now)
        elif kind == PAUSE:
            staff.pause(f"certain:{hit.person_id}", now, person=hit.person, topic=hit.topic)
            self._paused[hit.person_id] = now + PAUSED_FOR
        return True


def _loss(pregnancy: Pregnancy | None, here: datetime) -> dict[str, object]:
    assert pregnancy is not None, "the query asks for one"
    late = here.date() - pregnancy.anchor_date >= STILLBIRTH_FROM
    return {"kind": "stillbirth" if late else "miscarriage", "on": here.date()}
