"""Rows for somebody who is not on record yet, checked and not saved: one at a time or by the thousand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.models import AdminUnit, Person
from recipients.names import clean_name, clean_text, name_key, search_form
from recipients.phones import Phone, PhoneError, parse

DETAILS = frozenset(
    {
        "year_of_birth", "contact_phone", "language", "script", "discreet", "preferred_time", "can_read",
        "occupation", "village", "facility", "programme_tags", "excluded_topics", "note",
    }
)  # fmt: skip
"""What may be said about a person beside name, phone and commune."""

AGES = range(9, 111)
"""Ages, in years, that a person on record may have: a girl can be pregnant, a great-grandmother can care."""


def read_phone(raw: object, field: str = "phone") -> Phone | None:
    """What was written as a number; None for nothing written. Refusal with the sentence and code of PhoneError."""
    if raw is None or not clean_text(raw):
        return None
    try:
        return parse(raw)
    except PhoneError as error:
        raise Refusal(error.code, _(str(error)), field=field) from None


def new_person(
    *,
    name: str,
    unit: AdminUnit | None,
    now: datetime,
    phone: object = None,
    phone_holder: str = Person.Holder.OWN,
    **details: Any,
) -> Person:
    """A person not yet saved.

    - The name is cleaned (NFC, single blanks); without a letter in it: Refusal name_missing.
    - A mobile number becomes `phone`, a landline `contact_phone`, which is never messaged.
    - Every field is checked by the model's own rules: Refusal invalid with the field.
    """
    number = read_phone(phone)
    person = Person(unit=unit, phone_holder=phone_holder or Person.Holder.OWN, registered_at=now)
    set_name(person, name)
    if unit is None:
        raise Refusal("unit_unknown", _("The commune is missing. Choose the commune where she lives."), field="unit")
    set_details(person, details, local_day(now))
    if number and number.kind == "landline":
        person.contact_phone = person.contact_phone or number.e164
    elif number:
        person.phone = number.e164
    clean_or_refuse(person, ["phone_holder"])
    return person


def set_name(person: Person, name: str) -> None:
    """The name and the two forms derived from it."""
    person.name = clean_name(name)
    if not person.name:
        raise Refusal("name_missing", _("The name is missing. Write the full name."), field="name")
    person.name_key = name_key(person.name)
    person.search_name = search_form(person.name)
    clean_or_refuse(person, ["name"])


def set_details(person: Person, details: dict[str, Any], today: date) -> None:
    """Sets and checks what `details` names; None for a text means empty. TypeError for a name not in DETAILS."""
    if unknown := set(details) - DETAILS:
        raise TypeError(f"No such details of a person: {', '.join(sorted(unknown))}")
    for field, value in details.items():
        if field == "contact_phone":
            number = read_phone(value, field)
            value = number.e164 if number else ""
        elif field in ("occupation", "village", "note"):
            value = clean_text(value)
        elif field in ("programme_tags", "excluded_topics"):
            value = list(value or [])
        setattr(person, field, value)
    year = person.year_of_birth
    if "year_of_birth" in details and year is not None and today.year - year not in AGES:
        raise Refusal(
            "year_of_birth", _("The year of birth cannot be right. Write it with four digits."), field="year_of_birth"
        )
    if "language" in details and person.language not in Person.Language:
        raise Refusal("invalid", _("There are no texts in this language. Choose one of the list."), field="language")
    clean_or_refuse(person, details)
