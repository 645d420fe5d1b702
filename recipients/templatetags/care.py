"""Filters for care: how a visit stands, who still cares, what to do about a task, whether a death may be undone."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from recipients.events import LOSSES, UNDO_DEATH_WITHIN, UNDO_LOSS_WITHIN
from recipients.models import Caregiver, ChangeEvent, Child, Person, Pregnancy, Task, Visit
from recipients.worklist import MISSED_AFTER

register = template.Library()

TASK_ADVICE: dict[str, Promise] = {
    Task.Kind.LOSS_TOLD: gettext_lazy(
        "Call her or visit her within 24 hours; her own words are in the inbox. Until the loss is recorded, or you say "
        "that it was a mistake, nothing routine is sent to her household."
    ),
    Task.Kind.CALL_BACK: gettext_lazy("She asked by SMS to be called. Call her within 24 hours."),
    Task.Kind.BIRTH_TOLD: gettext_lazy(
        "The birth is recorded as the SMS told it, with one child. Ask for name and weight and whether there are "
        "twins, and correct the day if it is wrong."
    ),
    Task.Kind.WRONG_NUMBER: gettext_lazy(
        "Whoever has the number wrote that it is the wrong one, so it was taken away. Ask for the right one and write "
        "it down."
    ),
    Task.Kind.DEAD_NUMBER: gettext_lazy(
        "On three days the operator said that nobody has this number, so her texts wait. Ask for the right one and "
        "write it down; if the number works after all, say so here, and they go on."
    ),
    Task.Kind.LOSS: gettext_lazy(
        "Visit her within 48 hours. Ask about bleeding, fever and pain, how she is and who is with her; speak about "
        "iron tablets and, when she wishes, about family planning."
    ),
    Task.Kind.OVERDUE: gettext_lazy("Ask gently what happened, then record the birth or the loss."),
    Task.Kind.ASK_AGAIN: gettext_lazy("Ask whether messages are still wanted, then record the answer."),
    Task.Kind.TELL: gettext_lazy("Texts that cannot be read wait to be told face to face."),
    Task.Kind.CONFIRM: gettext_lazy(
        "Another number was recorded. Call it, then confirm it on her page; until then no text leaves."
    ),
    Task.Kind.MISSED_VISIT: gettext_lazy("Ask what kept her away, then record the visit or agree on another day."),
}


@register.filter
def task_advice(task: Task) -> Promise:
    """What to do about a task."""
    return TASK_ADVICE[task.kind]


@register.filter
def visit_state(visit: Visit, today: date) -> str:
    """attended, canceled, planned, passed (its day is over, nothing is recorded) or missed (for two weeks)."""
    if visit.attended_date is not None:
        return "attended"
    if visit.canceled_on is not None:
        return "canceled"
    assert visit.planned_date is not None  # a visit has one of the two dates
    if visit.planned_date >= today:
        return "planned"
    return "missed" if visit.planned_date + MISSED_AFTER <= today else "passed"


@register.filter
def death_is_new(subject: Person | Child) -> bool:
    """Whether a death was recorded so short a time ago that it may be undone."""
    if subject.died_on is None:
        return False
    child = subject if isinstance(subject, Child) else None
    person_id = subject.mother_id if isinstance(subject, Child) else subject.pk
    recorded = ChangeEvent.objects.filter(what=ChangeEvent.What.DEATH, person_id=person_id, child=child)
    return recorded.filter(at__gte=timezone.now() - UNDO_DEATH_WITHIN).exists()


@register.filter
def visits_open(visits: Iterable[Visit]) -> list[Visit]:
    """Those that are planned, neither attended nor canceled."""
    return [visit for visit in visits if not visit.attended_date and not visit.canceled_on]


@register.filter
def visits_over(visits: Iterable[Visit]) -> list[Visit]:
    """Those that took place or were canceled, the newest first."""
    over = [visit for visit in visits if visit.attended_date or visit.canceled_on]
    return sorted(over, key=lambda visit: visit.attended_date or visit.planned_date or date.min, reverse=True)


@register.filter
def still_caring(caregivers: Iterable[Caregiver]) -> list[Caregiver]:
    """Those whose care has not ended."""
    return [caregiver for caregiver in caregivers if caregiver.ended_on is None]


@register.filter
def birth_is_new(pregnancy: Pregnancy) -> bool:
    """Whether a live birth was recorded so short a time ago that a stillbirth may still take its place."""
    recorded = pregnancy.outcome_recorded_at
    born = pregnancy.outcome == Pregnancy.Outcome.LIVE_BIRTH
    return born and recorded is not None and timezone.now() - recorded <= UNDO_LOSS_WITHIN


@register.filter
def stillborn(child: Child) -> bool:
    """Whether the child counts as dead because its birth was a stillbirth: only the loss can be undone."""
    lost = child.died_on is not None and child.pregnancy is not None and child.pregnancy.outcome in LOSSES
    return lost and not ChangeEvent.objects.filter(what=ChangeEvent.What.DEATH, child=child).exists()


@register.filter
def to_care_for(pregnancies: Iterable[Pregnancy], children: Iterable[Child]) -> bool:
    """Whether a pregnancy goes on or a child lives, so that somebody can care for it."""
    return any(not pregnancy.outcome for pregnancy in pregnancies) or any(not child.died_on for child in children)
