"""Gestation dated again, a live birth, and its day corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from recipients.dating import dated
from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.events.losses import LOSSES
from recipients.events.rules import (
    closed_as_unknown,
    died,
    end,
    end_as_before,
    lock_child,
    lock_pregnancy,
    may_undo,
    outcome_recorded,
    refuse_future,
)
from recipients.gestation import EARLIEST_BIRTH_DAYS, LAST_MONTH_OF_AGE, LATEST_BIRTH_DAYS, add_months
from recipients.history import record
from recipients.locks import lock
from recipients.matching import formers_of
from recipients.models import Caregiver, ChangeEvent, Child, Person, Pregnancy, User, Visit

Outcome = Pregnancy.Outcome
What = ChangeEvent.What


@dataclass(frozen=True)
class Newborn:
    """A live-born child of a birth. `weight` in grams; `gestation` in days, counted from the anchor when None."""

    name: str = ""
    weight: int | None = None
    gestation: int | None = None


@transaction.atomic
def redate(
    pregnancy: Pregnancy, *, now: datetime, source: str, by: User | None = None, lmp: date | None = None,
    edd: date | None = None, dating: str | None = None,
) -> Pregnancy:  # fmt: skip
    """The gestation of an ongoing pregnancy is counted from another day.

    The rules are those of registering (dating.dated); besides, the anchor lies after the end of the pregnancies
    before. What is not given is kept only as far as it agrees: the LMP stays, a former EDD goes.
    Refusals: outcome_recorded, no_anchor_date, date_out_of_range, overlaps.
    """
    mother = lock_pregnancy(pregnancy)
    if pregnancy.outcome:
        raise outcome_recorded(pregnancy)
    dates = dated(local_day(now), lmp=lmp, edd=edd, dating=dating)
    ended = [former.ended for former in formers_of([mother.pk]).get(mother.pk, ()) if former.ended]
    if any(day >= dates.anchor for day in ended):
        raise Refusal(
            "overlaps",
            _("By this date the pregnancy would have begun before the former one ended. Correct the date."),
            field="edd" if edd else "lmp",
            conflict=True,
        )
    new_lmp = dates.lmp or (pregnancy.lmp if dates.edd else None)
    new = {"anchor_date": dates.anchor, "dating": dates.dating, "lmp": new_lmp, "edd": dates.edd}
    old = {field: getattr(pregnancy, field) for field in new}
    if new != old:
        for field, value in new.items():
            setattr(pregnancy, field, value)
        pregnancy.save(update_fields=list(new))
        record(What.REDATED, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    return pregnancy


@transaction.atomic
def birth(
    pregnancy: Pregnancy, *, born_on: date, now: datetime, source: str, by: User | None = None,
    children: Sequence[Newborn] | None = None,
) -> list[Child]:  # fmt: skip
    """A live birth: ends the pregnancy and begins a child for each of `children` (one when not given).

    - `born_on` is the true day of birth, however late it is told. Not in the future; from 20 to 45 weeks after the
      anchor, else the date or the dating is wrong. Not after the mother's death.
    - Told again with the same date: the children come back as they are; further ones (a twin) are added, and a
      name, weight or gestation that was not known is filled in.
    - A pregnancy closed as unknown may still get its birth; any other recorded outcome is a conflict. Where the
      mother died at the birth or after it, the children begin and her death stays the outcome.
    - A child of that date registered before without a pregnancy is taken as one of them.
    - Caregivers of the pregnancy go on with the children, by the consent they gave and the mother's word.
    Refusals: in_the_future, birth_too_early, birth_too_late, after_her_death, outcome_recorded, invalid.
    """
    newborns = list(children or [Newborn()])
    mother = lock_pregnancy(pregnancy)
    refuse_future(born_on, now, "born_on")
    days = (born_on - pregnancy.anchor_date).days
    again = pregnancy.outcome == Outcome.LIVE_BIRTH and pregnancy.outcome_date == born_on
    orphan = mother_died_at(pregnancy, born_on)
    if not again:
        if pregnancy.outcome not in (Outcome.ONGOING, Outcome.UNKNOWN) and not orphan:
            raise outcome_recorded(pregnancy)
        _refuse_after_her_death(mother, born_on)
        _refuse_odd_birth(days)
        if not orphan:
            end(pregnancy, Outcome.LIVE_BIRTH, born_on, now)
    Child.objects.filter(mother=mother, date_of_birth=born_on, pregnancy=None).update(pregnancy=pregnancy)
    present = list(Child.objects.filter(mother=mother, date_of_birth=born_on).order_by("birth_order"))
    for child, newborn in zip(present, newborns, strict=False):
        _fill_in(child, newborn, days, now=now, source=source, by=by)
    added = []
    for order, newborn in enumerate(newborns[len(present) :], start=len(present) + 1):
        child = Child(
            mother=mother, pregnancy=pregnancy, name=newborn.name, date_of_birth=born_on, birth_order=order,
            gestation_at_birth=days if newborn.gestation is None else newborn.gestation,
            birth_weight=newborn.weight, registered_at=now,
        )  # fmt: skip
        clean_or_refuse(child, ["name", "birth_weight", "gestation_at_birth"])
        child.save(force_insert=True)
        added.append(child)
    everyone = present + added
    _hand_over_care(pregnancy, everyone, now)
    if added or not (again or orphan):
        new = {"outcome": pregnancy.outcome, "outcome_date": born_on, "children": len(everyone)}
        record(What.BIRTH, mother, now=now, source=source, by=by, new=new, pregnancy=pregnancy)
    return everyone


@transaction.atomic
def correct_birth(
    child: Child, *, born_on: date, now: datetime, source: str, by: User | None = None
) -> list[Child]:  # fmt: skip
    """The day of birth was recorded wrongly: the child and those of the same birth move to the right day together.

    - The rules are those of birth; besides, nothing on record of these children (a visit that took place, a death)
      lies before the day, and no other child of the mother was born on it. Without a pregnancy on record: not yet
      five years old, and no child of the time of a loss (D12).
    - The pregnancy that the birth ended ends on that day. A gestation at birth that was counted is counted anew.
    - Texts move with the day; nothing is sent because of it. The same day again writes nothing.
    Returns the children of the birth. Refusals: in_the_future, birth_too_early, birth_too_late, after_her_death,
    before_birth, too_old, overlaps, outcome_recorded.
    """
    mother = lock_child(child)
    pregnancy = None if child.pregnancy is None else lock(child.pregnancy)
    was = child.date_of_birth
    children = list(
        Child.objects.select_for_update(no_key=True)
        .filter(mother=mother, pregnancy=pregnancy, date_of_birth=was)
        .order_by("pk")
    )
    if born_on == was:
        return children
    refuse_future(born_on, now, "born_on")
    _refuse_after_her_death(mother, born_on)
    if pregnancy is None:
        _refuse_odd_child(mother, born_on, local_day(now))
    else:
        _refuse_odd_birth((born_on - pregnancy.anchor_date).days)
    _refuse_later_facts(children, born_on)
    if Child.objects.filter(mother=mother, date_of_birth=born_on).exists():
        raise Refusal(
            "overlaps",
            _("Another child of hers is recorded with this day of birth. Open her page and check which is right."),
            field="born_on",
            conflict=True,
        )
    for one in children:
        if pregnancy is not None and one.gestation_at_birth == (was - pregnancy.anchor_date).days:
            one.gestation_at_birth = (born_on - pregnancy.anchor_date).days
        one.date_of_birth = born_on
        one.save(update_fields=["date_of_birth", "gestation_at_birth"])
    if pregnancy is not None and (pregnancy.outcome, pregnancy.outcome_date) == (Outcome.LIVE_BIRTH, was):
        end(pregnancy, Outcome.LIVE_BIRTH, born_on, pregnancy.outcome_recorded_at)
    record(
        What.BIRTH, mother, now=now, source=source, by=by, old={"date_of_birth": was},
        new={"date_of_birth": born_on, "children": len(children)}, pregnancy=pregnancy,
        child=child if pregnancy is None else None,
    )  # fmt: skip
    return children


@transaction.atomic
def undo_birth(child: Child, *, now: datetime, source: str, by: User | None = None) -> Pregnancy | None:
    """The birth was recorded by mistake, for another woman perhaps: its children are taken back.

    - Within 24 hours of the moment at which the birth was first recorded; an administrator also later.
    - Not where something stands on the children's record (a visit that took place, a death), and not beside another
      pregnancy that is open now. Visits planned for them are canceled, the care for them ends.
    - The pregnancy that it ended is ongoing again and its texts go on; one that had been closed without a known outcome
      is that again. Nothing more leaves about the children.
    Returns that pregnancy, if there is one. Refusals: too_late, has_record, overlaps, died.
    """
    mother = lock_child(child)
    pregnancy = None if child.pregnancy is None else lock(child.pregnancy)
    same = Child.objects.filter(mother=mother, pregnancy=pregnancy, date_of_birth=child.date_of_birth)
    children = list(same.select_for_update(no_key=True).order_by("pk"))
    if not may_undo(min((one.registered_at for one in children), default=None), now, by):
        raise Refusal(
            "too_late",
            _("This birth was recorded more than 24 hours ago. If it is a mistake, ask an administrator to undo it."),
            conflict=True,
        )
    visits = Visit.objects.filter(child__in=children)
    if any(one.died_on for one in children) or visits.filter(attended_date__isnull=False).exists():
        raise Refusal(
            "has_record",
            _("A visit or a death of this child is on record. Take that back first if it is a mistake too."),
            conflict=True,
        )
    goes_on = pregnancy is not None and pregnancy.outcome == Outcome.LIVE_BIRTH
    if goes_on and mother.died_on is not None:
        raise died()
    closed = None if pregnancy is None else closed_as_unknown(pregnancy)
    if goes_on and closed is None and Pregnancy.objects.filter(mother=mother, outcome="").exists():
        raise Refusal(
            "overlaps",
            _("Another pregnancy was recorded since. Open her page and check which of them is right."),
            conflict=True,
        )
    today = local_day(now)
    keys = [one.pk for one in children]
    Child.objects.filter(pk__in=keys).update(withdrawn_at=now)
    visits.filter(canceled_on=None).update(canceled_on=today)
    Caregiver.objects.filter(child__in=keys, ended_on=None).update(ended_on=today)
    old = {"outcome": Outcome.LIVE_BIRTH, "outcome_date": child.date_of_birth, "children": keys}
    if goes_on:
        assert pregnancy is not None
        end_as_before(pregnancy, closed)
    new = {"outcome": pregnancy.outcome if pregnancy else "", "children": []}
    record(What.UNDONE, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    return pregnancy


def loss_around(mother: Person, born: date) -> Pregnancy | None:
    """The mother's lost pregnancy that this birth cannot lie behind: a new one gives no live birth within 20 weeks."""
    lost = Pregnancy.objects.filter(
        mother=mother, outcome__in=LOSSES, anchor_date__lte=born,
        outcome_date__gte=born - timedelta(days=EARLIEST_BIRTH_DAYS),
    )  # fmt: skip
    return lost.order_by("-anchor_date").first()


