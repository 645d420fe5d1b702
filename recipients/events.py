"""What happens to people: gestation dated again, birth, loss, death, visits, stop. Each verb is one transaction.

Every verb locks the mother first and then the pregnancy or child, writes one ChangeEvent where something changed,
and writes nothing where the same fact comes a second time. Days are local days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from recipients import consent
from recipients.dating import dated
from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.history import record
from recipients.locks import lock
from recipients.matching import formers_of
from recipients.models import Caregiver, ChangeEvent, Child, Consent, Facility, Person, Pregnancy, User, Visit
from recipients.newcomers import AGES

EARLIEST_BIRTH_DAYS = 20 * 7
"""A live birth before 20 weeks is a wrong date or a wrong dating (issue 2)."""

LATEST_BIRTH_DAYS = 45 * 7
"""Nobody is pregnant for more than 45 weeks: a wrong date or a wrong dating (issue 2)."""

UNDO_LOSS_WITHIN = timedelta(hours=24)
"""How long whoever works with the person may undo a loss recorded by mistake; later only an administrator."""

LOSSES = (Pregnancy.Outcome.MISCARRIAGE, Pregnancy.Outcome.STILLBIRTH, Pregnancy.Outcome.TERMINATION)

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
    _lock_both(pregnancy)
    if pregnancy.outcome:
        raise _outcome_recorded(pregnancy)
    dates = dated(local_day(now), lmp=lmp, edd=edd, dating=dating)
    ended = [former.ended for former in formers_of([pregnancy.mother.pk]).get(pregnancy.mother.pk, ()) if former.ended]
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
        record(What.REDATED, pregnancy.mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    return pregnancy


@transaction.atomic
def birth(
    pregnancy: Pregnancy, *, born_on: date, now: datetime, source: str, by: User | None = None,
    children: Sequence[Newborn] | None = None,
) -> list[Child]:  # fmt: skip
    """A live birth: ends the pregnancy and begins a child for each of `children` (one when not given).

    - Not in the future; from 20 to 45 weeks after the anchor, else the date or the dating is wrong.
    - Told again with the same date: the children come back as they are; further ones (a twin) are added.
    - A pregnancy closed as unknown may still get its birth; any other recorded outcome is a conflict.
    - A child of that date registered before without a pregnancy is taken as one of them.
    - Caregivers of the pregnancy go on with the children, by the consent they gave.
    Refusals: in_the_future, birth_too_early, birth_too_late, outcome_recorded, invalid.
    """
    newborns = list(children or [Newborn()])
    _lock_both(pregnancy)
    _refuse_future(born_on, now, "born_on")
    days = (born_on - pregnancy.anchor_date).days
    again = pregnancy.outcome == Outcome.LIVE_BIRTH and pregnancy.outcome_date == born_on
    if not again:
        if pregnancy.outcome not in (Outcome.ONGOING, Outcome.UNKNOWN):
            raise _outcome_recorded(pregnancy)
        _refuse_odd_birth(days)
        _end(pregnancy, Outcome.LIVE_BIRTH, born_on, now)
    mother = pregnancy.mother
    Child.objects.filter(mother=mother, date_of_birth=born_on, pregnancy=None).update(pregnancy=pregnancy)
    present = list(Child.objects.filter(mother=mother, date_of_birth=born_on).order_by("birth_order"))
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
    _hand_over_care(pregnancy, added, now)
    if added or not again:
        new = {"outcome": Outcome.LIVE_BIRTH, "outcome_date": born_on, "children": len(everyone)}
        record(What.BIRTH, mother, now=now, source=source, by=by, new=new, pregnancy=pregnancy)
    return everyone


@transaction.atomic
def loss(pregnancy: Pregnancy, *, kind: str, on: date, now: datetime, source: str, by: User | None = None) -> Pregnancy:
    """A miscarriage, stillbirth or termination: from now on nothing routine about this pregnancy leaves (D12).

    Recording a loss is never made hard: any day from the anchor to today is taken, whatever the weeks. Told again
    it changes nothing; another kind or day of loss corrects the former one, which keeps the moment at which the
    loss was first recorded (undo_loss counts from it).
    Refusals: invalid, in_the_future, before_pregnancy, outcome_recorded (a live birth or the mother's death).
    """
    if kind not in LOSSES:
        raise Refusal("invalid", _("This kind of loss is not known. Choose one of the list."), field="kind")
    _lock_both(pregnancy)
    _refuse_future(on, now, "on")
    if on < pregnancy.anchor_date:
        raise Refusal(
            "before_pregnancy",
            _("This date lies before the pregnancy began. Correct the date, or give the day on which you were told."),
            field="on",
        )
    if pregnancy.outcome in (Outcome.LIVE_BIRTH, Outcome.MATERNAL_DEATH):
        raise _outcome_recorded(pregnancy)
    old = {"outcome": pregnancy.outcome, "outcome_date": pregnancy.outcome_date}
    if old != {"outcome": kind, "outcome_date": on}:
        first = pregnancy.outcome_recorded_at if pregnancy.outcome in LOSSES else None
        _end(pregnancy, kind, on, first or now)
        new = {"outcome": kind, "outcome_date": on}
        record(What.LOSS, pregnancy.mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    return pregnancy


@transaction.atomic
def undo_loss(pregnancy: Pregnancy, *, now: datetime, source: str, by: User | None = None) -> Pregnancy:
    """The loss was recorded by mistake: the pregnancy is ongoing again and its texts go on.

    - Within 24 hours of the moment at which the loss was first recorded; an administrator also later.
    - Not beside what was recorded since: a later or open pregnancy, a child of this one.
    Refusals: not_a_loss, too_late, overlaps, died.
    """
    _lock_both(pregnancy)
    mother = pregnancy.mother
    if pregnancy.outcome not in LOSSES:
        raise Refusal("not_a_loss", _("No loss is recorded for this pregnancy. Open her page."), conflict=True)
    if mother.died_on:
        raise Refusal("died", _("A death is recorded for this person. Nothing can be sent."), conflict=True)
    others = Pregnancy.objects.filter(mother=mother).exclude(pk=pregnancy.pk)
    later = others.filter(Q(outcome="") | Q(anchor_date__gt=pregnancy.anchor_date)).exists()
    if later or Child.objects.filter(mother=mother, date_of_birth__gte=pregnancy.anchor_date).exists():
        raise Refusal(
            "overlaps",
            _("Another pregnancy or a child was recorded since. Open her page and check which of them is right."),
            conflict=True,
        )
    since = pregnancy.outcome_recorded_at
    if not _is_administrator(by) and (since is None or now - since > UNDO_LOSS_WITHIN):
        raise Refusal(
            "too_late",
            _("This loss was recorded more than 24 hours ago. If it is a mistake, ask an administrator to undo it."),
            conflict=True,
        )
    old = {"outcome": pregnancy.outcome, "outcome_date": pregnancy.outcome_date}
    pregnancy.outcome, pregnancy.outcome_date, pregnancy.outcome_recorded_at = Outcome.ONGOING, None, None
    pregnancy.save(update_fields=["outcome", "outcome_date", "outcome_recorded_at"])
    new = {"outcome": Outcome.ONGOING, "outcome_date": None}
    record(What.LOSS, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    return pregnancy


@transaction.atomic
def child_death(child: Child, *, on: date, now: datetime, source: str, by: User | None = None) -> Child:
    """A child has died: nothing routine about this child leaves any more. Twins are each on their own.

    Another day corrects the former one. Refusals: in_the_future, before_birth.
    """
    mother = lock(child.mother)
    lock(child)
    child.mother = mother
    _refuse_future(on, now, "on")
    if on < child.date_of_birth:
        raise Refusal("before_birth", _("This date lies before the birth. Correct the date."), field="on")
    if child.died_on != on:
        old, child.died_on = {"died_on": child.died_on}, on
        child.save(update_fields=["died_on"])
        record(
            What.DEATH, child.mother, now=now, source=source, by=by, old=old, new={"died_on": on}, child=child,
            pregnancy=child.pregnancy,
        )  # fmt: skip
    return child


@transaction.atomic
def maternal_death(person: Person, *, on: date, now: datetime, source: str, by: User | None = None) -> Person:
    """A person on record has died. An ongoing pregnancy ends with it, for its caregivers too.

    Another day corrects the former one. Refusals: in_the_future, date_out_of_range, before_pregnancy.
    """
    lock(person)
    _refuse_future(on, now, "on")
    if on.year < (person.year_of_birth or local_day(now).year - AGES.stop):
        raise Refusal("date_out_of_range", _("This date lies before her birth. Correct the date."), field="on")
    ongoing = Pregnancy.objects.select_for_update(no_key=True).filter(mother=person, outcome="").first()
    if ongoing is not None and on < ongoing.anchor_date:
        raise Refusal(
            "before_pregnancy", _("This date lies before the present pregnancy began. Correct the date."), field="on"
        )
    if person.died_on != on:
        old, person.died_on = {"died_on": person.died_on}, on
        person.save(update_fields=["died_on"])
        if ongoing is not None:
            _end(ongoing, Outcome.MATERNAL_DEATH, on, now)
        else:
            Pregnancy.objects.filter(mother=person, outcome=Outcome.MATERNAL_DEATH, anchor_date__lte=on).update(
                outcome_date=on
            )
        record(What.DEATH, person, now=now, source=source, by=by, old=old, new={"died_on": on}, pregnancy=ongoing)
    return person


@transaction.atomic
def attend_visit(
    *, type: str, on: date, now: datetime, source: str, by: User | None = None, pregnancy: Pregnancy | None = None,
    child: Child | None = None, facility: Facility | None = None,
) -> Visit:  # fmt: skip
    """A visit took place; a planned one of the type is marked, else one is added. The same again changes nothing.

    Exactly one of `pregnancy` and `child`. Refusals: invalid, in_the_future, before_pregnancy, before_birth.
    """
    subject = pregnancy or child
    if subject is None or (pregnancy and child) or type not in Visit.Type:
        raise Refusal("invalid", _("A visit has a type and belongs to one pregnancy or one child."), field="type")
    lock(subject.mother)
    _refuse_future(on, now, "on")
    if pregnancy and on < pregnancy.anchor_date:
        raise Refusal("before_pregnancy", _("This date lies before the pregnancy began. Correct the date."), field="on")
    if child and on < child.date_of_birth:
        raise Refusal("before_birth", _("This date lies before the birth. Correct the date."), field="on")
    visits = Visit.objects.filter(pregnancy=pregnancy, child=child, type=type)
    if done := visits.filter(attended_date=on).first():
        return done
    visit = visits.filter(attended_date=None).first() or Visit(pregnancy=pregnancy, child=child, type=type)
    visit.attended_date, visit.facility = on, facility or visit.facility
    visit.save()
    new = {"type": type, "attended_date": on}
    record(What.VISIT, subject.mother, now=now, source=source, by=by, new=new, pregnancy=pregnancy, child=child)
    return visit


@transaction.atomic
def stop_person(person: Person, *, now: datetime, source: str, by: User | None = None) -> Person:
    """She wants no more messages, on whatever number: her consent is withdrawn. The number itself stays open."""
    _switch(person, consent.withdraw, What.STOPPED, now, source, by)
    return person


@transaction.atomic
def resume_person(person: Person, *, now: datetime, source: str, by: User | None = None) -> Person:
    """She has agreed again. Refusal died."""
    if person.died_on:
        raise Refusal("died", _("A death is recorded for this person. Nothing can be sent."), conflict=True)
    _switch(person, consent.give, What.RESUMED, now, source, by)
    return person


def _switch(
    person: Person, verb: Callable[..., Consent], what: str, now: datetime, source: str, by: User | None
) -> None:
    lock(person)
    before = consent.state_of([person.pk])[person.pk]
    after = verb(person, now=now, source=source, by=by).state
    if before != after:
        record(what, person, now=now, source=source, by=by, old={"consent": before}, new={"consent": after})


def _lock_both(pregnancy: Pregnancy) -> None:
    mother = lock(pregnancy.mother)
    lock(pregnancy)
    pregnancy.mother = mother


def _is_administrator(user: User | None) -> bool:
    return user is not None and (user.is_superuser or user.role == User.Role.ADMIN)


def _end(pregnancy: Pregnancy, outcome: str, on: date, told: datetime) -> None:
    pregnancy.outcome, pregnancy.outcome_date, pregnancy.outcome_recorded_at = outcome, on, told
    pregnancy.save(update_fields=["outcome", "outcome_date", "outcome_recorded_at"])


def _hand_over_care(pregnancy: Pregnancy, children: list[Child], now: datetime) -> None:
    carers = Caregiver.objects.filter(pregnancy=pregnancy, ended_on=None)
    Caregiver.objects.bulk_create(
        Caregiver(person_id=carer.person_id, child=child, role=carer.role, registered_at=now)
        for carer in carers
        for child in children
    )


def _refuse_future(day: date, now: datetime, field: str) -> None:
    if day > local_day(now):
        raise Refusal("in_the_future", _("This date lies in the future. Correct it."), field=field)


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


def _outcome_recorded(pregnancy: Pregnancy) -> Refusal:
    sentence = _("This pregnancy has ended already (%(outcome)s, %(day)s). Open her page to see what is recorded.")
    day = f"{pregnancy.outcome_date:%d/%m/%Y}"
    return Refusal(
        "outcome_recorded", sentence % {"outcome": pregnancy.get_outcome_display(), "day": day}, conflict=True
    )
