"""What texts from people mean for the people on the number: the hook `ON_INBOUND` of settings."""

from datetime import datetime

from campaigns import stopping
from messaging.models import InboundMessage
from recipients.models.consent import Source

STOP = "stop"


def handle(message: InboundMessage, action: str, now: datetime) -> str | None:
    """Called by messaging for every text that came in, in the transaction that handles it.

    - STOP: messaging has closed the number; the consent of the people on it becomes "ask again" (D9).
    - Everything else, START among it, changes no consent: who took up a shared phone is not known, so the station
      asks.

    Answers the text of a reply, or None for no reply; the confirmation of STOP is messaging's own.
    """
    if action == STOP:
        stopping.stop_number(message.number, now=now, source=Source.KEYWORD)
    return None
