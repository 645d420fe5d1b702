"""What has gone to people and numbers of late, and whether one more text finds room (the rules are in caps)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from campaigns.models import Campaign, Reason, ScheduledMessage, Step
from campaigns.schedule.caps import WITHIN, has_room, next_day_with_room, number_free_at
from campaigns.schedule.facts import STAFF, Facts, live_step
from campaigns.schedule.gates import Verdict, opening_after, within
from campaigns.schedule.live import LiveCampaign
from campaigns.schedule.sendtime import at, local_day
from messaging import optouts
from messaging.models import MessageClass, OutboundMessage
from messaging.models.texts import words_of
from messaging.statuses import Status

CLASSES = [MessageClass.EMERGENCY, MessageClass.SERVICE, MessageClass.SOCIAL, MessageClass.PROMOTIONAL]
"""Which goes first where there is not room for all; within a class the campaign's priority decides."""
NEVER_LEFT = (Status.CANCELED, Status.FAILED)


Rank = tuple[int, int, bool]


def rank(campaign: Campaign, step: Step | None) -> Rank:
    """Class, then the campaign's priority, then what goes first in it; the smallest goes first. `step` is that of the
    live revision, if it still has it."""
    waits_its_turn = step is None or not step.goes_first
    return CLASSES.index(MessageClass(campaign.message_class)), campaign.priority, waits_its_turn


def rank_of(row: ScheduledMessage, live: dict[int, LiveCampaign]) -> Rank:
    """The rank of a loaded row, whichever revision it was planned with."""
    return rank(row.campaign, live_step(row, live))


def turn(ranked: Rank, last_day: date, due_at: datetime, pk: int) -> tuple[object, ...]:
    """Which due message goes first where there is not room for all: the smallest."""
    return *ranked, last_day, due_at, pk


