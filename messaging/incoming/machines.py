"""Who texts us without being a person: services, our own senders, and whatever sends our words back."""

from django.db.models import Q

from messaging.models import OutboundMessage, Route
from messaging.numbers import to_e164
from messaging.text.plain import to_plain
from messaging.text.tidy import tidy

MACHINE = "machine"
"""The action of such a text. It is kept, and nobody answers, obeys or has to read it."""
LATEST = 5
"""Of so many texts to a number an echo is recognised."""


def is_machine(number: str, body: str, region: str) -> bool:
    """Whether a text from `number` (as `to_e164` made it) comes from a machine:

    - a short code or a brand name, to which nothing can be sent;
    - the sender of one of our routes: an answer to it would come back to us;
    - a text with the very words of one of the latest that went to the number.
    """
    if not number.startswith("+"):
        return True
    senders = Route.objects.exclude(sender="").values_list("sender", flat=True)
    if number in {to_e164(sender, region) for sender in senders}:
        return True
    said = _bare(body)
    latest = OutboundMessage.objects.filter(~Q(sent_at=None), to=number).order_by("-queued_at")[:LATEST]
    return bool(said) and any(_bare(text.body) == said for text in latest)


def _bare(text: str) -> str:
    return " ".join(to_plain(tidy(text)).casefold().split())
