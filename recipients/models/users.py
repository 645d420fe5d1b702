"""The people who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.places import AdminUnit, Facility


class User(AbstractUser):
    """Somebody who signs in. What she may see lies below `unit`; no unit means everywhere (administrators)."""

    class Role(models.TextChoices):
        OFFICER = "officer", _("Communication officer")
        CLINICAL = "clinical", _("Clinical reviewer")
        STATION = "station", _("Health-station staff")
        CDC = "cdc", _("CDC reviewer")
        ADMIN = "admin", _("System administrator")

    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STATION)
    unit = models.ForeignKey(
        AdminUnit, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("administrative unit")
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("facility")
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role="admin") | models.Q(is_superuser=True) | models.Q(unit__isnull=False),
                name="user_has_a_unit_or_is_admin",
            )
        ]
