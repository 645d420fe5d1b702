"""Registering: a pregnancy, a child already born, a caregiver. Each verb is one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recipients import consent as consents
from recipients.dating import dated
from recipients.days import local_day
from recipients.details import change_number, move, update_details
from recipients.errors import Refusal, clean_or_refuse
from recipients.events.births import Newborn, birth, loss_around, mother_died_at
from recipients.events.care import agree_to_care
from recipients.finding import on_record
from recipients.gestation import LAST_MONTH_OF_AGE, TERM_DAYS, add_months, may_be_born
from recipients.history import record
from recipients.locks import lock
from recipients.matching import Former, Step, decide, formers_of
from recipients.models import AdminUnit, Caregiver, ChangeEvent, Child, Person, Pregnancy, User, Worker
from recipients.models.consent import Source
from recipients.names import clean_text
from recipients.newcomers import new_person
from recipients.workers import appoint

__all__ = [
    "change_number",
    "close_as_unknown",
    "move",
    "register_caregiver",
    "register_child",
    "register_person",
    "register_pregnancy",
    "register_worker",
    "update_details",
]

What = ChangeEvent.What


@transaction.atomic
def register_person(
    *, name: str, unit: AdminUnit | None, now: datetime, source: str, by: User | None = None, phone: object = None,
    phone_holder: str = Person.Holder.OWN, consent: bool = False, **details: Any,
) -> Person:  # fmt: skip
    """A new person, whoever else is on record.

    `consent` True writes a consent; False writes nothing, since silence is not consent. `details`: see
    newcomers.DETAILS. Refusals: name_missing, unit_unknown, phone_*, invalid.
    """
    person = new_person(name=name, unit=unit, now=now, phone=phone, phone_holder=phone_holder, **details)
    person.save(force_insert=True)
    record(What.REGISTERED, person, now=now, source=source, by=by, new=registered_facts(person))
    if consent:
        _agree(person, now=now, source=source, by=by)
    return person


@transaction.atomic
def register_pregnancy(
    *, name: str = "", unit: AdminUnit | None = None, now: datetime, source: str, by: User | None = None,
    lmp: date | None = None, edd: date | None = None, dating: str | None = None,
    visit: tuple[int, int, date] | None = None, phone: object = None, phone_holder: str = Person.Holder.OWN,
    consent: bool = False, person: Person | None = None, seek: bool = False, gravida: int | None = None,
    risk_flags: Iterable[str] = (), **details: Any,
) -> Pregnancy:  # fmt: skip
    """A pregnancy of a new person, or of `person`.

    - The anchor: see dating.dated. `visit` is (weeks, days, date) of gestation found at a visit.
    - `seek` looks first whether she is on record (finding.on_record). The same pregnancy: Refusal known with
      facts {"person": id}. A later one is added to the same person. Outside the area of `by`: Refusal elsewhere.
    - A person's open pregnancy that began more than 140 days before is closed with outcome unknown on the new
      anchor; one that is nearer: Refusal known.
    - A person on record keeps her details; only a consent is added.
    Refusals: those of register_person and dating.dated, known, elsewhere, died.
    """
    today = local_day(now)
    dates = dated(today, lmp=lmp, edd=edd, visit=visit, dating=dating)
    newcomer = None
    if person is None:
        newcomer = new_person(name=name, unit=unit, now=now, phone=phone, phone_holder=phone_holder, **details)
        if seek:
            person = _woman_on_record(newcomer, dates.anchor, by)
    if person is None:
        assert newcomer is not None
        person = newcomer
        person.save(force_insert=True)
    else:
        newcomer = None
        _make_room(lock(person), dates.anchor, now=now, source=source, by=by)
    pregnancy = Pregnancy(
        mother=person, lmp=dates.lmp, edd=dates.edd, dating=dates.dating, anchor_date=dates.anchor,
        gravida=gravida, risk_flags=list(risk_flags), registered_at=now,
    )  # fmt: skip
    clean_or_refuse(pregnancy, ["gravida", "risk_flags"])
    pregnancy.save(force_insert=True)
    facts = pregnancy_facts(pregnancy) | (registered_facts(person) if newcomer else {})
    what = What.REGISTERED if newcomer else What.PREGNANCY
    record(what, person, now=now, source=source, by=by, new=facts, pregnancy=pregnancy)
    if consent:
        _agree(person, now=now, source=source, by=by)
    return pregnancy


@transaction.atomic
def register_child(
    *, mother: Person | None = None, date_of_birth: date, now: datetime, source: str, by: User | None = None,
    name: str = "", unit: AdminUnit | None = None, phone: object = None, phone_holder: str = Person.Holder.OWN,
    consent: bool = False, child_name: str = "", gestation_at_birth: int | None = None,
    birth_weight: int | None = None, birth_order: int | None = None, seek: bool = False, beside_loss: bool = False,
    **details: Any,
) -> Child:  # fmt: skip
    """A child already born, of `mother` or of a new person with this name (and phone, unit, details).

    - Not in the future and not yet five years old on the local day of `now`.
    - The mother's open pregnancy of which it must be the child (20 to 45 weeks): its birth is recorded.
    - The same child again (date and name, or date and birth order) comes back as it is; another name on the same
      day is a twin with the next birth order.
    - `gestation_at_birth` in days, `birth_weight` in grams. `seek` looks for the mother by name and phone; outside
      the area of `by`: Refusal elsewhere.
    - A date of birth between the beginning of a pregnancy that ended in a loss and 20 weeks after that end cannot
      be a later pregnancy's (design D12): Refusal outcome_recorded. `beside_loss` says that this is the living
      twin of a lost child: taken from 20 to 45 weeks after the anchor, added to that pregnancy, whose loss stays.
    Refusals: in_the_future, too_old, invalid, those of register_person and events.birth, elsewhere, died.
    """
    today = local_day(now)
    if date_of_birth > today:
        raise Refusal("in_the_future", _("This date lies in the future. Correct it."), field="date_of_birth")
    if add_months(date_of_birth, LAST_MONTH_OF_AGE) <= today:
        raise Refusal(
            "too_old",
            _("The child is five years old or more, and the messages end then. Check the date of birth."),
            field="date_of_birth",
        )
    mother = mother or _found_or_new(
        seek, date_of_birth - timedelta(days=TERM_DAYS), name=name, unit=unit, now=now, source=source, by=by,
        phone=phone, phone_holder=phone_holder, **details,
    )  # fmt: skip
    _refuse_dead(lock(mother), date_of_birth)
    if consent:
        _agree(mother, now=now, source=source, by=by)
    newborn = Newborn(clean_text(child_name), birth_weight, gestation_at_birth)
    siblings = list(Child.objects.filter(mother=mother, date_of_birth=date_of_birth).order_by("birth_order"))
    for child in siblings:
        named = not newborn.name or not child.name or child.name.casefold() == newborn.name.casefold()
        if child.birth_order == birth_order or (birth_order is None and named):
            return child
    lost = loss_around(mother, date_of_birth)
    if lost and not (beside_loss and may_be_born(lost.anchor_date, date_of_birth)):
        raise _loss_recorded(lost)
    if not lost and (pregnancy := _pregnancy_of(mother, date_of_birth)):
        everyone = [*(Newborn() for _child in siblings), newborn]
        return birth(pregnancy, born_on=date_of_birth, children=everyone, now=now, source=source, by=by)[-1]
    child = Child(
        mother=mother, pregnancy=lost, name=newborn.name, date_of_birth=date_of_birth,
        birth_order=birth_order or len(siblings) + 1, gestation_at_birth=gestation_at_birth,
        birth_weight=birth_weight, registered_at=now,
    )  # fmt: skip
    clean_or_refuse(child, ["name", "birth_order", "gestation_at_birth", "birth_weight"])
    child.save(force_insert=True)
    facts = {"date_of_birth": date_of_birth, "birth_order": child.birth_order} | ({"beside_loss": True} if lost else {})
    record(What.CHILD, mother, now=now, source=source, by=by, new=facts, pregnancy=lost, child=child)
    return child


@transaction.atomic
def register_caregiver(
    *, role: str, now: datetime, source: str, by: User | None = None, pregnancy: Pregnancy | None = None,
    child: Child | None = None, person: Person | None = None, name: str = "", unit: AdminUnit | None = None,
    phone: object = None, phone_holder: str = Person.Holder.OWN, consent: bool = False, seek: bool = False,
    agreed_by_mother: bool = False, **details: Any,
) -> Caregiver:  # fmt: skip
    """Somebody who cares for one pregnancy or one child beside the mother, by her or his own `consent`.

    - Exactly one of `pregnancy` and `child`. `unit` is the mother's where none is given.
    - The same person for the same pregnancy or child again comes back as it is; the mother herself is refused.
    - `agreed_by_mother`: she wants him to receive texts; a husband gets none without it. Said for a caregiver on
      record it counts from now on; not said it takes nothing back (events.agree_to_care does).
    - `seek` looks for him or her by name and phone; outside the area of `by`: Refusal elsewhere.
    Refusals: invalid, is_the_mother, ended, elsewhere, those of register_person.
    """
    if (pregnancy is None) == (child is None):
        raise Refusal("invalid", _("A caregiver cares for one pregnancy or one child. Choose one."), field="child")
    mother = pregnancy.mother if pregnancy else child.mother if child else None
    assert mother is not None
    if (pregnancy and pregnancy.outcome) or (child and child.died_on):
        raise Refusal("ended", _("This pregnancy or child is no longer followed. Choose another one."), conflict=True)
    person = person or _found_or_new(
        seek, None, name=name, unit=unit or mother.unit, now=now, source=source, by=by, phone=phone,
        phone_holder=phone_holder, **details,
    )  # fmt: skip
    if lock(person).pk == mother.pk:
        raise Refusal(
            "is_the_mother", _("She is the mother herself. Give the name and the phone of the caregiver."), field="name"
        )
    _refuse_dead(person, None)
    open_rows = Caregiver.objects.filter(person=person, pregnancy=pregnancy, child=child, ended_on=None)
    caregiver = open_rows.first()
    if caregiver is None:
        caregiver = Caregiver(
            person=person, pregnancy=pregnancy, child=child, role=role, agreed_by_mother=agreed_by_mother,
            registered_at=now,
        )  # fmt: skip
        clean_or_refuse(caregiver, ["role"])
        caregiver.save(force_insert=True)
        facts = {"caregiver": person.pk, "role": role, "agreed_by_mother": agreed_by_mother}
        record(What.CAREGIVER, mother, now=now, source=source, by=by, new=facts, pregnancy=pregnancy, child=child)
    elif agreed_by_mother:
        agree_to_care(caregiver, agrees=True, now=now, source=source, by=by)
    if consent:
        _agree(person, now=now, source=source, by=by)
    return caregiver


@transaction.atomic
def register_worker(
    *, name: str, phone: object, unit: AdminUnit, role: str, village: str = "", consent: bool, now: datetime,
    source: str, by: User | None = None, seek: bool = False, **details: Any,
) -> Worker:  # fmt: skip
    """A village health worker or a station's phone, new or (with `seek`) found by name and phone, and appointed.

    `village`: she hears of the people of that village only. Her texts need her own `consent`.
    Refusals: those of register_person and workers.appoint, elsewhere.
    """
    person = _found_or_new(
        seek, None, name=name, unit=unit, now=now, source=source, by=by, phone=phone, village=village, **details
    )  # fmt: skip
    worker = appoint(person, role=role, unit=unit, village=village, now=now, source=source, by=by)
    if consent:
        _agree(person, now=now, source=source, by=by)
    return worker


def registered_facts(person: Person) -> dict[str, Any]:
    """What the event of a registration keeps of the person."""
    return {"name": person.name, "phone": person.phone, "unit": person.unit.code}


def pregnancy_facts(pregnancy: Pregnancy) -> dict[str, Any]:
    """What an event keeps of a pregnancy's dates."""
    return {
        "anchor_date": pregnancy.anchor_date, "dating": pregnancy.dating, "lmp": pregnancy.lmp, "edd": pregnancy.edd,
    }  # fmt: skip


