"""What the API says and takes. Verbs check the facts; serializers check the form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from recipients.areas import units_visible_to
from recipients.models import AdminUnit, Caregiver, Child, Facility, Person, Pregnancy, Visit


class UnitField(serializers.SlugRelatedField[AdminUnit]):
    """A unit in force of the account's area, by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", **({} if kwargs.get("read_only") else _all_units()) | kwargs)

    def get_queryset(self) -> Any:
        request: Request = self.context["request"]
        return units_visible_to(request.user).filter(valid_to=None)


class FacilityField(serializers.PrimaryKeyRelatedField[Facility]):
    """A facility in force of the account's area, by its id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({} if kwargs.get("read_only") else {"queryset": Facility.objects.none()}) | kwargs)

    def get_queryset(self) -> Any:
        request: Request = self.context["request"]
        return Facility.objects.filter(unit__in=units_visible_to(request.user), valid_to=None)


def _all_units() -> dict[str, Any]:
    return {"queryset": AdminUnit.objects.none()}


class PregnancyOut(serializers.ModelSerializer[Pregnancy]):
    """A pregnancy; `outcome` is empty while it is ongoing."""

    class Meta:
        model = Pregnancy
        fields = (
            "id", "mother", "lmp", "edd", "dating", "anchor_date", "gravida", "outcome", "outcome_date",
            "registered_at",
        )  # fmt: skip
        read_only_fields = fields


class ChildOut(serializers.ModelSerializer[Child]):
    class Meta:
        model = Child
        fields = (
            "id", "mother", "pregnancy", "name", "date_of_birth", "birth_order", "gestation_at_birth",
            "birth_weight", "died_on", "registered_at",
        )  # fmt: skip
        read_only_fields = fields


class CaregiverOut(serializers.ModelSerializer[Caregiver]):
    class Meta:
        model = Caregiver
        fields = (
            "id", "person", "pregnancy", "child", "role", "agreed_by_mother", "is_main", "ended_on", "registered_at",
        )  # fmt: skip
        read_only_fields = fields


class VisitOut(serializers.ModelSerializer[Visit]):
    class Meta:
        model = Visit
        fields = (
            "id", "pregnancy", "child", "type", "planned_date", "rescheduled", "attended_date", "canceled_on",
            "facility",
        )  # fmt: skip
        read_only_fields = fields


class PersonOut(serializers.ModelSerializer[Person]):
    """A person. `consent` is `given`, `withdrawn`, `ask_again`, or empty when nobody has asked."""

    unit = serializers.SlugRelatedField[AdminUnit](slug_field="code", read_only=True)
    consent = serializers.SerializerMethodField()
    pregnancies = PregnancyOut(many=True, read_only=True)
    children = ChildOut(many=True, read_only=True)

    class Meta:
        model = Person
        fields = (
            "id", "name", "year_of_birth", "phone", "phone_holder", "phone_confirmed_at", "contact_phone", "language",
            "script", "discreet", "preferred_time", "shift_times", "shift_from", "can_read", "occupation", "unit",
            "village", "facility", "programme_tags", "excluded_topics", "note",
            "died_on", "registered_at", "consent", "pregnancies", "children",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=["", "given", "withdrawn", "ask_again"]))
    def get_consent(self, person: Person) -> str:
        return str(getattr(person, "consent_state", ""))


class DetailsIn(serializers.Serializer[Any]):
    """What may be said about a person beside name and number. What is left out stays as it is."""

    year_of_birth = serializers.IntegerField(required=False, allow_null=True)
    phone_holder = serializers.ChoiceField(choices=Person.Holder.choices, required=False)
    contact_phone = serializers.CharField(required=False, allow_blank=True, max_length=60)
    language = serializers.ChoiceField(choices=Person.Language.choices, required=False)
    script = serializers.ChoiceField(choices=Person.Script.choices, required=False)
    discreet = serializers.BooleanField(required=False)
    preferred_time = serializers.TimeField(
        required=False, allow_null=True, help_text="Local time of day from which texts are welcome."
    )
    shift_times = serializers.ListField(
        child=serializers.CharField(max_length=5), required=False, max_length=6,
        help_text="For rotating shifts: one HH:MM for each week of the rotation.",
    )  # fmt: skip
    shift_from = serializers.DateField(
        required=False, allow_null=True, help_text="A day of the week in which the first of `shift_times` applies."
    )
    can_read = serializers.BooleanField(required=False, help_text="False: she is told face to face.")
    occupation = serializers.CharField(required=False, allow_blank=True, max_length=60)
    village = serializers.CharField(required=False, allow_blank=True, max_length=120)
    programme_tags = serializers.ListField(child=serializers.CharField(max_length=30), required=False)
    excluded_topics = serializers.ListField(child=serializers.CharField(max_length=20), required=False)
    note = serializers.CharField(required=False, allow_blank=True)


class PersonChange(DetailsIn):
    """What changes about a person. With another `unit` the former village and facility go unless new ones are given."""

    name = serializers.CharField(required=False, max_length=120)
    unit = UnitField(required=False)
    facility = FacilityField(required=False, allow_null=True)


class NewcomerIn(DetailsIn):
    """Somebody to register. The number as people write it; `consent` only where she was asked and agreed."""

    name = serializers.CharField(required=False, max_length=120, help_text="Needed without `person`.")
    unit = UnitField(required=False, help_text="Code of the commune. Needed without `person`.")
    phone = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=60)
    consent = serializers.BooleanField(required=False, default=False)


class GestationAtVisit(serializers.Serializer[Any]):
    weeks = serializers.IntegerField(min_value=0, max_value=45)
    days = serializers.IntegerField(min_value=0, max_value=6, default=0)
    date = serializers.DateField()

    def to_internal_value(self, data: Any) -> Any:
        """As the verb takes it: (weeks, days, date)."""
        checked = super().to_internal_value(data)
        return checked["weeks"], checked["days"], checked["date"]


class PregnancyIn(NewcomerIn):
    """One of `edd`, `lmp` and `visit` says how far the pregnancy is; `edd` goes first."""

    person = serializers.IntegerField(required=False, help_text="Id of a woman on record: a further pregnancy.")
    lmp = serializers.DateField(required=False, allow_null=True)
    edd = serializers.DateField(required=False, allow_null=True)
    dating = serializers.ChoiceField(choices=Pregnancy.Dating.choices, required=False)
    visit = GestationAtVisit(required=False, allow_null=True)
    gravida = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=25)


class ChildIn(NewcomerIn):
    """A child already born; name, number and unit are the mother's, if she is not on record (`mother`)."""

    mother = serializers.IntegerField(required=False, help_text="Id of a mother on record.")
    date_of_birth = serializers.DateField()
    child_name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    gestation_at_birth = serializers.IntegerField(
        required=False, allow_null=True, min_value=140, max_value=315, help_text="Days."
    )
    birth_weight = serializers.IntegerField(
        required=False, allow_null=True, min_value=200, max_value=8000, help_text="Grams."
    )
    birth_order = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    beside_loss = serializers.BooleanField(
        required=False, default=False, help_text="The living twin of a child whose loss is on record."
    )


