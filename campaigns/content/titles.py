"""What the fields of a campaign file are called for people: on forms and pages, and over the columns of a workbook."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.content.spelled import TEXTS

FIELDS: dict[str, Promise] = {
    "key": gettext_lazy("Key"),
    "from": gettext_lazy("From"),
    "until": gettext_lazy("Until"),
    "month_day": gettext_lazy("Day of the year"),
    "service": gettext_lazy("Service of the session"),
    "age_from": gettext_lazy("From which age"),
    "age_until": gettext_lazy("Before which age"),
    "time": gettext_lazy("Time of day"),
    "role": gettext_lazy("To whom"),
    "catch_up": gettext_lazy("For late entrants"),
    "topic": gettext_lazy("Topic"),
    "group": gettext_lazy("Group"),
    "visit": gettext_lazy("Visit that silences the group"),
    "condition": gettext_lazy("Only for"),
    "indicator": gettext_lazy("Indicator of the plans"),
    "source": gettext_lazy("Source of the clinical rule"),
    "confidence": gettext_lazy("Confidence"),
    "without_mother": gettext_lazy("May go on after the mother's death"),
    "goes_first": gettext_lazy("Goes first where not all find room"),
}
"""The fields of a step by the names that they have in campaign files."""

_OTHERS: dict[str, Promise] = {
    "key": gettext_lazy("Key (do not change)"),
    "code": gettext_lazy("Code"),
    "anchor": gettext_lazy("Counted from"),
    "message_class": gettext_lazy("Class"),
    "priority": gettext_lazy("Priority"),
    "revision": gettext_lazy("Exported from revision"),
    "when": gettext_lazy("When"),
    "reader": gettext_lazy("To whom"),
    "parts": gettext_lazy("SMS parts with / without diacritics"),
    "parts_discreet": gettext_lazy("The same, discreet text"),
    "name": gettext_lazy("Name of the campaign"),
    "description": gettext_lazy("Description"),
    "vi": gettext_lazy("Vietnamese"),
    "en": gettext_lazy("English"),
    "km": gettext_lazy("Khmer"),
}
"""The fields of a campaign itself, what a workbook explains, and the languages."""


def title_of(name: str) -> str:
    """The heading over a column, or beside a field of a campaign."""
    words = FIELDS | _OTHERS
    if "." in name:
        field, language = name.split(".")
        return f"{words[field]}, {words[language]}"
    if name in TEXTS and name not in words:
        return _("%(language)s, discreet (= means the same words)") % {"language": words[name.split("_")[0]]}
    return str(words[name])
