"""Who cares beside the mother: ended, agreed to by her, made the main recipient."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal
from recipients.history import record
from recipients.locks import lock
from recipients.models import Caregiver, ChangeEvent, Person, User

What = ChangeEvent.What


@transaction.atomic
def end_care(caregiver: Caregiver, *, now: datetime, source: str, by: User | None = None) -> Caregiver:
    """From today this caregiver gets nothing more about the pregnancy or child. Silently: nobody is told.

    Her or his consent for anything else stays. Ended already: nothing.
    """
    mother = _lock(caregiver)
    if caregiver.ended_on is None:
        caregiver.ended_on = local_day(now)
        caregiver.save(update_fields=["ended_on"])
        new = {"caregiver": caregiver.person_id, "ended_on": caregiver.ended_on}
        _record(What.CARE_ENDED, caregiver, mother, now=now, source=source, by=by, old={"ended_on": None}, new=new)
    return caregiver


@transaction.atomic
def agree_to_care(
    caregiver: Caregiver, *, agrees: bool, now: datetime, source: str, by: User | None = None
) -> Caregiver:
    """The mother's word: whether this caregiver may receive texts. A husband gets none without it. Refusal ended."""
    mother = _lock(caregiver)
    if caregiver.agreed_by_mother != agrees:
        _refuse_ended(caregiver)
        caregiver.agreed_by_mother = agrees
        caregiver.save(update_fields=["agreed_by_mother"])
        old = {"caregiver": caregiver.person_id, "agreed_by_mother": not agrees}
        new = {"caregiver": caregiver.person_id, "agreed_by_mother": agrees}
        _record(What.DETAILS, caregiver, mother, now=now, source=source, by=by, old=old, new=new)
    return caregiver


@transaction.atomic
def set_main(caregiver: Caregiver, *, main: bool, now: datetime, source: str, by: User | None = None) -> Caregiver:
    """Whether this caregiver receives what else goes to the mother about the child: she works away, or has died.

    Only of a child; the former main caregiver of the child steps back. The same again: nothing.
    Refusals: not_a_child, ended, died.
    """
    mother = _lock(caregiver)
    if caregiver.child_id is None:
        raise Refusal(
            "not_a_child",
            _("Only for a child can somebody else be the main recipient. Wait until the child is born."),
            conflict=True,
        )
    if caregiver.is_main == main:
        return caregiver
    before = None
    if main:
        _refuse_ended(caregiver)
        if caregiver.person.died_on is not None:
            raise Refusal("died", _("A death is recorded for this caregiver. Choose another one."), conflict=True)
        former = Caregiver.objects.select_for_update(no_key=True).filter(
            child_id=caregiver.child_id, is_main=True, ended_on=None
        ).first()  # fmt: skip
        if former is not None:
            before, former.is_main = former.person_id, False
            former.save(update_fields=["is_main"])
    else:
        before = caregiver.person_id
    caregiver.is_main = main
    caregiver.save(update_fields=["is_main"])
    new = {"main": caregiver.person_id if main else None}
    _record(What.MAIN, caregiver, mother, now=now, source=source, by=by, old={"main": before}, new=new)
    return caregiver


def _lock(caregiver: Caregiver) -> Person:
    subject = caregiver.pregnancy or caregiver.child
    assert subject is not None
    mother = lock(subject.mother)
    lock(caregiver)
    return mother


def _refuse_ended(caregiver: Caregiver) -> None:
    if caregiver.ended_on is not None:
        raise Refusal(
            "ended", _("This caregiver no longer cares for the child. Register her or him again."), conflict=True
        )


def _record(
    what: str, caregiver: Caregiver, mother: Person, *, now: datetime, source: str, by: User | None,
    old: dict[str, Any], new: dict[str, Any],
) -> None:  # fmt: skip
    record(
        what, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=caregiver.pregnancy,
        child=caregiver.child,
    )  # fmt: skip
