"""What must be right before anything is sent, told at start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.utils.module_loading import import_string

from messaging.models import MessageClass, Route
from messaging.outgoing import routing, tails

SAY_HOW_TO_STOP = {MessageClass.SERVICE, MessageClass.SOCIAL, MessageClass.PROMOTIONAL}


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
    """Every route that is switched on can work as it is set up: provider, settings, prefixes, classes, sender."""
    if not databases or "default" not in databases:
        return []
    problems: list[CheckMessage] = []
    for route in _routes():
        problems += [
            Error(
                f'The route "{route.name}" cannot send. {problem}',
                hint="Correct it in the administration, or switch it off.",
                id="messaging.E002",
            )
            for problem in routing.problems(route)
        ]
    return problems


@register(Tags.database)
def everybody_can_stop(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **more: Any
) -> list[CheckMessage]:
    """Words how to stop name a way that works and fit; where texts really leave, every route has some."""
    if not databases or "default" not in databases:
        return []
    routes = list(_routes())
    problems: list[CheckMessage] = []
    said = [("The setting OPT_OUT_TAIL", settings.OPT_OUT_TAIL)]
    said += [("The setting OPT_OUT_TAILS", words) for words in settings.OPT_OUT_TAILS.values()]
    said += [(f'The route "{route.name}"', words) for route in routes for words in (route.tail, *route.tails.values())]
    for where, words in said:
        problems += [
            Error(f"{where} does not say how to stop. {problem}", hint="Correct the words.", id="messaging.E003")
            for problem in tails.problems(words, [route.sender for route in routes])
        ]
    for route in routes:
        needs = not route.message_classes or SAY_HOW_TO_STOP & set(route.message_classes)
        if settings.LIVE_SENDING and routing.may_send(route) and needs and not tails.StopWords().of(route):
            whose = "Texts of other systems by" if tails.choices(route) else "Texts of"
            problems.append(
                Warning(
                    f'{whose} the route "{route.name}" do not say how to stop, and promotional texts are refused.',
                    hint="Set OPT_OUT_TAIL, or write words without a place into the route.",
                    id="messaging.W002",
                )
            )
    return problems


def _routes() -> list[Route]:
    """The routes that are switched on; none while the tables are not there."""
    try:
        return list(Route.objects.filter(enabled=True))
    except DatabaseError:
        return []
