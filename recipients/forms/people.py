"""Forms about a person: who she is, how and when she is reached, who cares beside her."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from recipients.forms.fields import SeveralField, communes_of, day_field, facilities_of, number_field, time_input
from recipients.models import AdminUnit, Caregiver, Child, Facility, Person, Pregnancy, User
from recipients.newcomers import MOST_SHIFTS

TOPICS = [
    ("iron", _("Iron tablets")),
    ("breastfeeding", _("Breastfeeding")),
    ("growth", _("Milestones and growth")),
    ("nutrition", _("Diet")),
]
"""Topics that a station may leave out for a person, without saying why. The keys are those of the message files."""


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


class CaregiverForm(PersonForm):
    """Somebody who cares for the pregnancy or the child."""

    subject = forms.ChoiceField(label=_("Cares for"))
    role = forms.ChoiceField(label=_("Who is it?"), choices=Caregiver.Role)
    agreed_by_mother = forms.BooleanField(
        label=_("The mother agrees that this person receives texts."),
        required=False,
        help_text=_("A husband receives nothing without her word. She can take it back at any time."),
    )
    field_order = ("subject", "role", "name", "phone", "phone_holder", "consent", "agreed_by_mother")

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
        help_text=_(
            "Texts choose words that do not name pregnancy or illness where such words exist; others are not sent to "
            "her."
        ),
    )
    cannot_read = forms.BooleanField(
        label=_("Cannot read texts"),
        required=False,
        help_text=_("Nothing is sent. What falls due becomes a task: somebody tells it face to face."),
    )
    preferred_time = forms.TimeField(
        label=_("Texts are welcome from"),
        required=False,
        widget=time_input(),
        help_text=_("Time of day. They leave from then on, as long as the sending hours last."),
    )
    shift_times = SeveralField(
        [forms.TimeField(required=False, widget=time_input()) for _week in range(MOST_SHIFTS)],
        _("Week %(count)s"),
        label=_("Rotating shifts: the time for each week in turn"),
        required=False,
        help_text=_("For somebody who works in shifts, instead of one time. After the last week it begins again."),
    )
    shift_from = day_field(
        _("A day in the first of these weeks"), required=False, help_text=_("Only with rotating shifts.")
    )
    contact_phone = forms.CharField(label=_("Other contact number"), max_length=60, required=False)
    excluded_topics = forms.MultipleChoiceField(
        label=_("Topics not to send"), choices=TOPICS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    phone = None  # type: ignore[assignment]
    consent = None  # type: ignore[assignment]
    field_order = (
        "name", "phone_holder", "contact_phone", "unit", "village", "facility", "year_of_birth", "occupation",
        "language", "script", "discreet", "cannot_read", "preferred_time", "shift_times", "shift_from",
        "excluded_topics", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, person: Person, **kwargs: Any) -> None:
        initial = {name: getattr(person, name) for name in type(self).base_fields if name != "cannot_read"}
        initial["cannot_read"] = not person.can_read
        super().__init__(*args, user=user, initial=initial, **kwargs)
        facility = self.fields["facility"]
        assert isinstance(facility, forms.ModelChoiceField)
        facility.queryset = facilities_of(user)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        assert unit.queryset is not None
        if not unit.queryset.filter(pk=person.unit_id).exists():
            unit.queryset = AdminUnit.objects.filter(pk=person.unit_id) | communes_of(user)

    def facts(self, *leave_out: str) -> dict[str, Any]:
        """The record says who can read; the tick who cannot, since that is the exception to be marked."""
        return super().facts("cannot_read", *leave_out) | {"can_read": not self.cleaned_data["cannot_read"]}


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
    confirmed = forms.BooleanField(
        label=_("The person told me this number, or I have called it and reached the person."), required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("phone") and not cleaned.get("confirmed"):
            sentence = _(
                "A wrong number takes texts about a pregnancy to a stranger. Call the number or ask the person, then "
                "tick this. Until then it can be kept as the other contact number, under the details."
            )
            self.add_error("confirmed", sentence)
        return cleaned
