"""Forms about visits: planned for a day, put off, recorded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.fields import day_field, facilities_of
from recipients.models import Child, Facility, Pregnancy, User, Visit

Type = Visit.Type

ANTENATAL = (Type.ANC1, Type.ANC2, Type.ANC3, Type.ANC4, Type.ANC_MORE)
OF_PREGNANCY = (*ANTENATAL, Type.DELIVERY, Type.POSTNATAL)
OF_CHILD = (Type.IMMUNISATION, Type.GROWTH, Type.POSTNATAL)
"""What is offered; the next or most frequent first."""


class VisitForm(forms.Form):
    """A visit of a pregnancy or child: which one, on what day, where."""

    type = forms.ChoiceField(label=_("Which visit?"))
    on = day_field(_("Day"))
    facility = forms.ModelChoiceField(
        Facility.objects.none(),
        label=_("Where?"),
        required=False,
        help_text=_("Leave it empty for the station that cares for her."),
    )

    def __init__(self, *args: Any, user: User, subject: Pregnancy | Child, planning: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: tuple[Visit.Type, ...] = OF_PREGNANCY if isinstance(subject, Pregnancy) else OF_CHILD
        if planning and isinstance(subject, Pregnancy) and subject.outcome:
            types = (Type.POSTNATAL,)
        chosen = self.fields["type"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(each.value, each.label) for each in types]
        facility = self.fields["facility"]
        assert isinstance(facility, forms.ModelChoiceField)
        facility.queryset = facilities_of(user)


class DayForm(forms.Form):
    """The day of a visit that is on record."""

    on = day_field(_("Day"))