def mother_died_at(pregnancy: Pregnancy, born_on: date) -> bool:
    """Whether the pregnancy ended with the mother's death, and a child may have been born of it on that day."""
    ended = pregnancy.outcome_date
    return pregnancy.outcome == Outcome.MATERNAL_DEATH and ended is not None and born_on <= ended


def _fill_in(
    child: Child, newborn: Newborn, days: int, *, now: datetime, source: str, by: User | None
) -> None:  # fmt: skip
    """What was not known of a child on record and is now."""
    told = {
        "name": newborn.name,
        "birth_weight": newborn.weight,
        "gestation_at_birth": days if newborn.gestation is None else newborn.gestation,
    }
    new = {field: value for field, value in told.items() if value and not getattr(child, field)}
    if new:
        old = {field: getattr(child, field) for field in new}
        for field, value in new.items():
            setattr(child, field, value)
        clean_or_refuse(child, new)
        child.save(update_fields=list(new))
        record(
            What.DETAILS, child.mother, now=now, source=source, by=by, old=old, new=new, child=child,
            pregnancy=child.pregnancy,
        )  # fmt: skip


def _hand_over_care(pregnancy: Pregnancy, children: list[Child], now: datetime) -> None:
    """Who cares for the pregnancy cares for its children, once."""
    known = set(Caregiver.objects.filter(child__in=children).values_list("person_id", "child_id"))
    Caregiver.objects.bulk_create(
        Caregiver(
            person_id=carer.person_id, child=child, role=carer.role, agreed_by_mother=carer.agreed_by_mother,
            registered_at=now,
        )
        for carer in Caregiver.objects.filter(pregnancy=pregnancy, ended_on=None).order_by("pk")
        for child in children
        if (carer.person_id, child.pk) not in known
    )  # fmt: skip


