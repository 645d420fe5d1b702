"""Adapters to SMS providers. Adding one: its file here, one line in `PROVIDERS`, one subclass of the contract test."""

from collections.abc import Mapping
from typing import Any

from messaging.providers.base import Provider
from messaging.providers.esms import Esms
from messaging.providers.http_json import HttpJson
from messaging.providers.kannel import Kannel
from messaging.providers.sandbox import Sandbox
from messaging.providers.speedsms import SpeedSms
from messaging.providers.twilio import Twilio
from messaging.secrets import UNREADABLE, Unreadable

PROVIDERS: dict[str, type[Provider]] = {
    provider.name: provider for provider in (Sandbox, Twilio, Kannel, Esms, SpeedSms, HttpJson)
}


def problems(name: str, settings: Mapping[str, Any]) -> list[str]:
    """Why a route of the provider `name` with `settings` cannot send, a sentence each; empty when it can."""
    kind = PROVIDERS.get(name)
    if isinstance(settings, Unreadable):
        return [UNREADABLE]
    return kind.problems(settings) if kind else [_unknown(name)]


def get_provider(name: str, settings: Mapping[str, Any]) -> Provider:
    """A new, unopened provider. Raises `ValueError` with a sentence when no provider has this name."""
    kind = PROVIDERS.get(name)
    if kind is None:
        raise ValueError(_unknown(name))
    return kind(settings)


def _unknown(name: str) -> str:
    return f'There is no SMS provider named "{name}". Choose one of: {", ".join(sorted(PROVIDERS))}.'
