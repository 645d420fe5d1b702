"""From what is known about a pregnancy's dates to its anchor, or the sentence why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from recipients.errors import Refusal
from recipients.gestation import (
    MAX_GESTATION_DAYS,
    TERM_DAYS,
    GestationalAge,
    choose_dating,
    is_plausible_anchor,
)
from recipients.models import Pregnancy


@dataclass(frozen=True)
class Dated:
    """The dates of a pregnancy as its row keeps them."""

    anchor: date
    dating: str
    lmp: date | None
    edd: date | None


def dated(
    today: date,
    *,
    lmp: date | None = None,
    edd: date | None = None,
    visit: tuple[int, int, date] | None = None,
    dating: str | None = None,
) -> Dated:
    """The anchor of an ongoing pregnancy: EDD - 280 days before LMP before gestation at a visit (domain.md 2).

    - Neither the LMP nor the visit lies in the future; the anchor lies from 301 days before `today` to `today`.
    - `dating` says how the date was found; without it an EDD that is not LMP + 280 days counts as ultrasound.
    Refusals: no_anchor_date, date_out_of_range, invalid.
    """
    if dating and dating not in Pregnancy.Dating:
        raise Refusal("invalid", _("This way of dating is not known. Choose one of the list."), field="dating")
    field = "edd" if edd else "lmp" if lmp else "visit_date"
    for name, day in (("lmp", lmp), ("visit_date", visit and visit[2])):
        if day and day > today:
            raise Refusal("date_out_of_range", _("This date lies in the future. Correct it."), field=name)
    found = (_age(visit), visit[2]) if visit else None
    try:
        best = choose_dating(lmp, edd, found)
    except ValueError:
        raise Refusal("date_out_of_range", _("This date cannot be right. Correct it."), field=field) from None
    if best is None:
        raise Refusal(
            "no_anchor_date",
            _(
                "Nothing says how far the pregnancy is. Give the last menstrual period, the expected date of "
                "delivery, or the weeks of gestation at a visit."
            ),
            field="lmp",
        )
    if not is_plausible_anchor(best.anchor, today):
        raise Refusal("date_out_of_range", _out_of_range(best.anchor, today), field=field)
    return Dated(best.anchor, dating or way_of_dating(best.source, lmp, edd), lmp, edd)


def _age(visit: tuple[int, int, date]) -> GestationalAge:
    try:
        return GestationalAge(visit[0], visit[1])
    except ValueError:
        raise Refusal(
            "invalid", _("Weeks of gestation go from 0, days from 0 to 6. Correct them."), field="weeks"
        ) from None


def way_of_dating(source: str, lmp: date | None, edd: date | None) -> str:
    """The way of dating that a register implies: an EDD of its own comes from ultrasound (domain.md 2)."""
    if source == "edd" and lmp and edd and edd - lmp == timedelta(days=TERM_DAYS):
        return Pregnancy.Dating.LMP
    return {"edd": Pregnancy.Dating.ULTRASOUND, "lmp": Pregnancy.Dating.LMP}.get(source, Pregnancy.Dating.ESTIMATED)


def _out_of_range(anchor: date, today: date) -> str:
    if anchor > today:
        return _("By this date the pregnancy has not begun yet. Correct the date.")
    return _(
        "By this date the pregnancy would be past %(weeks)s weeks. Correct the date, or register the child if it is "
        "born."
    ) % {"weeks": MAX_GESTATION_DAYS // 7}
