"""Where people live and where they are cared for: two trees, each with its own validity."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AdminUnit(models.Model):
    """A province, a commune (since 2025-07-01 Vietnam has these two levels), a former district or a village.

    `code` is the statistics office's code, a string with its leading zeros. A code may serve again after
    `valid_to`, so it is unique only among the units in force. `path` is the chain of ids from the root,
    "/12/345/": all units below one are those whose path begins with its own.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        DISTRICT = "district", _("District (until 2025-06-30)")
        COMMUNE = "commune", _("Commune")
        VILLAGE = "village", _("Village")

    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=120, help_text=_("With its kind: «Xã An Bình»."))
    search_name = models.CharField(
        _("search name"), max_length=120, editable=False, help_text=_("Lower case, no diacritics.")
    )
    level = models.CharField(_("level"), max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=120, editable=False, default="", db_index=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    successors = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="predecessors", verbose_name=_("successors")
    )

    class Meta:
        verbose_name = _("administrative unit")
        verbose_name_plural = _("administrative units")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="unit_code_once_a_day"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="unit_code_in_force_once"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="unit_validity"),
        ]
        indexes = [models.Index(fields=["search_name"])]

    def __str__(self) -> str:
        return self.name


class Facility(models.Model):
    """A place of the health system. Its tree is not the administrative one."""

    class Kind(models.TextChoices):
        CDC = "cdc", _("Provincial CDC")
        HEALTH_CENTRE = "health_centre", _("Health centre")
        STATION = "station", _("Commune health station")
        HOSPITAL = "hospital", _("Hospital")
        CLINIC = "clinic", _("Private clinic")
        INDUSTRIAL = "industrial", _("Health centre of an industrial zone")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    unit = models.ForeignKey(
        AdminUnit, models.PROTECT, related_name="facilities", verbose_name=_("administrative unit")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="below", verbose_name=_("parent")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("health facility")
        verbose_name_plural = _("health facilities")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="facility_validity"
            ),
        ]

    def __str__(self) -> str:
        return self.name
