"""One text of condolence after a loss: only by a person's decision, and only when the mother has agreed to it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.content import parameters, rendering
from campaigns.models import Campaign, Enrollment, Reason, ScheduledMessage, Step
from campaigns.schedule.endings import taken_back_since
from campaigns.schedule.live import LiveCampaign, live_campaigns, wording
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.stages import stage_on
from messaging.statuses import Status
from recipients import history
from recipients.errors import Refusal
from recipients.locks import lock
from recipients.models import ChangeEvent, Child, Person, Pregnancy, User

State = ScheduledMessage.State
CAMPAIGN, STEP = "loss", "condolence"
WINDOW = timedelta(days=14)
"""How long it may wait for an obstacle to pass; later it would open the wound again."""
OFFERED_WITHIN = timedelta(days=30)
"""Since the loss was recorded. After that a visit says more than a text."""
MOURNED = (Pregnancy.Outcome.MISCARRIAGE, Pregnancy.Outcome.STILLBIRTH)
"""Never after a termination: nobody knows what that was to her."""


def may_be_offered(subject: Pregnancy | Child, now: datetime) -> bool:
    """Whether staff may offer a condolence about this pregnancy or child, and have not yet."""
    return _refusal(subject, now) is None


def refusal(subject: Pregnancy | Child, now: datetime) -> Refusal | None:
    """What stands against a condolence before anybody asks her, or None; also that there is no approved text."""
    try:
        _live()
    except Refusal as missing:
        return _refusal(subject, now) or missing
    return _refusal(subject, now)


def words(mother: Person, now: datetime) -> str:
    """The text as it would appear on her phone at `now`; "" where there is none for her."""
    chosen = wording(_live()[1], mother)
    if chosen is None:
        return ""
    try:
        body = rendering.render(chosen[0], parameters.values_for([mother], local_day(now, settings.ZONE))[mother.pk])
    except rendering.MissingValue:
        body = chosen[0]
    return rendering.for_phone(body, mother.script)


@transaction.atomic
def offer(
    subject: Pregnancy | Child, *, agreed: bool, now: datetime, source: str, by: User | None = None
) -> ScheduledMessage:
    """Puts the one text of condolence to the mother into the ledger, due now, to leave within 14 days.

    - After a miscarriage, a stillbirth or a child's death; never after a termination, never twice.
    - Not more than 30 days after the loss was recorded, and not while she expects another child.
    - `agreed`: she was asked and wants to receive it. It leaves by the gates like every text: her consent, number,
      sending hours.
    - The enrollment is made here and nowhere else; no pass of the planner ever makes one. Where the loss was taken
      back since and is recorded again, this is a new decision: the former text has ended, another row is due.
    Refusals: not_agreed, no_loss, termination, mother_died, offered, too_late, expecting, not_live.
    """
    lock(subject.mother)
    lock(subject)
    if not agreed:
        raise Refusal(
            "not_agreed",
            _("A condolence goes only to a mother who has agreed to receive it. Ask her first, then tick this."),
            field="agreed",
        )
    if against := _refusal(subject, now):
        raise against
    live, step = _live()
    mother, today = subject.mother, local_day(now, settings.ZONE)
    former = ScheduledMessage.objects.filter(enrollment__in=_decided(subject))
    former.filter(Q(state=State.WAITING) | Q(state=State.RELEASED, sms__status=Status.QUEUED)).update(
        state=State.SKIPPED, reason=Reason.ENDED_UNDONE, sms=None, reader=None, release_number=F("release_number") + 1
    )
    enrollment, _new = Enrollment.objects.update_or_create(
        person=mother, campaign=live.campaign, **_subject(subject),
        defaults={
            "role": Step.Role.MOTHER, "anchor": Campaign.Anchor.HAND, "anchor_date": today, "laid": True,
            "planned_revision_id": live.revision_id, "active": True, "ended_reason": "", "enrolled_at": now,
        },
    )  # fmt: skip
    row = ScheduledMessage.objects.create(
        enrollment=enrollment, step_key=step.key, occurrence=former.count(), campaign=live.campaign,
        revision_id=live.revision_id, step=step, person=mother, unit_id=mother.unit_id,
        facility_id=mother.facility_id, language=mother.language, topic=step.topic,
        stage=stage_on(enrollment, _day_of(subject)), due_on=today, due_at=now, last_day=today + WINDOW,
    )  # fmt: skip
    new = {"condolence": row.pk}
    history.record(ChangeEvent.What.CONDOLENCE, mother, now=now, source=source, by=by, new=new, **_subject(subject))
    return row


def _refusal(subject: Pregnancy | Child, now: datetime) -> Refusal | None:
    if isinstance(subject, Pregnancy) and subject.outcome == Pregnancy.Outcome.TERMINATION:
        return Refusal("termination", _("After a termination no condolence is sent. Visit her instead."), conflict=True)
    lost = subject.outcome in MOURNED if isinstance(subject, Pregnancy) else subject.died_on is not None
    if not lost:
        return Refusal("no_loss", _("No loss is recorded here. Open her page to see what is recorded."), conflict=True)
    if subject.mother.died_on is not None:
        return Refusal("mother_died", _("The mother has died. Nothing is sent; visit the family."), conflict=True)
    if _decided(subject).exclude(Exists(taken_back_since())).exists():
        return Refusal(
            "offered", _("A condolence was sent already, or waits to leave. Her page shows which."), conflict=True
        )
    if now - _recorded_at(subject) > OFFERED_WITHIN:
        return Refusal(
            "too_late",
            _("The loss was recorded more than 30 days ago, so no condolence is sent any more. Visit her instead."),
            conflict=True,
        )
    if Pregnancy.objects.filter(mother=subject.mother_id, outcome="").exists():
        return Refusal(
            "expecting",
            _("She is expecting a child, so no text speaks of the loss. Talk with her about it at the next visit."),
            conflict=True,
        )
    return None


def _decided(subject: Pregnancy | Child) -> QuerySet[Enrollment]:
    """The decision of a person to send one about this pregnancy or child: none or one."""
    return Enrollment.objects.filter(campaign__code=CAMPAIGN, person=subject.mother, **_subject(subject))


def _recorded_at(subject: Pregnancy | Child) -> datetime:
    """When the loss became known here; the end of its day where no record says."""
    if isinstance(subject, Pregnancy):
        known = subject.outcome_recorded_at
    else:
        told = ChangeEvent.objects.filter(what=ChangeEvent.What.DEATH, child=subject).order_by("-id")
        known = told.values_list("at", flat=True).first()
    return known or at(_day_of(subject) + timedelta(days=1), time.min, settings.ZONE)


def _live() -> tuple[LiveCampaign, Step]:
    for live in live_campaigns().values():
        if live.campaign.code == CAMPAIGN and STEP in live.steps:
            return live, live.steps[STEP]
    raise Refusal(
        "not_live",
        _("There is no approved text of condolence. Ask the communication officer to have it reviewed and published."),
        conflict=True,
    )


def _subject(subject: Pregnancy | Child) -> dict[str, Any]:
    return {"pregnancy" if isinstance(subject, Pregnancy) else "child": subject}


def _day_of(subject: Pregnancy | Child) -> date:
    """The day of the loss: its stage of care is the one that the reports show."""
    day = subject.outcome_date if isinstance(subject, Pregnancy) else subject.died_on
    assert day is not None, "a loss has its day"
    return day
