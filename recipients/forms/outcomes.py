"""Forms about how it ended: birth, loss, death, and what was recorded by mistake."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.fields import day_field, number_field
from recipients.models import Pregnancy


class BirthForm(forms.Form):
    """A live birth, of one child or several."""

    born_on = day_field(_("Date of birth"))
    number = forms.TypedChoiceField(
        label=_("How many children were born alive?"), choices=[(1, "1"), (2, "2"), (3, "3"), (4, "4")], coerce=int
    )
    child_name = forms.CharField(label=_("Name of the (first) child"), max_length=120, required=False)
    birth_weight = number_field(_("Weight at birth of the (first) child (grams)"), 200, 8000)


class BirthDayForm(forms.Form):
    """The true day of a birth."""

    born_on = day_field(_("Date of birth"))


class LossForm(forms.Form):
    """A pregnancy that ended without a living child. With `born` a live birth was recorded: it was a stillbirth."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        widget=forms.RadioSelect,
        choices=[
            (Pregnancy.Outcome.MISCARRIAGE, _("Miscarriage")),
            (Pregnancy.Outcome.STILLBIRTH, _("Stillbirth")),
            (Pregnancy.Outcome.TERMINATION, _("Termination")),
        ],
    )
    on = day_field(_("When?"), help_text=_("If the day is not known, the day on which you were told."))

    def __init__(self, *args: Any, born: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if born:
            kind = self.fields["kind"]
            assert isinstance(kind, forms.ChoiceField)
            kind.choices = [(Pregnancy.Outcome.STILLBIRTH, _("Stillbirth"))]
            kind.initial = Pregnancy.Outcome.STILLBIRTH


class UndoLossForm(forms.Form):
    """A loss recorded by mistake. With `born` it had taken the place of a live birth."""

    sure = forms.BooleanField(
        label=_("I have made sure that she is still pregnant."),
        error_messages={"required": _("Make sure first, best by a visit or a call to her family, then tick this.")},
    )

    def __init__(self, *args: Any, born: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if born:
            self.fields["sure"].label = _("I have made sure that the child lives.")


class DeathForm(forms.Form):
    """A death of a child or of a person on record."""

    on = day_field(_("Date of death"))
    sure = forms.BooleanField(
        label=_("I have checked that this is the right person."),
        error_messages={"required": _("Check the name above, then tick this.")},
    )


class UndoBirthForm(forms.Form):
    """A birth recorded by mistake."""

    sure = forms.BooleanField(
        label=_("I have made sure that this birth is not hers."),
        error_messages={"required": _("Make sure first, then tick this.")},
    )


class UndoDeathForm(forms.Form):
    """A death recorded by mistake."""

    sure = forms.BooleanField(
        label=_("I have made sure that the person lives."),
        error_messages={"required": _("Make sure first, best by a visit, then tick this.")},
    )
