"""Who calls: another system with its token, what it may, and how often."""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from messaging import callers
from messaging.models import ApiToken

SEND, READ = ApiToken.Scope.SEND, ApiToken.Scope.READ
OPT_OUTS, HEALTH = ApiToken.Scope.OPT_OUTS, ApiToken.Scope.HEALTH


class System(AnonymousUser):
    """Another system that has shown its token. It is nobody who signs in."""

    is_authenticated: Literal[True] = True  # type: ignore[assignment]


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[System, ApiToken] | None:
        word, _blank, written = get_authorization_header(request).decode("latin-1").strip().partition(" ")
        if word.lower() != "bearer":
            return None
        token = callers.caller_of(written.strip(), timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed(
                _("The token is not valid. Ask the administrator for an access of your own."), "bad_token"
            )
        return System(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """How the description of the API calls it."""

    target_class = BearerToken
    name = "smsToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made by `manage.py make_token`."}


def may(*wanted: str, people: bool = False) -> type[BasePermission]:
    """Permission for a token with one of the scopes `wanted`; with `people` for a signed-in administrator too."""

    class May(BasePermission):
        message = _("This access may not do that. Ask the administrator to widen it.")

        def has_permission(self, request: Request, view: Any) -> bool:
            if isinstance(request.auth, ApiToken):
                return bool(set(wanted) & set(request.auth.scopes))
            return people and request.user.has_perm("messaging.change_route")

    return May


class Allowance(BaseThrottle):
    """The calls a minute of a token. Nobody else is slowed down."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiToken):
            self._wait = callers.seconds_to_wait(request.auth, timezone.now())
        return self._wait == 0

    def wait(self) -> float:
        return self._wait


def token_of(request: Request) -> ApiToken:
    """The access that calls."""
    assert isinstance(request.auth, ApiToken)
    return request.auth