@dataclass
class Room:
    """Texts of the last seven local days by person, of the last 24 hours by number, and today's words by number."""

    now: datetime
    today: date
    sent_on: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    sent_at: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    said_today: dict[tuple[str, str], UUID] = field(default_factory=dict)
    """The text that took these words to a number today."""
    counted: set[tuple[int, object]] = field(default_factory=set)
    """Whose room which text has taken: one that carries several rows counts once for each person."""
    later: dict[int, list[tuple[Rank, date]]] = field(default_factory=lambda: defaultdict(list))
    """By person the rank and the last day of what falls due later today."""

    @classmethod
    def of(cls, rows: Iterable[ScheduledMessage], facts: Facts, now: datetime, waiting_counts: bool) -> Room:
        """What has gone to those who receive `rows`. A text that still waits in the gateway counts as going now
        (`waiting_counts`), or not at all: dispatch asks about each when it really goes."""
        room = cls(now, local_day(now, settings.ZONE))
        room._by_person(list(rows), facts, waiting_counts)
        room._by_number({facts.to[row.pk].phone or "" for row in rows} - {""}, waiting_counts)
        return room

    def keep_for_later(self, rows: Iterable[ScheduledMessage], live: dict[int, LiveCampaign]) -> None:
        """Reads what falls due later today for the people of the rows."""
        end = at(self.today + timedelta(days=1), time.min, settings.ZONE)
        coming = ScheduledMessage.objects.filter(
            person__in={row.person_id for row in rows}, state=ScheduledMessage.State.WAITING, reason="",
            due_at__gt=self.now, due_at__lt=end,
        )  # fmt: skip
        for person, last_day, pk, key in coming.values_list("person", "last_day", "campaign", "step_key"):
            if pk in live:
                self.later[person].append((rank(live[pk].campaign, live[pk].steps.get(key)), last_day))

    def kept(self, row: ScheduledMessage, facts: Facts, live: dict[int, LiveCampaign]) -> Verdict | None:
        """Today's room is kept for a text that goes before this one and cannot wait as long."""
        mine = rank_of(row, live)
        if mine[0] == 0 or row.enrollment.role in STAFF or row.last_day <= self.today:
            return None
        for other, last_day in self.later[row.person_id]:
            if other[0] > 0 and other < mine and last_day < row.last_day:
                again = opening_after(self.today, row.campaign, facts)
                return Verdict(Reason.FREQUENCY_CAP, False, within(row.last_day, again))
        return None

    def take(self, row: ScheduledMessage, facts: Facts) -> Verdict | None:
        """Takes the room for one text, or says why there is none and when to ask again. An emergency needs none, but
        it counts for the number."""
        person = facts.to[row.pk]
        sent_on, sent_at = self.sent_on[person.pk], self.sent_at[person.phone or ""]
        if row.campaign.message_class == MessageClass.EMERGENCY:
            sent_at.append(self.now)
            return None
        if row.enrollment.role not in STAFF and (full := self.full_for(person.pk, row.campaign, row.last_day, facts)):
            return full
        free_at = number_free_at(self.now, sent_at)
        if free_at > self.now:
            return Verdict(Reason.NUMBER_CAP, False, within(row.last_day, free_at))
        sent_on.append(self.today)
        sent_at.append(self.now)
        self.counted.add((person.pk, row.pk))
        return None

    def full_for(self, person: int, campaign: Campaign, last_day: date, facts: Facts) -> Verdict | None:
        """Until when a person has had enough routine texts, or the window is over; None when there is room for one
        today."""
        sent_on = self.sent_on[person]
        if has_room(self.today, sent_on):
            return None
        day = next_day_with_room(self.today, sent_on)
        again = opening_after(day - timedelta(days=1), campaign, facts)
        return Verdict(Reason.FREQUENCY_CAP, False, within(last_day, again))

    def count_others(self, keys: Collection[str]) -> None:
        """What goes to our numbers in the same breath and is not ours: answers, texts of other systems."""
        going = OutboundMessage.objects.filter(key__in=keys).exclude(key__startswith=optouts.CONFIRMATION)
        for to in going.values_list("to", flat=True) if keys else ():
            self.sent_at[to].append(self.now)

    def carry(self, row: ScheduledMessage, facts: Facts, by: object) -> None:
        """The row's words reach its person with another's text, which takes room of hers too, unless an emergency."""
        owner = facts.to[row.pk].pk
        if row.campaign.message_class != MessageClass.EMERGENCY and (owner, by) not in self.counted:
            self.counted.add((owner, by))
            self.sent_on[owner].append(self.today)

    def _by_person(self, rows: list[ScheduledMessage], facts: Facts, waiting_counts: bool) -> None:
        """A text counts for whoever read it, also when another receives for the child since."""
        people = {facts.to[row.pk].pk for row in rows}
        since = self.now - timedelta(days=8)
        window = local_day(since, settings.ZONE) - timedelta(days=1)  # no text leaves after its last day
        gone = ScheduledMessage.objects.filter(
            Q(sms__status=Status.QUEUED) | Q(sms__sending_at__gte=since),
            Q(reader=None, person__in=people) | Q(reader__in=people),
            last_day__gte=window,
            state=ScheduledMessage.State.RELEASED,
        ).exclude(sms__message_class=MessageClass.EMERGENCY)
        told = gone.values_list("person", "reader", "sms", "sms__status", "sms__sending_at")
        for person, reader, sms, status, sending_at in told:
            moment, owner = self._moment(status, sending_at, waiting_counts), reader or person
            if moment is not None and (owner, sms) not in self.counted:
                self.counted.add((owner, sms))
                self.sent_on[owner].append(local_day(moment, settings.ZONE))

    def _by_number(self, numbers: set[str], waiting_counts: bool) -> None:
        """The words of a text that still waits are taken to a number only by one of ours: what another system sends
        may be canceled, and no loss stops it."""
        soon = Q(status=Status.QUEUED, send_after__lte=self.now + WITHIN)
        gone = OutboundMessage.objects.filter(soon | Q(sending_at__gte=self.now - WITHIN), to__in=numbers)
        told = gone.exclude(key__startswith=optouts.CONFIRMATION).order_by("pk")
        ours = Exists(ScheduledMessage.objects.filter(sms=OuterRef("pk")))
        for pk, to, body, tail, status, send_after, sending_at, carries in told.values_list(
            "pk", "to", "body", "tail", "status", "send_after", "sending_at", ours
        ):
            moment = self._moment(status, sending_at, waiting_counts)
            if moment is None:
                continue
            waits = status == Status.QUEUED
            self.sent_at[to].append(max(moment, send_after) if waits else moment)
            if local_day(self.sent_at[to][-1], settings.ZONE) == self.today and (carries or not waits):
                self.said_today.setdefault((to, words_of(body, tail)), pk)

    def _moment(self, status: str, sending_at: datetime | None, waiting_counts: bool) -> datetime | None:
        """When a text left; now for one that waits in the gateway; None for one that never did."""
        if status == Status.QUEUED:
            return self.now if waiting_counts else None
        return None if status in NEVER_LEFT else sending_at
