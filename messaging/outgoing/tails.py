"""Which texts say how to stop, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _

from messaging import optouts
from messaging.batches import batched
from messaging.models import MessageClass, OutboundMessage, Route
from messaging.statuses import Status
from messaging.text import sender
from messaging.text.tidy import tidy

AUTOMATIC = (optouts.CONFIRMATION, "reply:")
"""Keys of the gateway's own answers begin like this: whoever has just written to us knows the way."""
NOT_READ = (Status.CANCELED, Status.REFUSED, Status.FAILED, Status.EXPIRED, Status.UNDELIVERED)
"""What surely did not reach the phone told nobody how to stop."""
LONGEST = 70
"""Characters of the words that say how to stop; they go into most first texts, and a segment has 70 or 160."""
_BY_CLASS: dict[str, bool] = {MessageClass.EMERGENCY: False, MessageClass.PROMOTIONAL: True}
_NUMBER = re.compile(r"\+?[0-9](?:[ .()-]{0,2}[0-9])+")


def stop_words(route: Route) -> str:
    """The words that say how to stop in the texts of `route`: its own, else those of the deployment; "" for none."""
    return tidy(route.tail or settings.OPT_OUT_TAIL)


def wanted(key: str, message_class: str, asked: bool | None) -> bool | None:
    """Whether a text is to say how to stop; None: when its number has not been told for a while (`told`).

    - An automatic answer never. Otherwise what the caller asked for, if anything.
    - An emergency never, a promotional text always (Decree 91/2020/ND-CP, art. 16).
    """
    if key.startswith(AUTOMATIC):
        return False
    if asked is not None:
        return asked
    return _BY_CLASS.get(message_class)


def told(numbers: Iterable[str], now: datetime) -> set[str]:
    """Which of `numbers` were told how to stop within OPT_OUT_TAIL_DAYS, by a text that arrived or still may."""
    since = now - timedelta(days=settings.OPT_OUT_TAIL_DAYS)
    found: set[str] = set()
    for some in batched(sorted(set(numbers))):
        lately = OutboundMessage.objects.filter(to__in=some, queued_at__gt=since).exclude(tail="")
        found.update(lately.exclude(status__in=NOT_READ).values_list("to", flat=True))
    return found


def names_a_way(words: str, senders: Iterable[str]) -> bool:
    """Whether `words` name something that works: a telephone number, or a number among `senders` (those of the
    deployment's routes), on which a STOP comes in. Answers to a brand name are lost."""
    ours = {sender.digits(one) for one in senders} - {""}
    for found in _NUMBER.findall(words):
        digits = re.sub(r"\D", "", found)
        if digits in ours:
            return True
        try:
            number = phonenumbers.parse(found, settings.PHONE_REGION)
        except phonenumbers.NumberParseException:
            continue
        if len(digits) >= 7 and phonenumbers.is_possible_number(number):
            return True
    return False


def problems(words: str, senders: Iterable[str]) -> list[str]:
    """Why `words` do not say how to stop, a sentence each; none for no words. `senders`: of the routes, ours."""
    words = tidy(words)
    found = []
    if len(words) > LONGEST:
        found.append(
            _("“%(words)s” is longer than %(most)s characters. Write them shorter.") % {"words": words, "most": LONGEST}
        )
    if words and not names_a_way(words, senders):
        found.append(
            _(
                "“%(words)s” names neither a telephone number nor a number that a route receives on, and answers to a "
                "brand name are lost. Name one."
            )
            % {"words": words}
        )
    return found
