"""Visits: anchors of reminders, facts that silence them, numerators of indicators."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recipients.models.people import Child, Pregnancy
from recipients.models.places import Facility


class Visit(models.Model):
    """A planned or attended contact with a health facility, of one pregnancy or one child."""

    class Type(models.TextChoices):
        ANC1 = "anc1", _("Antenatal visit 1")
        ANC2 = "anc2", _("Antenatal visit 2")
        ANC3 = "anc3", _("Antenatal visit 3")
        ANC4 = "anc4", _("Antenatal visit 4")
        ANC_MORE = "anc_more", _("Further antenatal visit")
        POSTNATAL = "postnatal", _("Postnatal visit")
        IMMUNISATION = "immunisation", _("Immunisation")
        GROWTH = "growth", _("Growth check")

    pregnancy = models.ForeignKey(Pregnancy, models.CASCADE, null=True, blank=True, related_name="visits")
    child = models.ForeignKey(Child, models.CASCADE, null=True, blank=True, related_name="visits")
    type = models.CharField(_("type"), max_length=14, choices=Type)
    planned_date = models.DateField(_("planned on"), null=True, blank=True)
    attended_date = models.DateField(_("attended on"), null=True, blank=True)
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["planned_date", "attended_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pregnancy=None, child__isnull=False) | Q(pregnancy__isnull=False, child=None),
                name="visit_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=Q(planned_date__isnull=False) | Q(attended_date__isnull=False), name="visit_has_a_date"
            ),
        ]
        indexes = [
            models.Index(fields=["pregnancy", "type"]),
            models.Index(fields=["child", "type"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}"
