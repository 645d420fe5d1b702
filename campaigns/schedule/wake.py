"""Lets rows that sleep be asked again as soon as what held them has changed; set-based, a few statements a pass."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from campaigns.models import Campaign, Enrollment, Pause, Reason, Revision, ScheduledMessage, Step, Woken
from campaigns.schedule import pauses
from campaigns.schedule.changes import SLIPPED
from campaigns.schedule.facts import addressee
from campaigns.schedule.live import LiveCampaign
from campaigns.schedule.mothers import MOTHERS, home
from campaigns.schedule.sendtime import local_day
from messaging import optouts
from messaging.batches import batched
from messaging.models import OptOut, OutboundMessage
from messaging.statuses import Status
from recipients.consent import consented
from recipients.models import Caregiver, ChangeEvent, Consent, Person

BY_PERSON = [
    Reason.NOT_AGREED, Reason.UNCONFIRMED, Reason.TOPIC_EXCLUDED, Reason.CANNOT_READ, Reason.MOTHERS_OWN, Reason.PAUSED,
    Reason.HOLD, Reason.NO_CONSENT, Reason.NO_PHONE, Reason.DEAD_NUMBER, Reason.FREQUENCY_CAP, Reason.NUMBER_CAP,
]  # fmt: skip
"""What something recorded about a person may have removed; the caps by another reader or number."""
IN_HAND = timedelta(minutes=10)
"""How long a verb may take from its moment to its commit; a row that was decided in between has not seen it."""


def wake(live: dict[int, LiveCampaign], now: datetime) -> int:
    """Has what sleeps be asked again where what holds it may have gone; returns how many rows.

    - Whatever was recorded since the last look, about the person of a row, the mother whom it is about or who
      receives it in her place; a consent given and a number opened since.
    - Once a local day everything that sleeps is compared with the facts (`_loose`), so that what somebody changed
      behind the verbs' back starts a day later at most.
    - What another's equal text was to carry, which ended before it left (canceled, its own time over), waits again
      where its own window is still open.
    - The verb that ends a pause wakes what it held, and here what somebody had in his hands at that moment; a
      revision that has gone live wakes what its campaign or step held back. Derive and planner wake what was on hold.
    """
    today = local_day(now, settings.ZONE)
    # Read before any fact: what is written meanwhile comes next time.
    newest = Woken(on=today, at=now, event=_newest(ChangeEvent), consent=_newest(Consent))
    seen = Woken.objects.first()
    asleep = ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING, not_before__gt=now)
    keys = set()
    if seen is None or seen.on != today:
        keys = _opened(asleep) | _loose(asleep, live)
    elif _reopened_since(seen):
        keys = _opened(asleep)
    if seen is not None:
        _uncarried(seen, today)
        keys |= _set_going_since(asleep, live, seen)
        keys |= _told_of(asleep.filter(reason__in=BY_PERSON), _recorded_since(seen))
    woken = _wake(asleep, keys)
    if woken == len(keys):  # else somebody has some in his hands, and the next pass looks again
        earlier = Woken.objects.filter(event__lte=newest.event, consent__lte=newest.consent)
        if not earlier.update(on=newest.on, at=newest.at, event=newest.event, consent=newest.consent) and seen is None:
            Woken.objects.bulk_create([newest], ignore_conflicts=True)
    return woken


def _newest(model: type[ChangeEvent] | type[Consent]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _recorded_since(seen: Woken) -> dict[int, datetime]:
    """When something was last recorded about a person, an agreement included; what was recorded about whoever receives
    for a child is about the child's mother too."""
    told = ChangeEvent.objects.filter(_new(seen.event, seen)).values_list("person", "at")
    agreed = Consent.objects.filter(_new(seen.consent, seen), state=Consent.State.GIVEN)
    last: dict[int, datetime] = {}
    for person, at in [*told, *agreed.values_list("person", "at")]:
        last[person] = max(at, last.get(person, at))
    cares = Caregiver.objects.filter(person__in=last) if last else Caregiver.objects.none()
    for reader, *mothers in list(cares.values_list("person", "child__mother", "pregnancy__mother")):
        for mother in filter(None, mothers):
            last[mother] = max(last[reader], last.get(mother, last[reader]))
    return last


def _new(mark: int, seen: Woken) -> Q:
    """After the mark; or before it, but perhaps committed after it was read."""
    return Q(pk__gt=mark) | Q(pk__gt=mark - SLIPPED, at__gt=seen.at - IN_HAND)


def _told_of(asleep: QuerySet[ScheduledMessage], last: dict[int, datetime]) -> set[int]:
    """The rows of these people, and those about them, that were decided before the last was recorded."""
    if not last:
        return set()
    about = Enrollment.objects.order_by().values_list("pk", flat=True)
    first, *others = (about.filter(**{f"{mother.removeprefix('enrollment__')}__in": last}) for mother in MOTHERS)
    enrollments = list(first.union(*others))
    return {
        pk
        for rows in (asleep.filter(person__in=last), asleep.filter(enrollment__in=enrollments))
        for pk, decided_at, *people in rows.values_list("pk", "decided_at", "person", *MOTHERS)
        if any(each in last and (decided_at is None or last[each] > decided_at - IN_HAND) for each in people)
    }


def _reopened_since(seen: Woken) -> bool:
    return OptOut.objects.filter(ended_at__gt=seen.at - IN_HAND).exists()


