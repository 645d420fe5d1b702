"""Adapters to SMS providers. Adding one: its file here, one line in `PROVIDERS`, one subclass of the contract test."""

from collections.abc import Mapping
from typing import Any

from messaging.providers.base import Provider
from messaging.providers.sandbox import Sandbox
from messaging.providers.twilio import Twilio

PROVIDERS: dict[str, type[Provider]] = {provider.name: provider for provider in (Sandbox, Twilio)}


def get_provider(name: str, settings: Mapping[str, Any]) -> Provider:
    """A new, unopened provider. Raises `ValueError` with a sentence when no provider has this name."""
    try:
        kind = PROVIDERS[name]
    except KeyError:
        names = ", ".join(sorted(PROVIDERS))
        raise ValueError(f'There is no SMS provider named "{name}". Choose one of: {names}.') from None
    return kind(settings)
