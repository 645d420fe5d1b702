"""Finding people by what somebody types: part of a name, or of a number."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from recipients.models import Person
from recipients.names import clean_text, search_form
from recipients.phones import PhoneError, to_e164


def people_like(people: QuerySet[Person], words: str) -> QuerySet[Person]:
    """Of `people` those whose name has every word, or whose number is or holds the digits.

    Names are compared without diacritics and capital letters; three digits or more without a letter are a number.
    """
    words = clean_text(words)
    digits = re.sub(r"\D", "", words)
    if len(digits) >= 3 and not re.search(r"[^\W\d_]", words):
        try:
            exact = to_e164(words)
        except PhoneError:
            part = digits.removeprefix("84").lstrip("0") or digits
            return people.filter(Q(phone__contains=part) | Q(contact_phone__contains=part))
        return people.filter(Q(phone=exact) | Q(contact_phone=exact))
    for word in search_form(words).split() or words.split():
        people = people.filter(search_name__contains=word)
    return people
