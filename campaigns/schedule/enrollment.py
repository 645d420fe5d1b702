"""Who follows which campaign, derived from the facts in a few set-based statements."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.fields import BooleanField, DateField, DateTimeField

from campaigns.models import Campaign, Enrollment, Revision, ScheduledMessage, Step
from campaigns.schedule.endings import ENDINGS, LAST_MONTH, anchor_in_facts, ended
from campaigns.schedule.insert_select import Column, insert_select
from campaigns.schedule.sendtime import local_day
from recipients.gestation import MAX_GESTATION_DAYS, add_months
from recipients.models import Caregiver, Child, Pregnancy


@dataclass(frozen=True)
class Counts:
    enrolled: int = 0
    ended: int = 0
    resumed: int = 0
    moved: int = 0


def derive(now: datetime) -> Counts:
    """Brings every enrollment in line with the facts.

    - A mother follows each live campaign of gestation while she is pregnant, and each live campaign of birth for
      each living child until the fifth birthday. A caregiver follows those that have a step for that role.
    - Consent and number play no part here: they are asked when a message is due (`no_consent`, `no_phone`).
    - An outcome, a death or the end of care ends the enrollment with its reason; when the fact is taken back, it
      goes on.
    - A corrected date moves `anchor_date`; the planner sees that it differs from `planned_anchor`.

    Safe at any time, from any number of workers: unique constraints decide who was first.
    """
    today = local_day(now, settings.ZONE)
    with transaction.atomic():
        enrolled = sum(_enroll(campaign, roles, today, now) for campaign, roles in _live_campaigns())
    ended_count, resumed = _end_and_resume(today)
    return Counts(enrolled=enrolled, ended=ended_count, resumed=resumed, moved=_move_anchors())


def _live_campaigns() -> list[tuple[Campaign, set[str]]]:
    steps = Step.objects.filter(revision__state=Revision.State.LIVE).values_list("revision__campaign", "role")
    roles: dict[int, set[str]] = {}
    for campaign_id, role in steps.distinct():
        roles.setdefault(campaign_id, set()).add(role)
    return [(campaign, roles[campaign.pk]) for campaign in Campaign.objects.filter(pk__in=roles).order_by("pk")]


def _enroll(campaign: Campaign, roles: set[str], today: date, now: datetime) -> int:
    subjects: QuerySet[Pregnancy] | QuerySet[Child]
    if campaign.anchor == Campaign.Anchor.GESTATION:
        kind, anchor = "pregnancy", "anchor_date"
        subjects = Pregnancy.objects.filter(
            outcome="", anchor_date__gt=date.fromordinal(today.toordinal() - MAX_GESTATION_DAYS)
        )
    else:
        kind, anchor = "child", "date_of_birth"
        subjects = Child.objects.filter(died_on=None, date_of_birth__gt=add_months(today, -LAST_MONTH))
    subjects = subjects.filter(mother__died_on=None)
    count = _insert(campaign, Step.Role.MOTHER, kind, subjects, "mother_id", "pk", anchor, now)
    for role in sorted(roles - {Step.Role.MOTHER}):
        carers = Caregiver.objects.filter(
            role=role, ended_on=None, person__died_on=None, **{f"{kind}__in": subjects.values("pk")}
        )
        count += _insert(campaign, role, kind, carers, "person_id", f"{kind}_id", f"{kind}__{anchor}", now)
    return count


def _insert(
    campaign: Campaign, role: str, kind: str, source: QuerySet, person: str, subject: str, anchor: str, now: datetime
) -> int:
    known = Enrollment.objects.filter(campaign=campaign, person=OuterRef(person), **{f"{kind}_id": OuterRef(subject)})
    other = "child_id" if kind == "pregnancy" else "pregnancy_id"
    columns: dict[str, Column] = {
        "person": F(person),
        "campaign": Value(campaign.pk, IntegerField()),
        "role": Value(role, CharField()),
        kind: F(subject),
        other.removesuffix("_id"): Value(None, IntegerField()),
        "anchor_date": ExpressionWrapper(F(anchor), output_field=DateField()),
        "active": Value(True, BooleanField()),
        "ended_reason": Value("", CharField()),
        "enrolled_at": Value(now, DateTimeField()),
    }
    return insert_select(Enrollment, source.filter(~Exists(known)).order_by("pk"), columns, "ON CONFLICT DO NOTHING")


def _end_and_resume(today: date) -> tuple[int, int]:
    changed: dict[str, list[int]] = {}
    differing = Enrollment.objects.annotate(ends=ended(today)).exclude(ends=F("ended_reason"))
    for pk, reason in differing.order_by("pk").values_list("pk", "ends"):
        changed.setdefault(reason, []).append(pk)
    ended_count = resumed = 0
    for reason, keys in sorted(changed.items()):
        for first in range(0, len(keys), 500):
            count = Enrollment.objects.filter(pk__in=keys[first : first + 500]).update(
                active=reason == "", ended_reason=reason
            )
            if reason:
                ended_count += count
            else:
                resumed += count
                _wait_again(keys[first : first + 500], today)
    return ended_count, resumed


def _wait_again(enrollments: list[int], today: date) -> None:
    """What ended with these enrollments and is still open waits again, and what was missed meanwhile is planned."""
    ledger = ScheduledMessage.objects.filter(enrollment__in=enrollments, state=ScheduledMessage.State.SKIPPED)
    ledger.filter(reason__in=ENDINGS, last_day__gte=today).update(
        state=ScheduledMessage.State.WAITING,
        reason="",
        not_before=None,
        sms=None,
        release_number=F("release_number") + 1,
    )
    Enrollment.objects.filter(pk__in=enrollments).update(planned_anchor=None)


def _move_anchors() -> int:
    moved: dict[date, list[int]] = {}
    differing = Enrollment.objects.filter(active=True).annotate(fact=anchor_in_facts()).exclude(fact=F("anchor_date"))
    for pk, fact in differing.order_by("pk").values_list("pk", "fact"):
        moved.setdefault(fact, []).append(pk)
    return sum(
        Enrollment.objects.filter(pk__in=keys).filter(~Q(anchor_date=fact)).update(anchor_date=fact)
        for fact, keys in sorted(moved.items())
    )
