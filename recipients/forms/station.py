"""Forms of a station: registers to load, session days, staff, tasks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.fields import SeveralField, communes_of, day_field, facilities_of
from recipients.forms.people import PersonForm
from recipients.models import AdminUnit, Facility, Session, User, Worker

DAYS_AT_ONCE = 6
AHEAD = timedelta(days=366)
"""A session more than a year ahead is a wrong year."""


class ImportForm(forms.Form):
    """A register to load."""

    file = forms.FileField(
        label=_("The register (XLSX or CSV)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt,.tsv"}),
    )
    unit = forms.ModelChoiceField(
        AdminUnit.objects.none(),
        label=_("Rows without a commune belong to"),
        required=False,
        help_text=_("Leave it empty when every row names its commune."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = communes_of(user)
        if user.unit is not None and user.unit.level == AdminUnit.Level.COMMUNE:
            unit.initial = user.unit


class SessionsForm(forms.Form):
    """Several session days of one service at one station."""

    facility = forms.ModelChoiceField(Facility.objects.none(), label=_("Station"), empty_label=None)
    service = forms.ChoiceField(label=_("What is offered"), choices=Session.Service)
    days = SeveralField(
        [day_field("", required=False) for _day in range(DAYS_AT_ONCE)],
        _("Day %(count)s"),
        label=_("On which days?"),
        help_text=_("One is enough. Parents are reminded two days before."),
    )

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        facility = self.fields["facility"]
        assert isinstance(facility, forms.ModelChoiceField)
        facility.queryset = facilities_of(user)
        facility.initial = user.facility or facility.queryset.first()

    def clean_days(self) -> list[date]:
        days: list[date] = self.cleaned_data["days"]
        odd = [day for day in days if not self.today <= day <= self.today + AHEAD]
        if odd:
            sentence = _("%(day)s is not within the coming year. Correct the date.")
            raise forms.ValidationError(sentence, params={"day": f"{odd[0]:%d/%m/%Y}"})
        return days


class WorkerForm(PersonForm):
    """A village health worker, or the phone that the station itself carries."""

    role = forms.ChoiceField(label=_("Who is it?"), choices=Worker.Role)
    village = forms.CharField(
        label=_("Only for the village or hamlet"),
        max_length=120,
        required=False,
        help_text=_("Written as on the women's pages. Leave it empty to hear of the whole commune."),
    )
    consent = forms.BooleanField(
        label=_("I have asked, and the person agrees to receive notices about the people in her or his care."),
        required=False,
        help_text=_("Leave it empty when nobody has asked. The person is registered and receives nothing."),
    )
    phone_holder = None  # type: ignore[assignment]
    year_of_birth = None  # type: ignore[assignment]
    occupation = None  # type: ignore[assignment]
    field_order = ("role", "name", "phone", "consent", "unit", "village", "language")


class DoneForm(forms.Form):
    """What came of a task."""

    note = forms.CharField(label=_("What came of it?"), max_length=300, required=False)
