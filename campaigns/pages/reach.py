"""The page of reach: a period, a unit within the reader's area, one row a unit below it, and the same as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.pages import units
from campaigns.reach import coverage, exports, metrics, periods
from recipients import areas
from recipients.models import AdminUnit, User

PRESET_WORDS = {
    "month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "year": gettext_lazy("This year"),
}
COLUMNS = {
    "registered": gettext_lazy("Registered"),
    "has_phone": gettext_lazy("With a mobile number"),
    "consented": gettext_lazy("Consented"),
    "enrolled": gettext_lazy("Enrolled"),
    "due": gettext_lazy("Due"),
    "sent": gettext_lazy("Sent"),
    "delivered": gettext_lazy("Delivered"),
    "undelivered": gettext_lazy("Undelivered"),
    "unknown": gettext_lazy("Unknown"),
    "pending": gettext_lazy("Waiting"),
    "told": gettext_lazy("Told face to face"),
    "skipped_total": gettext_lazy("Skipped"),
}
RANGES = {
    ("reached_low", "reached_high"): gettext_lazy("People reached"),
    ("delivery_rate_low", "delivery_rate_high"): gettext_lazy("Delivery rate"),
}
"""Pairs of figures that are shown as one range: unknown as not reached, and as reached."""
FILES = {
    "csv": (exports.to_csv, "text/csv; charset=utf-8"),
    "xlsx": (exports.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class PeriodForm(forms.Form):
    """A period of one's own. `start` and `end` are `from` and `to` in the address."""

    start = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def add_prefix(self, field_name: str) -> str:
        return {"start": "from", "end": "to"}.get(field_name, field_name)

    def clean(self) -> dict[str, date]:
        days: dict[str, date] = self.cleaned_data
        if "start" in days and "end" in days and days["end"] < days["start"]:
            self.add_error("end", _("The period ends before it starts. Choose a later last day."))
        for name, day in days.items():
            if not coverage.FIRST_DAY <= day <= coverage.LAST_DAY:
                self.add_error(name, _("The period lies too far away. Choose days between 2000 and 2100."))
        return days


@dataclass(frozen=True)
class Line:
    """A row of the table as the template shows it. Without a unit it is the total."""

    unit: AdminUnit | None
    itself: bool
    cells: list[exports.Cell]
    ranges: list[tuple[exports.Cell, exports.Cell]]
    deeper: bool


@login_required
def reach_page(request: HttpRequest) -> HttpResponse:
    """The table as a page, or as a file with `?format=csv` or `xlsx`."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    unit = units.asked(user, request.GET.get("unit", ""))
    form, preset, (start, end) = _period(request, now.astimezone(settings.ZONE).date())
    table = coverage.reach(start, end, unit, now)
    names = areas.may_see_names(user)
    if (kind := request.GET.get("format", "")) in FILES:
        write, content_type = FILES[kind]
        response = HttpResponse(write(table, names), content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="{exports.filename(table, kind)}"'
        return response
    lines = [
        _line(cells, row.unit, row.itself) for row, cells in zip(table.rows, exports.shown(table, names), strict=True)
    ]
    whole = exports.total(table, names)
    words = exports.reason_words(get_language() or "vi")
    reasons = [(words.get(reason, reason), whole[f"skipped:{reason}"]) for reason in metrics.reasons_of([table.total])]
    context = {
        "table": table, "lines": lines, "total": _line(whole), "whole": whole, "reasons": reasons,
        "columns": [*COLUMNS.values(), *RANGES.values()], "form": form, "presets": PRESET_WORDS, "preset": preset,
        "crumbs": units.above(user, unit), "choices": units.choices(user, unit), "names": names,
    }  # fmt: skip
    return render(request, "campaigns/reach.html", context)


def _line(cells: dict[str, exports.Cell], unit: AdminUnit | None = None, itself: bool = False) -> Line:
    deeper = unit is not None and unit.level == AdminUnit.Level.PROVINCE and not itself
    ranges = [(cells[low], cells[high]) for low, high in RANGES]
    return Line(unit, itself, [cells[name] for name in COLUMNS], ranges, deeper)


def _period(request: HttpRequest, today: date) -> tuple[PeriodForm, str, tuple[date, date]]:
    """The form, the preset that is on, and the days; a wrong custom period shows this month and its errors."""
    preset = request.GET.get("period", "")
    if preset not in PRESET_WORDS and ("from" in request.GET or "to" in request.GET):
        form = PeriodForm(request.GET)
        if form.is_valid():
            return form, "", (form.cleaned_data["start"], form.cleaned_data["end"])
        return form, "", periods.period("month", today)
    preset = preset if preset in PRESET_WORDS else "month"
    days = periods.period(preset, today)
    return PeriodForm(initial={"start": days[0], "end": days[1]}), preset, days


urlpatterns = [path("reach/", reach_page, name="reach")]
