"""Which unit a page is about: the one asked for, those above it, and those to choose from."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from recipients import areas
from recipients.models import AdminUnit, User


def asked(user: User, code: str) -> AdminUnit | None:
    """The unit asked for, or the user's own; None is the whole country."""
    if not code:
        return user.unit
    unit = areas.units_visible_to(user).filter(code=code.replace("\0", ""), valid_to=None).first()
    if unit is None:
        raise PermissionDenied(_("This unit is not in your area. Choose one of the list."))
    return unit


def above(user: User, unit: AdminUnit | None) -> list[AdminUnit]:
    """The units above the chosen one that the user may open, from the top."""
    if unit is None:
        return []
    return list(areas.units_visible_to(user).filter(pk__in=areas.chain(unit.path)[:-1]).order_by("path"))


def choices(user: User, unit: AdminUnit | None) -> list[AdminUnit]:
    """What the unit chooser offers: the user's own top, the chosen unit, and what lies directly below it."""
    visible = areas.units_visible_to(user).filter(valid_to=None)
    below = visible.filter(parent=unit) if unit else visible.filter(level=AdminUnit.Level.PROVINCE)
    tops = [top for top in (user.unit, unit) if top]
    return list({choice.pk: choice for choice in [*tops, *below.order_by("code")]}.values())
