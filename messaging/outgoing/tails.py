"""Which texts say how to stop, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
NOT_READ = (Status.CANCELED, Status.FAILED, Status.EXPIRED, Status.UNDELIVERED)
"""What surely did not reach the phone told nobody how to stop."""
LONGEST = 70
"""Characters of the words that say how to stop; they go into most first texts, and a segment has 70 or 160."""
LONGEST_FILLED = 78
"""The same with a number in their place: what a row has room for, with what joins them to the text before."""
_BY_CLASS: dict[str, bool] = {MessageClass.EMERGENCY: False, MessageClass.PROMOTIONAL: True}
_NUMBER = re.compile(r"\+?[0-9](?:[ .()-]{0,2}[0-9])+")
_PLACE = re.compile(r"\{([^{}]*)\}")


def choices(route: Route, language: str = "") -> list[str]:
    """The words that may say how to stop in the texts of `route`, the best first: its own in the language of the text,
    its own, those of the deployment in the language, those of the deployment.

    In words may stand {places} for what the caller gives with a text (settings.OPT_OUT_PLACES); the last of the choices
    has none, if there is such a one, since that always applies.
    """
    ours = (route.tails.get(language), route.tail, settings.OPT_OUT_TAILS.get(language), settings.OPT_OUT_TAIL)
    found: list[str] = []
    for words in dict.fromkeys(tidy(each) for each in ours if each):
        found.append(words)
        if not places(words):
            break
    return found


def in_every_language(route: Route) -> set[str]:
    """All `choices` of a route."""
    languages = {"", *route.tails, *settings.OPT_OUT_TAILS}
    return {words for language in languages for words in choices(route, language)}


def places(words: str) -> list[str]:
    """The names between braces in words how to stop, each once, in their order."""
    return list(dict.fromkeys(_PLACE.findall(words)))


def in_place(words: str, values: Mapping[str, str]) -> str:
    """`words` with what stands for their places."""
    return _PLACE.sub(lambda found: values[found[1]], words)


@dataclass(frozen=True, slots=True)
class StopWords:
    """The words how to stop for many texts: what a route says in a language is put together once."""

    known: dict[tuple[int, str], list[tuple[str, list[str]]]] = field(default_factory=dict)

    def of(self, route: Route, language: str = "", values: Mapping[str, str] | None = None) -> str:
        """The best of `choices` for which `values` has all that stands in it, and that has room then; "" for
        none."""
        if (route.pk, language) not in self.known:
            self.known[route.pk, language] = [(words, places(words)) for words in choices(route, language)]
        given = values or {}
        for words, named in self.known[route.pk, language]:
            if not named:
                return words
            filled = tidy(in_place(words, given)) if all(given.get(place, "").strip() for place in named) else ""
            if 0 < len(filled) <= LONGEST_FILLED:
                return filled
        return ""


def any_words(routes: Iterable[Route]) -> bool:
    """Whether any text by one of `routes` may have to say how to stop in our words."""
    return bool(settings.OPT_OUT_TAIL or settings.OPT_OUT_TAILS) or any(r.tail or r.tails for r in routes)


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
        lately = OutboundMessage.objects.filter(to__in=some, queued_at__gt=since, says_stop=True)
        found.update(lately.exclude(status__in=NOT_READ).values_list("to", flat=True))
    return found


def names_a_way(words: str, senders: Iterable[str]) -> bool:
    """Whether `words` name something that works: a telephone number, or a number among `senders` (those of the
    deployment's routes), on which a STOP comes in; or have a place for a number. Answers to a brand name are lost."""
    if set(places(words)) & set(settings.OPT_OUT_PLACES):
        return True
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
    unknown = set(places(words)) - set(settings.OPT_OUT_PLACES)
    if unknown or re.search(r"[{}]", _PLACE.sub("", words)):
        known = ", ".join(f"{{{place}}}" for place in settings.OPT_OUT_PLACES)
        found.append(
            _("“%(words)s” has a place that nobody fills. Between braces may stand: %(known)s.")
            % {"words": words, "known": known}
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


def language_problems(tails: object, senders: Iterable[str]) -> list[str]:
    """Why `tails` cannot be a route's words how to stop by language, a sentence each."""
    if not isinstance(tails, dict) or not all(isinstance(n, str) and isinstance(w, str) for n, w in tails.items()):
        return [_('The words by language are no list of languages with words. Write them like {"en": "To stop..."}.')]
    senders = list(senders)
    return [sentence for words in tails.values() for sentence in problems(words, senders)]
