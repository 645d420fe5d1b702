"""Looking a newcomer up before she is registered: the person on record, if she may be touched from here."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from recipients import areas
from recipients.errors import Refusal
from recipients.locks import lock_registration
from recipients.matching import Book, Sought, Step
from recipients.models import Person, User


def on_record(
    newcomer: Person, *, by: User | None, anchor: date | None = None, near: date | None = None
) -> tuple[Person, Step] | None:
    """The person on record who is the same as this unsaved one, and what a pregnancy with `anchor` means for her.

    - Until the transaction ends nobody else compares newcomers (locks.lock_registration).
    - `near` only helps to choose between two people on one phone (see matching.Book).
    - With `by`, somebody outside that user's area is neither shown nor changed: Refusal elsewhere, which tells
      nothing about her. Without a user (a command) the whole country is open.
    """
    lock_registration()
    sought = Sought(newcomer.name_key, newcomer.phone, newcomer.year_of_birth, newcomer.unit.pk, anchor, near)
    book = Book()
    book.load([sought])
    found = book.find(sought)
    if found is None:
        return None
    one, step = found
    assert one.person_id is not None
    if by is not None and not areas.people_visible_to(by).filter(pk=one.person_id).exists():
        raise Refusal(
            "elsewhere",
            _(
                "Somebody with this name and number is registered at another place. Ask that station or the "
                "province to move her here, then go on."
            ),
            conflict=True,
        )
    return Person.objects.get(pk=one.person_id), step