def close_as_unknown(pregnancy: Pregnancy, on: date, now: datetime) -> dict[str, Any]:
    """Sets the outcome unknown on an open pregnancy (not saved) and returns the event's new facts."""
    pregnancy.outcome = Pregnancy.Outcome.UNKNOWN
    pregnancy.outcome_date = on
    pregnancy.outcome_recorded_at = now
    return {"outcome": pregnancy.outcome, "outcome_date": on, "because": "a later pregnancy was registered"}


def _agree(person: Person, *, now: datetime, source: str, by: User | None) -> None:
    """Her consent. Staff who write down a newcomer's number with it (source page) have her word that it is hers."""
    consents.give(person, now=now, source=source, by=by)
    newcomer = person.registered_at == now
    if newcomer and source == Source.PAGE and person.phone and person.phone_confirmed_at is None:
        person.phone_confirmed_at = now
        person.save(update_fields=["phone_confirmed_at"])


def _woman_on_record(newcomer: Person, anchor: date, by: User | None) -> Person | None:
    found = on_record(newcomer, by=by, anchor=anchor)
    if found is None:
        return None
    person, step = found
    if step is Step.KNOWN:
        raise _known(newcomer.name, person.pk)
    return person


def _found_or_new(
    seek: bool, near: date | None, *, name: str, unit: AdminUnit | None, now: datetime, source: str, by: User | None,
    **rest: Any,
) -> Person:  # fmt: skip
    if seek:
        newcomer = new_person(name=name, unit=unit, now=now, **rest)
        if found := on_record(newcomer, by=by, near=near):
            return found[0]
    return register_person(name=name, unit=unit, now=now, source=source, by=by, **rest)


