"""What a step may say about its days and its readers, for each kind of anchor."""

from dataclasses import dataclass

from campaigns.content.fields import Fields
from campaigns.schedule.timeline import Offset
from recipients.sentences import _

GESTATION, BIRTH, CORRECTED, VISIT = "gestation", "birth", "corrected", "visit"
CALENDAR, SESSION, ENROLLMENT, HAND = "calendar", "session", "enrollment", "hand"
ANCHORS = (GESTATION, BIRTH, CORRECTED, VISIT, CALENDAR, SESSION, ENROLLMENT, HAND)
SERVICES = ("immunisation", "vitamin_a", "growth")
FAMILY = ("mother", "husband", "grandmother", "other")
STAFF = ("village_worker", "station")
ROLES = FAMILY + STAFF
AT_ONCE = Offset()

_OCCASIONS = (CALENDAR, SESSION)
_AROUND = (VISIT, CALENDAR, SESSION)
_IN_MONTHS = (BIRTH, CORRECTED, ENROLLMENT)
_NO_STAFF = (ENROLLMENT, HAND)
_WITH_A_DAY = (VISIT, SESSION)
_OWNERS = {"month_day": (CALENDAR,), "service": (SESSION,), "age_from": _OCCASIONS, "age_until": _OCCASIONS}


def at_term(anchor: str) -> str:
    """The anchor whose days are the same for a child born at term: birth for the corrected age, else itself."""
    return BIRTH if anchor == CORRECTED else anchor


@dataclass(frozen=True)
class Clock:
    """The days of a step: open from `start` through `until`, counted from the anchor of its campaign.

    Of a calendar step `month_day` is the anchor in every year, of a session step `service` tells which session; both
    are for children from `age_from` on and before `age_until_months` (0: no end) on that day.
    """

    start: Offset
    until: Offset
    month_day: str = ""
    service: str = ""
    age_from: Offset = AT_ONCE
    age_until_months: int = 0


def read_clock(fields: Fields, anchor: str) -> Clock:
    """The days of a step of a campaign with `anchor`. Raises LibraryFileError when the two do not go together.

    - A step sent by hand has no days; every other one has "from" and "until".
    - Months are for ages (and for the time since registration); gestation counts weeks and days, and what lies
      around an appointment or an occasion counts days.
    - Only what lies around a visit, a session or a day of the year may lie before it ("-2d").
    - "month_day" belongs to the calendar, "service" to a session, the ages to both, and each is a must there.
    """
    for name, owners in _OWNERS.items():
        if name in fields.table and anchor not in owners:
            fields.fail(
                _('"%(name)s" is for campaigns of the anchor %(owners)s. Take it away.'),
                name=name,
                owners=" or ".join(owners),
            )
    if anchor == HAND:
        if {"from", "until"} & set(fields.table):
            fields.fail(_('a step that is sent by hand has no days. Take "from" and "until" away.'), "from")
        return Clock(AT_ONCE, AT_ONCE)
    start, until = _offset(fields, "from", anchor), _offset(fields, "until", anchor)
    if _length(until) < _length(start):
        fields.fail(_('"until" lies before "from". Make the window at least one day.'), "until")
    if anchor not in _OCCASIONS:
        return Clock(start, until)
    return Clock(
        start,
        until,
        fields.month_day("month_day") if anchor == CALENDAR else "",
        fields.choice("service", SERVICES) if anchor == SESSION else "",
        *_ages(fields),
    )


def check_reader(fields: Fields, anchor: str, role: str, without_mother: bool) -> None:
    """Raises LibraryFileError for a reader who never follows such a campaign, or who cannot be without the mother."""
    if role in STAFF and anchor in _NO_STAFF:
        fields.fail(
            _('"role" cannot be "%(role)s" in a campaign of the anchor %(anchor)s. Use one of %(allowed)s.'),
            "role",
            role=role,
            anchor=anchor,
            allowed=", ".join(FAMILY),
        )
    if without_mother and anchor == GESTATION:
        fields.fail(
            _('"without_mother" is for texts about a child. Take it away: a pregnancy has its mother.'),
            "without_mother",
        )
    if without_mother and role in STAFF:
        fields.fail(_('"without_mother" is for texts to the family. Take it away.'), "without_mother")


def check_placeholders(fields: Fields, anchor: str, name: str, used: list[str]) -> None:
    """Raises LibraryFileError for a placeholder that never has a value in such a campaign."""
    if "ngay" in used and anchor not in _WITH_A_DAY:
        fields.fail(
            _('"%(name)s" has {ngay}, the day of a visit or session. Leave it out in a campaign of %(anchor)s.'),
            name=name,
            anchor=anchor,
        )


def _ages(fields: Fields) -> tuple[Offset, int]:
    age_from, age_until = fields.offset("age_from"), fields.offset("age_until")
    if min(age_from.days, age_from.months, age_until.days) < 0 or age_until.days or not age_until.months:
        fields.fail(
            _('"age_until" counts months, and no age is negative. Write for example age_until = "36m".'), "age_until"
        )
    if _length(age_until) <= _length(age_from):
        fields.fail(
            _('"age_until" does not lie after "age_from". No child has such an age; correct one of them.'), "age_until"
        )
    return age_from, age_until.months


def _offset(fields: Fields, name: str, anchor: str) -> Offset:
    offset = fields.offset(name)
    if offset.months and anchor == GESTATION:
        fields.fail(_('"%(name)s" counts months. Gestation is counted in weeks and days.'), name=name)
    if offset.months and anchor not in _IN_MONTHS:
        fields.fail(
            _('"%(name)s" counts months. Around a visit, a session or a day of the year count days: -2d or 7d.'),
            name=name,
        )
    if offset.days < 0 and anchor not in _AROUND:
        fields.fail(
            _('"%(name)s" lies before the anchor. Only %(around)s have days before; begin at 0d.'),
            name=name,
            around=", ".join(_AROUND),
        )
    return offset


def _length(offset: Offset) -> float:
    """Days of an offset with a mean month: enough to tell which of two comes first."""
    return offset.months * 30.4375 + offset.days