def _refuse_after_her_death(mother: Person, born_on: date) -> None:
    if mother.died_on is not None and born_on > mother.died_on:
        sentence = _(
            "She died on %(day)s, before this date of birth. Correct the date, or the day of her death on her page."
        )
        raise Refusal("after_her_death", sentence % {"day": f"{mother.died_on:%d/%m/%Y}"}, field="born_on")


def _refuse_odd_child(mother: Person, born_on: date, today: date) -> None:
    """What registering refuses of a child without a pregnancy on record."""
    if add_months(born_on, LAST_MONTH_OF_AGE) <= today:
        raise Refusal(
            "too_old",
            _("By this date the child is five years old or more, and the messages end then. Correct the date."),
            field="born_on",
        )
    if lost := loss_around(mother, born_on):
        raise outcome_recorded(lost)


def _refuse_later_facts(children: list[Child], born_on: date) -> None:
    """A visit that took place, or a death, before the birth."""
    visited = Visit.objects.filter(child__in=children, attended_date__lt=born_on).exists()
    if visited or any(one.died_on is not None and one.died_on < born_on for one in children):
        raise Refusal(
            "before_birth",
            _("A visit or a death of this child is recorded before this day. Correct that first, or the date."),
            field="born_on",
            conflict=True,
        )


def _refuse_odd_birth(days: int) -> None:
    weeks = {"weeks": days // 7}
    if days < EARLIEST_BIRTH_DAYS:
        sentence = _(
            "By its dates the pregnancy would have lasted %(weeks)s weeks only. Correct the date of birth, or date "
            "the pregnancy again first. If the child was not born alive, record a loss."
        )
        raise Refusal("birth_too_early", sentence % weeks, field="born_on")
    if days > LATEST_BIRTH_DAYS:
        sentence = _(
            "By its dates the pregnancy would have lasted %(weeks)s weeks. Correct the date of birth, or date the "
            "pregnancy again first."
        )
        raise Refusal("birth_too_late", sentence % weeks, field="born_on")
