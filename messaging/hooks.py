"""The two names in settings by which the application above is asked: BEFORE_SEND and ON_INBOUND."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.models import InboundMessage


def refused_at_the_last_minute(keys: Sequence[str], now: datetime) -> dict[str, str]:
    """Which of `keys` must not go after all, and why: key -> reason code. Nobody is asked when nothing is set."""
    if not keys or not settings.BEFORE_SEND:
        return {}
    return dict(import_string(settings.BEFORE_SEND)(list(keys), now))


def answer_to(message: InboundMessage, action: str, now: datetime) -> str | None:
    """What to answer to an inbound text, or None."""
    if not settings.ON_INBOUND:
        return None
    answer: str | None = import_string(settings.ON_INBOUND)(message, action, now)
    return answer
