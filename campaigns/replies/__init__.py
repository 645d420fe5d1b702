"""What texts from people mean for the people on the number: the hook `ON_INBOUND` of settings.

Which action has which handler says the table `REPLIES` in settings: `handler(heard, now) -> Handled | None`.
"""

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from campaigns.replies.heard import listen
from messaging.hooks import Handled
from messaging.models import InboundMessage


def handle(message: InboundMessage, action: str, now: datetime) -> Handled | None:
    """Called by messaging for every text that came in, in the transaction that handles it.

    Everybody whom the text may be about is locked first, in the order of their keys. `action` is "" for a text that
    begins with no keyword. None: a person has to read it.
    """
    handler = settings.REPLIES.get(action)
    if handler is None:
        return None
    handled: Handled | None = import_string(handler)(listen(message, now), now)
    return handled
