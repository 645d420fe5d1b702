"""The two names in settings by which the application above it is asked: BEFORE_SEND and ON_INBOUND."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.models import InboundMessage


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an inbound text: the words of an answer ("" for none), and whether a person has to read it."""

    answer: str = ""
    for_staff: bool = False


def refused_at_the_last_minute(keys: Sequence[str], now: datetime) -> dict[str, str]:
    """Which of `keys` must not go after all, and why: key -> reason code. Nobody is asked when nothing is set."""
    if not keys or not settings.BEFORE_SEND:
        return {}
    return dict(import_string(settings.BEFORE_SEND)(list(keys), now))


def handle_inbound(message: InboundMessage, action: str, now: datetime) -> Handled | None:
    """What the application makes of an inbound text; None: nothing, so a person has to read it.

    It is called in the transaction in which the text is marked as handled.
    """
    if not settings.ON_INBOUND:
        return None
    handled: Handled | None = import_string(settings.ON_INBOUND)(message, action, now)
    return handled
