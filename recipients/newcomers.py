"""Rows for somebody who is not on record yet, checked and not saved: one at a time or by the thousand."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.models import AdminUnit, Person
from recipients.names import clean_name, clean_text, name_key, search_form
from recipients.phones import Phone, PhoneError, parse

DETAILS = frozenset(
    {
        "year_of_birth", "contact_phone", "language", "script", "discreet", "preferred_time", "shift_times",
        "shift_from", "can_read", "occupation", "village", "facility", "programme_tags", "excluded_topics", "note",
    }
)  # fmt: skip
"""What may be said about a person beside name, phone and commune."""

MOST_SHIFTS = 6
"""Weeks of a rotation. Three shifts in turn are usual; six leave room for double weeks."""

AGES = range(9, 111)
"""Ages, in years, that a person on record may have: a girl can be pregnant, a great-grandmother can care."""


_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


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
        elif field == "shift_times":
            value = [_shift_time(each) for each in value or []]
        setattr(person, field, value)
    year = person.year_of_birth
    if "year_of_birth" in details and year is not None and today.year - year not in AGES:
        raise Refusal(
            "year_of_birth", _("The year of birth cannot be right. Write it with four digits."), field="year_of_birth"
        )
    if "language" in details and person.language not in Person.Language:
        raise Refusal("invalid", _("There are no texts in this language. Choose one of the list."), field="language")
    if {"shift_times", "shift_from"} & set(details):
        _check_shifts(person)
    clean_or_refuse(person, details)


def _shift_time(written: object) -> str:
    """A time of day as "HH:MM", 00:00 to 23:59."""
    text = f"{written:%H:%M}" if isinstance(written, time) else clean_text(written)
    if not _TIME.fullmatch(text):
        raise Refusal(
            "invalid",
            _("Times of day are written with four digits, 07:30 or 19:00. Correct them."),
            field="shift_times",
        )
    return text


def _check_shifts(person: Person) -> None:
    """At most MOST_SHIFTS weeks, and the week in which the first one applies. Without times there is no first week."""
    if not person.shift_times:
        person.shift_from = None
    elif len(person.shift_times) > MOST_SHIFTS:
        sentence = _("At most %(count)s weeks can follow each other. Take away the others.") % {"count": MOST_SHIFTS}
        raise Refusal("invalid", sentence, field="shift_times")
    elif person.shift_from is None:
        raise Refusal(
            "invalid", _("The first week of the shifts is missing. Give a day of that week."), field="shift_from"
        )