def _opened(asleep: QuerySet[ScheduledMessage]) -> set[int]:
    """Rows of numbers that are open again. They are few: who stops has her consent asked again too, which is said
    first."""
    shut = Person.objects.filter(pk=OuterRef("to"), phone__in=optouts.closed_numbers())
    closed = asleep.filter(reason=Reason.OPTED_OUT).alias(to=addressee()).order_by()
    return set(closed.filter(~Exists(shut)).values_list("pk", flat=True))


def _loose(asleep: QuerySet[ScheduledMessage], live: dict[int, LiveCampaign]) -> set[int]:
    """All rows whose reason to sleep the facts no longer give."""
    asleep = asleep.alias(to=addressee()).order_by()
    phones = Person.objects.filter(pk=OuterRef("to"), phone__isnull=False)
    readers = Person.objects.filter(pk=OuterRef("to"), can_read=True)
    husbands = Caregiver.objects.filter(person=OuterRef("to"), ended_on=None, role=Caregiver.Role.HUSBAND)
    word = Exists(husbands.filter(agreed_by_mother=True)) | ~Exists(husbands.filter(agreed_by_mother=False))
    word |= Q(enrollment__child__mother__died_on__isnull=False)
    word |= Q(enrollment__visit__child__mother__died_on__isnull=False)
    found = (
        asleep.filter(Exists(phones), reason=Reason.NO_PHONE),
        asleep.filter(consented("to"), reason=Reason.NO_CONSENT),
        asleep.filter(Exists(readers), reason=Reason.CANNOT_READ),
        asleep.filter(word, reason=Reason.NOT_AGREED),
    )
    keys = {pk for rows in found for pk in rows.values_list("pk", flat=True)}
    return keys | _mothers_own_no_more(asleep, live) | _paused_no_more(asleep, live)


def _mothers_own_no_more(asleep: QuerySet[ScheduledMessage], live: dict[int, LiveCampaign]) -> set[int]:
    """She receives her texts herself again, or the live words are not hers alone."""
    own = asleep.filter(reason=Reason.MOTHERS_OWN).annotate(to=addressee())
    named = own.values_list("pk", "person", "to", "campaign", "step_key")
    return {
        pk
        for pk, person, to, campaign, key in named
        if person == to or (step := _step(live, campaign, key)) is None or step.without_mother
    }


def _paused_no_more(asleep: QuerySet[ScheduledMessage], live: dict[int, LiveCampaign]) -> set[int]:
    """No pause holds the row and its campaign is live, or the pause has words to send instead."""
    paused = asleep.filter(reason=Reason.PAUSED, campaign__in=live).annotate(to=addressee(), home=home())
    named = paused.values_list("pk", "campaign", "step_key", "topic", "home", "person", "to")
    held = pauses.Holding(pauses.active())
    by_hand = {pk: each.campaign.anchor == Campaign.Anchor.HAND for pk, each in live.items()}
    keys = set()
    for pk, campaign, step_key, topic, path, person, to in named:
        pause = held.of(pauses.Scopes(campaign, by_hand[campaign], step_key, topic, path), person, to)
        if pause is None or pause.substitute:
            keys.add(pk)
    return keys


def _set_going_since(asleep: QuerySet[ScheduledMessage], live: dict[int, LiveCampaign], seen: Woken) -> set[int]:
    """Rows of a pause that was ended, a campaign published anew or a step put back since the last look."""
    since = seen.at - IN_HAND
    begun = Revision.objects.filter(state=Revision.State.LIVE, live_at__gt=since).values("campaign")
    back = asleep.filter(campaign__in=begun, reason__in=[Reason.PAUSED, Reason.STEP_REMOVED])
    keys = set(back.values_list("pk", flat=True))
    if Pause.objects.filter(ended_at__gt=since).exists():
        keys |= _paused_no_more(asleep, live)
    return keys


def _uncarried(seen: Woken, today: date) -> None:
    ended = OutboundMessage.objects.filter(
        final_at__gt=seen.at - IN_HAND, sending_at=None, status__in=[Status.CANCELED, Status.EXPIRED]
    )
    carried = ScheduledMessage.objects.filter(
        sms__in=ended, state=ScheduledMessage.State.RELEASED, last_day__gte=today
    ).select_related("sms")
    with transaction.atomic():
        mine = carried.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
        alone = [row.pk for row in mine if row.sms is not None and row.sms.key != row.key]
        for some in batched(alone):
            ScheduledMessage.objects.filter(pk__in=some).update(
                state=ScheduledMessage.State.WAITING, reason=Reason.COVERED, not_before=None, sms=None,
                reader=None, release_number=F("release_number") + 1,
            )  # fmt: skip


def _step(live: dict[int, LiveCampaign], campaign: int, key: str) -> Step | None:
    return live[campaign].steps.get(key) if campaign in live else None


def _wake(asleep: QuerySet[ScheduledMessage], keys: Collection[int]) -> int:
    """In key order; a row that somebody decides at this moment is left to him."""
    woken = 0
    for some in batched(sorted(keys)):
        with transaction.atomic():
            mine = asleep.filter(pk__in=some).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
            rows = ScheduledMessage.objects.filter(pk__in=list(mine.values_list("pk", flat=True)))
            woken += rows.update(not_before=None)
    return woken
