"""Who may call, and where the request comes from."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from recipients.areas import may_register
from recipients.models import User


class WorksWithNames(BasePermission):
    """Accounts that work with people by name; the rule itself is in recipients.areas."""

    message = _("This account works with figures and texts only. Ask an administrator for one that registers people.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return may_register(request.user)


def caller(request: Request) -> User:
    """The account that calls, of our own class."""
    assert isinstance(request.user, User)
    return request.user
