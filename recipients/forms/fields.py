"""Fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from recipients.areas import units_visible_to
from recipients.models import AdminUnit, Facility, User


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A date by the browser's own picker; typed dates are read day first."""
    formats = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"]
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget, input_formats=formats)


def number_field(label: Any, low: int, high: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=high, required=False, help_text=help_text)


def communes_of(user: User) -> QuerySet[AdminUnit]:
    """Where this user may register somebody: the communes of her area in force."""
    return units_visible_to(user).filter(valid_to=None, level=AdminUnit.Level.COMMUNE).order_by("search_name")


def facilities_of(user: User) -> QuerySet[Facility]:
    """The facilities of her area in force."""
    return Facility.objects.filter(valid_to=None, unit__in=units_visible_to(user)).order_by("name")


def time_input() -> forms.TimeInput:
    """The browser's own picker of a time of day."""
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SeveralWidget(forms.MultiWidget):
    """Several inputs of one kind side by side, each with its own label: `word` with %(count)s in it."""

    template_name = "recipients/_several.html"

    def __init__(self, widgets: list[forms.Widget], word: Any) -> None:
        super().__init__(widgets)
        self.word = word

    def decompress(self, value: Any) -> list[Any]:
        return list(value or [])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        for count, each in enumerate(context["widget"]["subwidgets"], start=1):
            each["word"] = self.word % {"count": count}
        return context


class SeveralField(forms.MultiValueField):
    """A list of values, one input each. Inputs left empty at the end are no values; a gap between them is refused."""

    default_error_messages = {"gap": _("Leave no gap: fill the fields from the first one on.")}

    def __init__(self, fields: list[forms.Field], word: Any, **kwargs: Any) -> None:
        widget = SeveralWidget([field.widget for field in fields], word)
        super().__init__(fields, require_all_fields=False, widget=widget, **kwargs)

    def compress(self, data_list: list[Any]) -> list[Any]:
        values = [value for value in data_list if value not in self.empty_values]
        if values != list(data_list)[: len(values)]:
            raise forms.ValidationError(self.error_messages["gap"], code="gap")
        return values
