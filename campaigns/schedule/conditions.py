"""To whom a step applies beyond its role: one rule for many in the database and for one in hand."""

from django.db.models import Q

from campaigns.models import Campaign, Enrollment, Step
from recipients.gestation import PRETERM_DAYS

LIGHT = 2500
"""Grams: a low birth weight is one below."""
CONDITIONS = {
    "": Q(),
    "low_birth_weight": Q(child__birth_weight__lt=LIGHT) | Q(child__gestation_at_birth__lt=PRETERM_DAYS),
}
"""Conditions on the facts of the subject by name; the linter refuses any other. Pre-term or under 2,500 g:
kangaroo care (SEED-VL III.6)."""


def followers(step: Step, campaign: Campaign) -> Q:
    """The enrollments of a campaign that a step is for."""
    wanted = CONDITIONS[step.condition] & Q(campaign=campaign, active=True, role=step.role)
    if campaign.anchor == Campaign.Anchor.VISIT and step.visit_type:
        wanted &= Q(visit__type=step.visit_type)
    return wanted


def applies(step: Step, enrollment: Enrollment) -> bool:
    """The same for one active enrollment of the campaign."""
    visit, child = enrollment.visit, enrollment.child
    light = child is not None and is_light(child.birth_weight, child.gestation_at_birth)
    return meant(step, enrollment.role, None if visit is None else visit.type, light)


def meant(step: Step, role: str, visit_type: str | None, light: bool) -> bool:
    """The same for somebody who follows in a role, because of a visit of a type or a child born light."""
    if step.role != role or (visit_type is not None and step.visit_type not in ("", visit_type)):
        return False
    return light or step.condition != "low_birth_weight"


def is_light(weight: int | None, days: int | None) -> bool:
    """By the weight at birth (g) or the gestation (days), where they are known."""
    return (weight is not None and weight < LIGHT) or (days is not None and days < PRETERM_DAYS)
