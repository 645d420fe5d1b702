"""Forms about a pregnancy or a child: how far it is, who was born."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.fields import day_field, number_field
from recipients.forms.people import PersonForm
from recipients.models import Pregnancy


class DatingFields(forms.Form):
    """The two dates that say how far the pregnancy is."""

    edd = day_field(
        _("Expected date of delivery"),
        required=False,
        help_text=_("From an ultrasound if there was one. It goes before the others."),
    )
    lmp = day_field(_("First day of the last menstrual period"), required=False)


class NewPregnancyForm(DatingFields):
    """A pregnancy, of a woman on record."""

    weeks = number_field(_("Weeks of gestation at a visit"), 0, 45)
    days = number_field(_("and days"), 0, 6)
    visit_date = day_field(_("Date of that visit"), required=False)
    gravida = number_field(_("Which pregnancy is it?"), 1, 25)

    def visit(self) -> tuple[int, int, date] | None:
        """Gestation found at a visit, when both the weeks and the date are given."""
        weeks, day = self.cleaned_data.get("weeks"), self.cleaned_data.get("visit_date")
        return (weeks, self.cleaned_data.get("days") or 0, day) if weeks is not None and day else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("weeks") is None) != (cleaned.get("visit_date") is None):
            missing = "visit_date" if cleaned.get("visit_date") is None else "weeks"
            if missing not in self.errors:
                words = _("Weeks of gestation count from a visit. Give the weeks and the date together.")
                self.add_error(missing, words)
        return cleaned


class PregnancyForm(PersonForm, NewPregnancyForm):
    """A pregnant woman. The dates stand before everything that can wait."""

    field_order = ("name", "phone", "phone_holder", "consent", "edd", "lmp", "weeks", "days", "visit_date", "unit")


class NewbornFields(forms.Form):
    """A child already born."""

    date_of_birth = day_field(_("The child's date of birth"))
    child_name = forms.CharField(label=_("The child's name"), max_length=120, required=False)
    birth_weight = number_field(_("Weight at birth (grams)"), 200, 8000)
    gestation_weeks = number_field(_("Weeks of gestation at birth"), 20, 45)
    beside_loss = forms.BooleanField(
        label=_("This child lives. The loss on record is that of a twin."), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("beside_loss"):
            self.offer_beside_loss()

    def offer_beside_loss(self) -> None:
        """Shows the tick for a living twin: only to somebody who has been told that a loss is on record."""
        self.fields["beside_loss"].widget = forms.CheckboxInput()

    def newborn(self) -> dict[str, Any]:
        """Weeks become days, as the verb counts them."""
        cleaned, weeks = self.cleaned_data, self.cleaned_data["gestation_weeks"]
        return {
            "date_of_birth": cleaned["date_of_birth"],
            "child_name": cleaned["child_name"],
            "birth_weight": cleaned["birth_weight"],
            "gestation_at_birth": None if weeks is None else weeks * 7,
            "beside_loss": cleaned["beside_loss"],
        }


class ChildForm(PersonForm, NewbornFields):
    """A child already born, and the mother."""

    field_order = (
        "beside_loss",
        "date_of_birth",
        "child_name",
        "birth_weight",
        "gestation_weeks",
        "name",
        "phone",
        "phone_holder",
    )


class RedateForm(DatingFields):
    """The gestation counted anew."""

    dating = forms.ChoiceField(
        label=_("How was it found?"), choices=[("", _("As the dates say")), *Pregnancy.Dating.choices], required=False
    )
