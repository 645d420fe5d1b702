"""What must be right before anything is sent, told at start: whoever is to be told how to stop has a number to call."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError
from django.utils import timezone

from campaigns.content.stopnumbers import units_without
from campaigns.schedule.sendtime import local_day
from messaging.models import Route
from messaging.outgoing import tails


@register(Tags.database)
def everybody_has_a_number_to_call(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **more: Any
) -> list[CheckMessage]:
    """What stands between braces in the words how to stop, in any language, is set for every unit with people, as a
    number that is in force today."""
    if not databases or "default" not in databases:
        return []
    today = local_day(timezone.now(), settings.ZONE)
    try:
        words = {
            each
            for route in Route.objects.filter(enabled=True)
            for language in ("", *route.tails, *settings.OPT_OUT_TAILS)
            for each in tails.choices(route, language)
        }
        missing = {place: units_without(place, today) for each in words for place in tails.places(each)}
    except DatabaseError:
        return []
    return [
        Warning(
            f"The words how to stop name {{{place}}}, which is no telephone number for: {', '.join(units)}.",
            hint=f"Set the parameter {place} for these units; until then other words are taken, or none.",
            id="campaigns.W001",
        )
        for place, units in sorted(missing.items())
        if units
    ]
