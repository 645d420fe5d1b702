"""A text from a number, and whom it may be about: the people on the number, their pregnancies and their children."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from messaging.models import InboundMessage
from recipients.days import local_day
from recipients.gestation import LAST_MONTH_OF_AGE, add_months
from recipients.models import Caregiver, Child, Person, Pregnancy

Subject = TypeVar("Subject", Pregnancy, Child)


@dataclass(frozen=True)
class Heard:
    """`people` are the living on the number; `pregnancies` those that go on, `children` the living under five, each of
    somebody on the number or cared for by her or him. All in the order of their keys."""

    message: InboundMessage
    people: tuple[Person, ...]
    pregnancies: tuple[Pregnancy, ...]
    children: tuple[Child, ...]

    @property
    def mothers(self) -> list[Person]:
        """The living mothers of these pregnancies and children, each once."""
        found = {each.mother.pk: each.mother for each in self.pregnancies}
        found |= {each.mother.pk: each.mother for each in self.children}
        return [found[pk] for pk in sorted(found) if found[pk].died_on is None]

    @property
    def is_private(self) -> bool:
        """Whether the phone is one person's own: nobody else reads an answer."""
        own = all(person.phone_holder == Person.Holder.OWN and not person.discreet for person in self.people)
        return len(self.people) == 1 and own


def listen(message: InboundMessage, now: datetime) -> Heard:
    """Locks everybody whom the text may be about, in the order of their keys, and reads what is on record of them."""
    on_number = Q(phone=message.number, died_on=None)
    cares = Caregiver.objects.filter(person__phone=message.number, person__died_on=None, ended_on=None)
    cared = set(cares.values_list("pregnancy", flat=True)), set(cares.values_list("child", flat=True))
    mine = Q(mother__phone=message.number, mother__died_on=None)
    youngest = add_months(local_day(now), -LAST_MONTH_OF_AGE)
    pregnancies = Pregnancy.objects.filter(mine | Q(pk__in=cared[0] - {None}), outcome="")
    children = Child.objects.filter(mine | Q(pk__in=cared[1] - {None}), died_on=None, date_of_birth__gt=youngest)
    mothers = {*pregnancies.values_list("mother", flat=True), *children.values_list("mother", flat=True)}
    everybody = Person.objects.select_for_update(no_key=True).filter(on_number | Q(pk__in=mothers)).order_by("pk")
    locked = {person.pk: person for person in everybody}
    return Heard(
        message,
        tuple(person for person in locked.values() if person.phone == message.number and person.died_on is None),
        _of(pregnancies, locked),
        _of(children, locked),
    )


def _of(rows: QuerySet[Subject], mothers: dict[int, Person]) -> tuple[Subject, ...]:
    """The rows as they are now, with the mothers that are locked; what was added meanwhile is not in our hands."""
    found = tuple(row for row in rows.order_by("pk") if row.mother_id in mothers)
    for row in found:
        row.mother = mothers[row.mother_id]
    return found