class CaregiverIn(NewcomerIn):
    """Exactly one of `pregnancy` and `child`; a `person` on record, or somebody new."""

    person = serializers.IntegerField(required=False, help_text="Id of a person on record.")
    pregnancy = serializers.IntegerField(required=False, allow_null=True)
    child = serializers.IntegerField(required=False, allow_null=True)
    role = serializers.ChoiceField(choices=Caregiver.Role.choices)
    agreed_by_mother = serializers.BooleanField(
        required=False, default=False, help_text="She wants this caregiver to receive texts; a husband needs it."
    )


class RedateIn(serializers.Serializer[Any]):
    lmp = serializers.DateField(required=False, allow_null=True)
    edd = serializers.DateField(required=False, allow_null=True)
    dating = serializers.ChoiceField(choices=Pregnancy.Dating.choices, required=False)


class NewbornIn(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, allow_blank=True, max_length=120, default="")
    weight = serializers.IntegerField(
        required=False, allow_null=True, min_value=200, max_value=8000, default=None, help_text="Grams."
    )
    gestation = serializers.IntegerField(
        required=False, allow_null=True, min_value=140, max_value=315, default=None, help_text="Days."
    )


class BirthIn(serializers.Serializer[Any]):
    """A live birth; without `children` it is one child of whom no more is known."""

    born_on = serializers.DateField()
    children = NewbornIn(many=True, required=False)


class BirthDayIn(serializers.Serializer[Any]):
    born_on = serializers.DateField(help_text="The true day of birth.")


class LossIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["miscarriage", "stillbirth", "termination"])
    on = serializers.DateField()


class DayIn(serializers.Serializer[Any]):
    on = serializers.DateField()


class VisitIn(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=Visit.Type.choices)
    on = serializers.DateField()
    facility = FacilityField(required=False)


class LanguageIn(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=Person.Language.choices)


class AgreesIn(serializers.Serializer[Any]):
    agrees = serializers.BooleanField(help_text="The mother's word.")


class MainIn(serializers.Serializer[Any]):
    main = serializers.BooleanField(help_text="Receives what else goes to the mother about the child.")


class NewNumberIn(serializers.Serializer[Any]):
    phone = serializers.CharField(allow_blank=True, max_length=60, help_text="Empty: there is no phone any more.")
    phone_holder = serializers.ChoiceField(choices=Person.Holder.choices, required=False)
