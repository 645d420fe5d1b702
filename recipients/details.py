"""Changing what is on record about a person: details, language, number, commune."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.history import record
from recipients.locks import lock
from recipients.models import AdminUnit, ChangeEvent, Facility, Person, Task, User
from recipients.models.consent import Source
from recipients.newcomers import DETAILS, read_phone, set_details, set_name
from recipients.worklist import drop_task


@transaction.atomic
def update_details(
    person: Person, *, changes: dict[str, Any], now: datetime, source: str, by: User | None = None
) -> Person:
    """Sets the named fields (`name`, `phone_holder`, `unit` and newcomers.DETAILS) and records what differs.

    Another `unit` is a move, with all that follows (see move), another `language` an event of its own. The number
    has a verb of its own (change_number). Shifts that end take their first week along.
    No difference writes nothing. Refusals: name_missing, phone_*, year_of_birth, unit_ended, invalid.
    """
    changes = dict(changes)
    if unknown := set(changes) - DETAILS - {"name", "phone_holder", "unit"}:
        raise TypeError(f"No such details of a person: {', '.join(sorted(unknown))}")
    lock(person)
    unit = changes.pop("unit", None)
    if unit is not None and unit.pk != person.unit_id:
        place = {field: changes.pop(field) for field in ("village", "facility") if field in changes}
        if "village" in place and place["village"] == person.village:
            place["village"] = ""
        move(person, unit, now=now, source=source, by=by, **place)
    if "language" in changes:
        change_language(person, changes.pop("language"), now=now, source=source, by=by)
    if "shift_times" in changes and not changes["shift_times"]:
        changes["shift_from"] = None
    before = {field: getattr(person, field) for field in changes}
    if "name" in changes:
        set_name(person, changes["name"])
    if "phone_holder" in changes:
        person.phone_holder = changes["phone_holder"]
        clean_or_refuse(person, ["phone_holder"])
    set_details(person, {field: value for field, value in changes.items() if field in DETAILS}, local_day(now))
    changed = [field for field in changes if getattr(person, field) != before[field]]
    if changed:
        person.save(update_fields=[*changed, *(["name_key", "search_name"] if "name" in changed else [])])
        record(
            ChangeEvent.What.DETAILS,
            person,
            now=now,
            source=source,
            by=by,
            old={field: before[field] for field in changed},
            new={field: getattr(person, field) for field in changed},
        )
    return person


@transaction.atomic
def change_language(
    person: Person, language: str, *, now: datetime, source: str, by: User | None = None
) -> Person:  # fmt: skip
    """Texts come in another language from now on. The same again writes nothing. Refusal invalid."""
    lock(person)
    old = person.language
    set_details(person, {"language": language}, local_day(now))
    if person.language != old:
        person.save(update_fields=["language"])
        what = ChangeEvent.What.LANGUAGE
        record(what, person, now=now, source=source, by=by, old={"language": old}, new={"language": language})
    return person


@transaction.atomic
def confirm_number(person: Person, *, now: datetime, source: str, by: User | None = None) -> Person:
    """Somebody has made sure that the number is hers: she said so herself, or answered from it.

    Confirmed already: nothing. Refusal no_phone.
    """
    lock(person)
    if not person.phone:
        raise Refusal(
            "no_phone", _("There is no mobile number to confirm. Write down the number first."), conflict=True
        )
    if person.phone_confirmed_at is None:
        person.phone_confirmed_at = now
        person.save(update_fields=["phone_confirmed_at"])
        record(ChangeEvent.What.CONFIRMED, person, now=now, source=source, by=by, new={"phone": person.phone})
    return person


@transaction.atomic
def change_number(
    person: Person, raw: object, *, now: datetime, source: str, by: User | None = None, phone_holder: str | None = None
) -> Person:
    """Another number, or none ("").

    - A mobile number is messaged from now on; a landline is kept as contact and nothing is messaged any more.
    - A number of before 2018 is stored as what it became; the event keeps what was written.
    - Consent belongs to the person and stays; a number closed by STOP stays closed.
    - Staff who write down another number (source page) had the person before them: it is confirmed. By any other
      door it is not, until somebody confirms it (confirm_number).
    - With a mobile number the task to ask for the right one goes.
    - The same number again writes nothing. Refusals: phone_*, invalid.
    """
    number = read_phone(raw)
    lock(person)
    old = {"phone": person.phone, "contact_phone": person.contact_phone, "phone_holder": person.phone_holder}
    person.phone = number.e164 if number and number.kind == "mobile" else None
    if number and number.kind == "landline":
        person.contact_phone = number.e164
    if phone_holder:
        person.phone_holder = phone_holder
    clean_or_refuse(person, ["phone_holder"])
    new = {"phone": person.phone, "contact_phone": person.contact_phone, "phone_holder": person.phone_holder}
    if new != old:
        if person.phone != old["phone"]:
            person.phone_confirmed_at = now if person.phone and source == Source.PAGE else None
        person.save(update_fields=[*new, "phone_confirmed_at"])
        if number and number.migrated_from:
            new["migrated_from"] = number.migrated_from
        record(ChangeEvent.What.NUMBER, person, now=now, source=source, by=by, old=old, new=new)
        if person.phone:
            drop_task(person, Task.Kind.WRONG_NUMBER, now=now)
    return person


@transaction.atomic
def move(
    person: Person,
    unit: AdminUnit,
    *,
    now: datetime,
    source: str,
    by: User | None = None,
    village: str = "",
    facility: Facility | None = None,
) -> Person:
    """She lives in another commune. Village and facility of the former one do not go with her.

    Messages due from now on count for the new commune; those of before stay where they were. Where she lived is
    kept in the event. The same commune again writes nothing. Refusals: unit_ended, invalid.
    """
    if unit.valid_to is not None and unit.valid_to < local_day(now):
        raise Refusal("unit_ended", _("This commune no longer exists. Choose the one it became part of."), field="unit")
    lock(person)
    if person.unit_id == unit.pk:
        return person
    old = {"unit": person.unit.code, "village": person.village, "facility": person.facility_id}
    person.unit = unit
    set_details(person, {"village": village, "facility": facility}, local_day(now))
    person.save(update_fields=["unit", "village", "facility"])
    new = {"unit": unit.code, "village": person.village, "facility": person.facility_id}
    record(ChangeEvent.What.MOVED, person, now=now, source=source, by=by, old=old, new=new)
    return person