def _make_room(person: Person, anchor: date, *, now: datetime, source: str, by: User | None) -> None:
    """Refuses what is on record already; closes what must have ended."""
    _refuse_dead(person, anchor)
    formers: list[Former] = formers_of([person.pk]).get(person.pk, [])
    step = decide(anchor, formers)
    if step is Step.KNOWN:
        raise _known(person.name, person.pk)
    if step is Step.CLOSE_AND_ADD:
        former = lock(Pregnancy.objects.get(mother=person, outcome=""))
        new = close_as_unknown(former, anchor, now)
        former.save(update_fields=["outcome", "outcome_date", "outcome_recorded_at"])
        record(What.PREGNANCY, person, now=now, source=source, by=by, old={"outcome": ""}, new=new, pregnancy=former)


def _pregnancy_of(mother: Person, born: date) -> Pregnancy | None:
    """The mother's pregnancy that a child of this date belongs to: open (or closed as unknown) and then 20 to 45
    weeks old, ended with a birth that day, or with her death on that day or after it."""
    for pregnancy in Pregnancy.objects.filter(mother=mother).order_by("-anchor_date"):
        still_open = pregnancy.outcome in (Pregnancy.Outcome.ONGOING, Pregnancy.Outcome.UNKNOWN)
        if still_open and may_be_born(pregnancy.anchor_date, born):
            return pregnancy
        if pregnancy.outcome == Pregnancy.Outcome.LIVE_BIRTH and pregnancy.outcome_date == born:
            return pregnancy
        if mother_died_at(pregnancy, born) and may_be_born(pregnancy.anchor_date, born):
            return pregnancy
    return None


def _loss_recorded(pregnancy: Pregnancy) -> Refusal:
    sentence = _(
        "A loss is recorded for her pregnancy at that time (%(day)s), so no texts about a child may begin. If the "
        "loss was recorded by mistake, undo it first (within 24 hours) or correct its date. If a twin lives, say so "
        "and register the child again."
    )
    return Refusal(
        "outcome_recorded", sentence % {"day": f"{pregnancy.outcome_date:%d/%m/%Y}"}, conflict=True,
        facts={"person": pregnancy.mother_id, "pregnancy": pregnancy.pk},
    )  # fmt: skip


def _refuse_dead(person: Person, on: date | None) -> None:
    if person.died_on is not None and (on is None or on > person.died_on):
        raise Refusal(
            "died", _("A death is recorded for this person. Check the name, or register somebody else."), conflict=True
        )


def _known(name: str, person_id: int | None) -> Refusal:
    return Refusal(
        "known",
        _("%(name)s is registered already with this pregnancy. Open her page and change what is new there.")
        % {"name": name},
        conflict=True,
        facts={"person": person_id},
    )
