"""Who decides about a number: everybody on it is locked together, so two workers never find room for the same text."""

from collections.abc import Collection

from django.db.models import Q

from campaigns.models import ScheduledMessage
from campaigns.schedule.facts import main_caregiver
from campaigns.schedule.mothers import MOTHERS
from recipients.mains import main_caregivers
from recipients.models import Person


def lock_numbers_of(people: Collection[int]) -> dict[int, bool]:
    """Of `people`, those whose numbers are ours until the transaction ends; true for who is alone on hers and receives
    her texts herself.

    - A person's number is the one that receives her texts: her own, or that of a child's main caregiver.
    - Ours means that everybody on the number is locked; where somebody on it is held by another worker, nobody on it
      is decided here. People without a number are locked by themselves.
    """
    if not people:
        return {}
    mains = main_caregivers().filter(child__mother__in=people).values_list("child__mother", "person")
    receivers: dict[int, set[int]] = {person: {person} for person in people}
    for mother, main in mains:
        receivers[mother].add(main)
    everybody = {person for group in receivers.values() for person in group}
    phones = dict(Person.objects.order_by().filter(pk__in=everybody).values_list("pk", "phone"))
    on_them = Q(pk__in=everybody) | Q(phone__in={phone for phone in phones.values() if phone})
    holders: dict[str, set[int]] = {}
    for person, phone in Person.objects.order_by().filter(on_them).values_list("pk", "phone"):
        phones[person] = phone
        if phone:
            holders.setdefault(phone, set()).add(person)
    locked = Person.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=phones).order_by("pk")
    now_theirs = dict(locked.values_list("pk", "phone"))

    def is_ours(person: int) -> bool:
        if person not in now_theirs or now_theirs[person] != phones[person]:
            return False
        phone = phones[person]
        return phone is None or holders.get(phone, set()) <= now_theirs.keys()

    def is_alone(person: int) -> bool:
        return receivers[person] == {person} == holders.get(phones[person] or "", {person})

    ours = (person for person, group in receivers.items() if all(is_ours(each) for each in group))
    return {person: is_alone(person) for person in ours}


def lock_all_about(rows: Collection[int]) -> None:
    """Waits for everybody whose facts decide about ledger rows, and everybody on their numbers, in the order of their
    keys: who receives them, and the mother whose loss or word it would be. Whatever a verb is writing about one of
    them is committed, or has not begun, when this returns."""
    concerned = ScheduledMessage.objects.filter(pk__in=rows).annotate(main=main_caregiver())
    people = {key for keys in concerned.values_list("person", "main", *MOTHERS) for key in keys if key is not None}
    phones = Person.objects.filter(pk__in=people, phone__isnull=False).values("phone")
    both = Person.objects.filter(Q(pk__in=people) | Q(phone__in=phones))
    list(both.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
