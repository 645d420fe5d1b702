"""To whom a step applies beyond its role: one rule for many in the database and for one in hand."""

from django.db.models import Q

from campaigns.models import Campaign, Enrollment, Step
from recipients.gestation import PRETERM_DAYS

CONDITIONS = {
    "": Q(),
    "low_birth_weight": Q(child__birth_weight__lt=2500) | Q(child__gestation_at_birth__lt=PRETERM_DAYS),
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
    if step.role != enrollment.role:
        return False
    if enrollment.visit is not None and step.visit_type and enrollment.visit.type != step.visit_type:
        return False
    if step.condition == "low_birth_weight":
        child = enrollment.child
        return child is not None and (
            (child.birth_weight is not None and child.birth_weight < 2500)
            or (child.gestation_at_birth is not None and child.gestation_at_birth < PRETERM_DAYS)
        )
    return True
