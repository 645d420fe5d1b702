"""What is typed on the pages of recipients. Forms read; the verbs decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from recipients.areas import units_visible_to
from recipients.models import AdminUnit, Caregiver, Child, Facility, Person, Pregnancy, User

TOPICS = [("iron", _("Iron tablets")), ("breastfeeding", _("Breastfeeding"))]
"""Topics that a station may leave out for a person, without saying why."""


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


class PersonForm(forms.Form):
    """Who she is and how she is reached."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    phone = forms.CharField(
        label=_("Telephone number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Like 0912 345 678. A landline is kept as a contact and receives no texts."),
    )
    phone_holder = forms.ChoiceField(label=_("Whose phone is it?"), choices=Person.Holder, required=False)
    consent = forms.BooleanField(
        label=_("I have asked, and the person agrees to receive messages about mother and child health."),
        required=False,
        help_text=_("Leave it empty when nobody has asked. The person is registered and receives nothing."),
    )
    unit = forms.ModelChoiceField(AdminUnit.objects.none(), label=_("Commune"))
    village = forms.CharField(label=_("Village or hamlet"), max_length=120, required=False)
    year_of_birth = number_field(_("Year of birth"), 1900, 2100)
    occupation = forms.CharField(label=_("Occupation"), max_length=60, required=False)
    language = forms.ChoiceField(label=_("Language of the texts"), choices=Person.Language)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        communes = communes_of(user)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = communes
        if user.unit is not None and user.unit.level == AdminUnit.Level.COMMUNE:
            unit.initial = user.unit
        self.fields["language"].initial = settings.DEFAULT_LANGUAGE_OF_TEXTS

    def facts(self, *leave_out: str) -> dict[str, Any]:
        """What the verb is told: every field but those that are put together otherwise."""
        return {name: value for name, value in self.cleaned_data.items() if name not in leave_out}


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


class CaregiverForm(PersonForm):
    """Somebody who cares for the pregnancy or the child."""

    subject = forms.ChoiceField(label=_("Cares for"))
    role = forms.ChoiceField(label=_("Who is it?"), choices=Caregiver.Role)
    field_order = ("subject", "role", "name")

    def __init__(self, *args: Any, user: User, mother: Person, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.subjects: dict[str, Pregnancy | Child] = {}
        for pregnancy in mother.pregnancies.filter(outcome=""):
            self.subjects[f"pregnancy-{pregnancy.pk}"] = pregnancy
        for child in mother.children.filter(died_on=None):
            self.subjects[f"child-{child.pk}"] = child
        subject = self.fields["subject"]
        assert isinstance(subject, forms.ChoiceField)
        subject.choices = [(key, self._words(one)) for key, one in self.subjects.items()]
        if communes_of(user).filter(pk=mother.unit_id).exists():
            self.fields["unit"].initial = mother.unit

    @staticmethod
    def _words(one: Pregnancy | Child) -> Any:
        return _("The pregnancy") if isinstance(one, Pregnancy) else str(one)

    def care(self) -> dict[str, Any]:
        """The subject as the verb takes it."""
        one = self.subjects[self.cleaned_data["subject"]]
        return {"pregnancy" if isinstance(one, Pregnancy) else "child": one}


class EditForm(PersonForm):
    """What may be changed about a person; the number has a page of its own."""

    facility = forms.ModelChoiceField(Facility.objects.none(), label=_("Health facility"), required=False)
    script = forms.ChoiceField(label=_("Script of the texts"), choices=Person.Script)
    discreet = forms.BooleanField(
        label=_("Discreet texts"),
        required=False,
        help_text=_("For a shared phone: texts that do not name pregnancy or child."),
    )
    contact_phone = forms.CharField(label=_("Other contact number"), max_length=60, required=False)
    excluded_topics = forms.MultipleChoiceField(
        label=_("Topics not to send"), choices=TOPICS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    phone = None  # type: ignore[assignment]
    consent = None  # type: ignore[assignment]
    field_order = ("name", "phone_holder", "contact_phone", "unit", "village", "facility", "year_of_birth")

    def __init__(self, *args: Any, user: User, person: Person, **kwargs: Any) -> None:
        initial = {name: getattr(person, name) for name in type(self).base_fields}
        super().__init__(*args, user=user, initial=initial, **kwargs)
        facility = self.fields["facility"]
        assert isinstance(facility, forms.ModelChoiceField)
        facility.queryset = Facility.objects.filter(valid_to=None, unit__in=units_visible_to(user))
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        assert unit.queryset is not None
        if not unit.queryset.filter(pk=person.unit_id).exists():
            unit.queryset = AdminUnit.objects.filter(pk=person.unit_id) | communes_of(user)


class NumberForm(forms.Form):
    """Another number."""

    phone = forms.CharField(
        label=_("New telephone number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Like 0912 345 678. Leave it empty when there is no phone any more."),
    )
    phone_holder = forms.ChoiceField(label=_("Whose phone is it?"), choices=Person.Holder)


class RedateForm(DatingFields):
    """The gestation counted anew."""

    dating = forms.ChoiceField(
        label=_("How was it found?"), choices=[("", _("As the dates say")), *Pregnancy.Dating.choices], required=False
    )


class BirthForm(forms.Form):
    """A live birth, of one child or several."""

    born_on = day_field(_("Date of birth"))
    number = forms.TypedChoiceField(
        label=_("How many children were born alive?"), choices=[(1, "1"), (2, "2"), (3, "3"), (4, "4")], coerce=int
    )
    child_name = forms.CharField(label=_("Name of the (first) child"), max_length=120, required=False)
    birth_weight = number_field(_("Weight at birth of the (first) child (grams)"), 200, 8000)


class LossForm(forms.Form):
    """A pregnancy that ended without a living child."""

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


class UndoLossForm(forms.Form):
    """A loss recorded by mistake."""

    sure = forms.BooleanField(
        label=_("I have made sure that she is still pregnant."),
        error_messages={"required": _("Make sure first, best by a visit or a call to her family, then tick this.")},
    )


class DeathForm(forms.Form):
    """A death of a child or of a person on record."""

    on = day_field(_("Date of death"))
    sure = forms.BooleanField(
        label=_("I have checked that this is the right person."),
        error_messages={"required": _("Check the name above, then tick this.")},
    )


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
