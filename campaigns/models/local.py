"""What differs between places: values set for a unit and all below it, and the targets of the plans."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recipients.models import AdminUnit

SINCE_EVER = date(1900, 1, 1)
"""The first day of a value that nobody gave a day."""


class Parameter(models.Model):
    """A value for a unit and all below it, or without a unit for everybody, from one local day through another.

    Names and their meaning are in data/parameters.toml. Two values of one name and unit never hold on the same day:
    the database refuses the second (the migration parameters_and_targets).
    """

    name = models.CharField(_("name"), max_length=30)
    unit = models.ForeignKey(
        AdminUnit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("administrative unit")
    )
    value = models.CharField(_("value"), max_length=120)
    valid_from = models.DateField(_("counts from"), default=SINCE_EVER)
    valid_to = models.DateField(_("counts through"), null=True, blank=True)
    set_at = models.DateTimeField(_("set at"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ["name", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "unit", "valid_from"],
                condition=Q(unit__isnull=False),
                name="parameter_begins_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["name", "valid_from"], condition=Q(unit=None), name="parameter_for_all_begins_once"
            ),
            models.UniqueConstraint(
                fields=["name", "unit"], condition=Q(unit__isnull=False, valid_to=None), name="parameter_open_once"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(unit=None, valid_to=None), name="parameter_for_all_open_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="parameter_validity"
            ),
            models.CheckConstraint(condition=~Q(value="") & ~Q(name=""), name="parameter_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    def counts_on(self, day: date) -> bool:
        """Whether it is in force on a local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Target(models.Model):
    """What a plan wants of an indicator in an area by the end of a year, as the plan says it; loaded from its file.

    `area`: the code of the province at the time of the plan, or "VN"; areas of a plan need not exist any more.
    """

    class Unit(models.TextChoices):
        PERCENT = "percent", "%"
        PER_1000 = "per_1000", "‰"
        PER_100000 = "per_100000", _("per 100,000 live births")

    class Better(models.TextChoices):
        LOWER = "lower", _("Lower is better")
        HIGHER = "higher", _("Higher is better")

    indicator = models.CharField(_("indicator"), max_length=20)
    name_vi = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    plan = models.CharField(_("plan"), max_length=10)
    area = models.CharField(_("area"), max_length=12)
    year = models.PositiveSmallIntegerField(_("year"))
    comparator = models.CharField(_("comparator"), max_length=2)
    value = models.DecimalField(_("value"), max_digits=8, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    better = models.CharField(_("better"), max_length=8, choices=Better)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["area", "year", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "area", "year"], name="target_once_a_year"),
            models.CheckConstraint(condition=Q(comparator__in=["<", "<=", "=", ">=", ">"]), name="target_comparator"),
            models.CheckConstraint(condition=Q(unit__in=["percent", "per_1000", "per_100000"]), name="target_unit"),
            models.CheckConstraint(condition=Q(better__in=["lower", "higher"]), name="target_better"),
            models.CheckConstraint(
                condition=Q(value__gte=0) & (~Q(unit="percent") | Q(value__lte=100)), name="target_value"
            ),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="target_year"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.area} {self.year}"
