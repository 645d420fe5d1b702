"""What must be right before anything is sent, told at start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.utils.module_loading import import_string

from messaging.models import Route
from messaging.outgoing import routing


@register("messaging")
def hooks_exist(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[CheckMessage]:
    """BEFORE_SEND and ON_INBOUND name functions that can be imported, or nothing."""
    problems: list[CheckMessage] = []
    for name in ("BEFORE_SEND", "ON_INBOUND"):
        path = getattr(settings, name)
        try:
            if path:
                import_string(path)
        except ImportError as error:
            problems.append(
                Error(
                    f"The setting {name} names {path}, which cannot be imported: {error}.",
                    hint=f"Correct {name}; until then nothing is sent.",
                    id="messaging.E001",
                )
            )
    return problems


@register("messaging")
def public_address_is_safe(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[CheckMessage]:
    """Where texts really leave, providers call an https address."""
    if settings.LIVE_SENDING and not settings.PUBLIC_URL.startswith("https://"):
        return [
            Warning(
                f"Delivery reports would come to {settings.PUBLIC_URL}, without encryption.",
                hint="Set PUBLIC_URL to the https address of this deployment.",
                id="messaging.W001",
            )
        ]
    return []


@register(Tags.database)
def routes_are_complete(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **more: Any
) -> list[CheckMessage]:
    """Every route that is switched on can work as it is set up: provider, settings, prefixes, classes."""
    if not databases or "default" not in databases:
        return []
    problems: list[CheckMessage] = []
    try:
        for route in Route.objects.filter(enabled=True):
            problems += [
                Error(
                    f'The route "{route.name}" cannot send. {problem}',
                    hint="Correct it in the administration, or switch it off.",
                    id="messaging.E002",
                )
                for problem in routing.problems(route)
            ]
    except DatabaseError:
        return []  # not migrated yet
    return problems
