"""Who is registered: persons, pregnancies, children, caregivers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recipients.models.places import AdminUnit, Facility


class Person(models.Model):
    """A woman or a caregiver. Phones are shared and change, so a number is a property, never an identity.

    `phone` is the number that is messaged (E.164) or empty; a landline is kept in `contact_phone`. Somebody has
    confirmed it when `phone_confirmed_at` is set: she said it to staff, or staff called it.
    `preferred_time` is the local time of day from which texts are welcome. Who works in rotating shifts has instead
    `shift_times`, one "HH:MM" for each week of the rotation, which began in the week of `shift_from`.
    """

    class Holder(models.TextChoices):
        OWN = "own", _("Her own")
        HUSBAND = "husband", _("Her husband's")
        SHARED = "shared", _("Shared in the household")

    class Script(models.TextChoices):
        PLAIN = "plain", _("Without diacritics")
        DIACRITICS = "diacritics", _("With diacritics")

    class Language(models.TextChoices):
        """The languages that texts may have."""

        VIETNAMESE = "vi", _("Vietnamese")
        KHMER = "km", _("Khmer")
        ENGLISH = "en", _("English")

    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(
        _("name key"), max_length=120, editable=False, help_text=_("NFC, lower case, single spaces: identity.")
    )
    search_name = models.CharField(
        _("search name"), max_length=120, editable=False, help_text=_("Lower case, no diacritics: search.")
    )
    year_of_birth = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    phone = models.CharField(_("mobile number"), max_length=16, null=True, blank=True)
    phone_holder = models.CharField(_("whose phone"), max_length=8, choices=Holder, default=Holder.OWN)
    contact_phone = models.CharField(_("other contact number"), max_length=16, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    script = models.CharField(_("script"), max_length=10, choices=Script, default=Script.PLAIN)
    discreet = models.BooleanField(_("discreet texts"), default=False)
    phone_confirmed_at = models.DateTimeField(_("number confirmed at"), null=True, blank=True, editable=False)
    preferred_time = models.TimeField(_("preferred time of day"), null=True, blank=True)
    shift_times = models.JSONField(_("times of day by week"), default=list, blank=True)
    shift_from = models.DateField(_("first week of the shifts"), null=True, blank=True)
    can_read = models.BooleanField(_("can read texts"), default=True)
    occupation = models.CharField(_("occupation"), max_length=60, blank=True)
    unit = models.ForeignKey(AdminUnit, models.PROTECT, related_name="people", verbose_name=_("commune"))
    village = models.CharField(_("village"), max_length=120, blank=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("health facility")
    )
    programme_tags = models.JSONField(_("programme tags"), default=list, blank=True)
    excluded_topics = models.JSONField(
        _("topics not to send"), default=list, blank=True, help_text=_("Which, never why: iron, breastfeeding...")
    )
    note = models.TextField(_("note"), blank=True)
    died_on = models.DateField(_("died on"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name_key", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name_key=""), name="person_has_a_name"),
            models.CheckConstraint(condition=Q(phone=None) | Q(phone__startswith="+"), name="person_phone_is_e164"),
        ]
        indexes = [
            models.Index(fields=["phone"], condition=Q(phone__isnull=False), name="person_by_phone"),
            models.Index(fields=["name_key"]),
            models.Index(fields=["unit", "name_key"]),
        ]

    def __str__(self) -> str:
        return self.name


class Pregnancy(models.Model):
    """One pregnancy. `anchor_date` is the LMP-equivalent from which every week is counted: EDD - 280 days, or LMP."""

    class Dating(models.TextChoices):
        LMP = "lmp", _("Last menstrual period")
        ULTRASOUND = "ultrasound", _("Ultrasound")
        ESTIMATED = "estimated", _("Estimated at a visit")

    class Outcome(models.TextChoices):
        ONGOING = "", _("Ongoing")
        LIVE_BIRTH = "live_birth", _("Live birth")
        MISCARRIAGE = "miscarriage", _("Miscarriage")
        STILLBIRTH = "stillbirth", _("Stillbirth")
        TERMINATION = "termination", _("Termination")
        MATERNAL_DEATH = "maternal_death", _("Death of the mother")
        UNKNOWN = "unknown", _("Not known")

    mother = models.ForeignKey(Person, models.PROTECT, related_name="pregnancies", verbose_name=_("mother"))
    lmp = models.DateField(_("first day of the last menstrual period"), null=True, blank=True)
    edd = models.DateField(_("expected date of delivery"), null=True, blank=True)
    dating = models.CharField(_("dating"), max_length=10, choices=Dating)
    anchor_date = models.DateField(_("gestation counted from"))
    gravida = models.PositiveSmallIntegerField(_("which pregnancy"), null=True, blank=True)
    risk_flags = models.JSONField(_("risk flags"), default=list, blank=True)
    outcome = models.CharField(_("outcome"), max_length=14, choices=Outcome, blank=True, default="")
    outcome_date = models.DateField(_("date of the outcome"), null=True, blank=True)
    outcome_recorded_at = models.DateTimeField(_("outcome recorded at"), null=True, blank=True, editable=False)
    registered_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("pregnancy")
        verbose_name_plural = _("pregnancies")
        ordering = ["-anchor_date"]
        constraints = [
            models.UniqueConstraint(fields=["mother"], condition=Q(outcome=""), name="one_ongoing_pregnancy"),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_date=None) | (~Q(outcome="") & Q(outcome_date__isnull=False)),
                name="outcome_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(outcome_date=None) | Q(outcome_date__gte=F("anchor_date")), name="outcome_after_anchor"
            ),
        ]
        indexes = [models.Index(fields=["anchor_date"], condition=Q(outcome=""), name="ongoing_by_anchor")]

    def __str__(self) -> str:
        return f"{self.mother}, {self.anchor_date:%d/%m/%Y}"


class RecordedChildren(models.Manager["Child"]):
    """Every child but those whose birth was recorded by mistake."""

    def get_queryset(self) -> models.QuerySet["Child"]:
        return super().get_queryset().filter(withdrawn_at=None)


class Child(models.Model):
    """A live-born child. `gestation_at_birth` is in days; below 259 (37 weeks) the child is pre-term.

    A birth recorded by mistake is taken back, not deleted (`withdrawn_at`): texts that left because of it keep their
    subject. `objects` leaves such rows out.
    """

    mother = models.ForeignKey(Person, models.PROTECT, related_name="children", verbose_name=_("mother"))
    pregnancy = models.ForeignKey(
        Pregnancy, models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("pregnancy")
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    date_of_birth = models.DateField(_("date of birth"))
    birth_order = models.PositiveSmallIntegerField(_("birth order"), default=1)
    gestation_at_birth = models.PositiveSmallIntegerField(_("gestation at birth (days)"), null=True, blank=True)
    birth_weight = models.PositiveIntegerField(_("birth weight (grams)"), null=True, blank=True)
    died_on = models.DateField(_("died on"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered at"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, editable=False)

    objects = RecordedChildren()
    everything: models.Manager["Child"] = models.Manager()

    class Meta:
        verbose_name = _("child")
        verbose_name_plural = _("children")
        ordering = ["-date_of_birth", "birth_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["mother", "date_of_birth", "birth_order"], condition=Q(withdrawn_at=None), name="child_once"
            ),
            models.CheckConstraint(
                condition=Q(died_on=None) | Q(died_on__gte=F("date_of_birth")), name="child_death_after_birth"
            ),
            models.CheckConstraint(condition=Q(birth_order__gte=1), name="birth_order_from_one"),
        ]
        indexes = [models.Index(fields=["date_of_birth"], condition=Q(died_on=None), name="living_by_birth")]

    def __str__(self) -> str:
        return self.name or f"{self.mother}, {self.date_of_birth:%d/%m/%Y}"


class Caregiver(models.Model):
    """A person who cares for a pregnancy or a child beside the mother, by her or his own consent.

    A husband's texts also need the mother's word (`agreed_by_mother`), and she can end them silently. The main
    caregiver of a child (`is_main`) receives what else goes to the mother: she works away, or has died.
    """

    class Role(models.TextChoices):
        HUSBAND = "husband", _("Husband")
        GRANDMOTHER = "grandmother", _("Grandmother")
        OTHER = "other", _("Other caregiver")

    person = models.ForeignKey(Person, models.PROTECT, related_name="cares_for", verbose_name=_("person"))
    pregnancy = models.ForeignKey(
        Pregnancy, models.CASCADE, null=True, blank=True, related_name="caregivers", verbose_name=_("pregnancy")
    )
    child = models.ForeignKey(
        Child, models.CASCADE, null=True, blank=True, related_name="caregivers", verbose_name=_("child")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    agreed_by_mother = models.BooleanField(_("the mother agrees"), default=False)
    is_main = models.BooleanField(_("receives the mother's texts about the child"), default=False)
    ended_on = models.DateField(_("until"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("caregiver")
        verbose_name_plural = _("caregivers")
        constraints = [
            models.CheckConstraint(
                condition=Q(pregnancy=None, child__isnull=False) | Q(pregnancy__isnull=False, child=None),
                name="caregiver_of_exactly_one",
            ),
            models.UniqueConstraint(
                fields=["person", "pregnancy"],
                condition=Q(ended_on=None, pregnancy__isnull=False),
                name="caregiver_of_pregnancy_once",
            ),
            models.UniqueConstraint(
                fields=["person", "child"],
                condition=Q(ended_on=None, child__isnull=False),
                name="caregiver_of_child_once",
            ),
            models.UniqueConstraint(
                fields=["child"], condition=Q(ended_on=None, is_main=True), name="one_main_caregiver"
            ),
            models.CheckConstraint(condition=Q(is_main=False) | Q(child__isnull=False), name="main_caregiver_of_child"),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class Worker(models.Model):
    """Staff who get notices about the people of a unit: a village health worker, or the station's own phone.

    A worker with a `village` hears of the people of that village, one without of the whole unit.
    """

    class Role(models.TextChoices):
        VILLAGE = "village_worker", _("Village health worker")
        STATION = "station", _("Station staff")

    person = models.ForeignKey(Person, models.PROTECT, related_name="works_as", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=14, choices=Role)
    unit = models.ForeignKey(AdminUnit, models.PROTECT, related_name="workers", verbose_name=_("commune"))
    village = models.CharField(_("village"), max_length=120, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "unit", "village"], condition=Q(ended_on=None), name="worker_once"
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"], condition=Q(ended_on=None), name="worker_by_unit")]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"
