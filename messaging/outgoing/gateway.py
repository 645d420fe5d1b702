"""The way in: a text becomes one queued row, or is refused with a reason. Nothing leaves from here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from messaging import optouts, phones
from messaging.batches import batched
from messaging.models import MessageClass, OutboundMessage, Route
from messaging.outgoing import routing, tails
from messaging.outgoing.tails import StopWords
from messaging.registration.texts import Register
from messaging.statuses import Status
from messaging.text.frame import tail_for, with_label
from messaging.text.segments import Measure, measure
from messaging.text.tidy import tidy

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Text:
    """What a caller wants sent. `key` is the caller's name for it, at most 80 characters, the same for life."""

    to: str  # E.164
    body: str
    key: str
    message_class: str = MessageClass.SERVICE
    priority: int = 50  # the smallest goes first
    send_after: datetime | None = None  # aware; not before
    expires_at: datetime | None = None  # aware; not after
    tail: bool | None = None  # whether it says how to stop; None: by its class, and when its number was told last
    says_stop: bool = False  # its own words say it already: nothing is put after them, and its number counts as told
    language: str = ""  # of its words, like "vi": the tail is in it, where the route has one
    stop_values: Mapping[str, str] | None = field(default=None, compare=False)  # for {places} in the tail
    caller: int | None = None  # the access (ApiToken) of the other system that asks
    back: int | None = None  # the route of the text that this one answers: it is preferred (`routing.ways`)

    @property
    def words(self) -> str:
        """What is said, without how to stop: the body, with the label of a promotional text. It equals `words` of the
        row that it becomes, if the body is tidy."""
        return _labelled(self.body, self.message_class)


class Refused(Exception):
    """The gateway did not take a text. `code`: opted_out, dead_number, no_route, not_registered, no_tail, bad_number
    or empty; `sentence` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def send(text: Text, now: datetime) -> OutboundMessage:
    """Queue one text; the rules of `send_many`. Raises `Refused`."""
    result = send_many([text], now)[text.key]
    if isinstance(result, Refused):
        raise result
    return result


def send_many(texts: Iterable[Text], now: datetime) -> dict[str, OutboundMessage | Refused]:
    """Queue texts; for each key its row, or why it was refused. All in one transaction.

    - A key that is known returns its row untouched, whatever the text says now: asking twice sends once, also when
      two callers ask at the same moment. Of two texts with one key in one call the first counts.
    - Refused, without a row: `bad_number` (not E.164), `empty`, `opted_out` (the number is closed and the key is no
      confirmation of a STOP), `dead_number` (it takes no texts any more, `phones.dead`; an emergency and an automatic
      answer are tried all the same), `no_route` (no route takes number, class and size; without LIVE_SENDING only the
      sandbox is a route, and one that is being drained is none), `not_registered` (every route that takes them sends
      registered texts only, and this is none), `no_tail` (it has to say how to stop, and no route has words for it).
    - The body is made tidy; a promotional text begins with its label. It ends with how to stop where the caller or
      the law wants it, and otherwise where the number has not been told for OPT_OUT_TAIL_DAYS (`tails`), in the
      language of the text if the route has it; not twice, where its own words say so. Then the whole is measured. It
      is never shortened and keeps its diacritics.
    - It leaves by the best route that takes it as it is: where registered texts only leave, the whole text, label and
      tail too, is one of them; which one is kept with the row.
    """
    wanted: dict[str, Text] = {}
    for text in texts:
        if not 0 < len(text.key) <= 80:
            raise ValueError(f"A key has 1 to 80 characters, this one {len(text.key)}. Give the text another key.")
        wanted.setdefault(text.key, text)
    results: dict[str, OutboundMessage | Refused] = {}
    routes = routing.routes_for(now)
    with transaction.atomic():
        for some in batched(sorted(wanted)):
            results.update(_queue([wanted[key] for key in some], routes, now))
    return {key: results[key] for key in wanted}


def cancel(keys: Iterable[str], now: datetime, code: str) -> int:
    """Cancel those of `keys` that have not left, with `code` as the reason. Returns how many ended.

    A text that a dispatcher has claimed is still ours until its last check, so it is canceled too.
    """
    ended = 0
    for some in batched(sorted(set(keys))):
        with transaction.atomic():
            rows = OutboundMessage.objects.filter(key__in=some, status=Status.QUEUED)
            ids = list(rows.select_for_update().order_by("id").values_list("id", flat=True))
            ended += OutboundMessage.objects.filter(id__in=ids, status=Status.QUEUED).update(
                status=Status.CANCELED, error_code=code[:40], final_at=now, lease=None, leased_until=None
            )
    return ended


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is known while a batch is queued. `told`: the numbers that know how to stop, these texts included."""

    routes: Sequence[Route]
    stop_words: StopWords
    register: Register
    operators: dict[str, str]  # by number; asked only where a route names some
    closed: set[str]
    dead: set[str]
    told: set[str]


def _queue(texts: Sequence[Text], routes: Sequence[Route], now: datetime) -> dict[str, OutboundMessage | Refused]:
    results: dict[str, OutboundMessage | Refused] = {}
    known = {row.key: row for row in OutboundMessage.objects.filter(key__in=[text.key for text in texts])}
    results.update(known)
    new = [text for text in texts if text.key not in known]
    desk = _desk(new, routes, now)
    rows = []
    for text in new:
        try:
            rows.append(_row(text, desk, now))
        except Refused as refusal:
            results[text.key] = refusal
    if rows:
        OutboundMessage.objects.bulk_create(rows, ignore_conflicts=True)
        # A caller beside us may have been faster with a key: what is stored counts, not what we made.
        made = {row.pk: row for row in rows}
        stored = OutboundMessage.objects.filter(pk__in=made)
        results.update({made[pk].key: made[pk] for pk in stored.values_list("pk", flat=True)})
        theirs = [row.key for row in rows if row.key not in results]
        results.update({row.key: row for row in OutboundMessage.objects.filter(key__in=theirs)} if theirs else {})
    return results


def _desk(texts: Sequence[Text], routes: Sequence[Route], now: datetime) -> _Desk:
    words = tails.any_words(routes)
    ask = {t.to for t in texts if words and tails.wanted(t.key, t.message_class, t.tail) is None}
    numbers = {text.to for text in texts}
    today = now.astimezone(settings.ZONE).date()
    return _Desk(
        routes,
        StopWords(),
        Register.of(routes, now),
        phones.operator_of(numbers, today) if any(route.operators for route in routes) else {},
        optouts.closed(numbers),
        phones.dead(numbers),
        tails.told(ask, now),
    )


def _row(text: Text, desk: _Desk, now: datetime) -> OutboundMessage:
    if not _E164.fullmatch(text.to):
        raise Refused("bad_number", _("The number is not in international form. Correct the number."))
    body = tidy(text.body)
    if not body:
        raise Refused("empty", _("The text is empty. Write a text."))
    if text.to in desk.closed and not text.key.startswith(optouts.CONFIRMATION):
        raise Refused("opted_out", _("The number is closed: its holder said stop. Send nothing to it."))
    worth_a_try = text.message_class == MessageClass.EMERGENCY or text.key.startswith(tails.AUTOMATIC)
    if text.to in desk.dead and not worth_a_try:
        raise Refused("dead_number", _("Texts no longer arrive at this number. Ask for the right number."))
    words = _labelled(body, text.message_class)
    route, tail, size, template = _way(text, words, desk)
    if tail or text.says_stop:
        desk.told.add(text.to)
    return OutboundMessage(
        key=text.key,
        to=text.to,
        body=words + tail,
        tail=tail,
        says_stop=bool(tail) or text.says_stop,
        language=text.language,
        stop_values=_values(text) if tail else None,
        encoding=size.encoding,
        segments=size.segments,
        message_class=text.message_class,
        priority=text.priority,
        route=route,
        template_id=template,
        caller_id=text.caller,
        send_after=max(text.send_after, now) if text.send_after else now,
        expires_at=text.expires_at,
        queued_at=now,
    )


def _way(text: Text, words: str, desk: _Desk) -> tuple[Route, str, Measure, int | None]:
    """The best route that takes the whole text; its tail there, its size, and as which registered text it leaves."""
    refused = Refused("no_route", _("No route takes this text. Ask the administrator to set up a route."))
    needed = tails.wanted(text.key, text.message_class, text.tail)
    told = text.says_stop or (text.to in desk.told and settings.OPT_OUT_TAIL_DAYS > 0)
    for route in routing.ways(desk.routes, text.to, text.message_class, None, text.key, desk.operators, text.back):
        tail = ""
        if needed if needed is not None else not told:
            tail = tail_for(words, desk.stop_words.of(route, text.language, text.stop_values))
        if not tail and (needed or text.message_class == MessageClass.PROMOTIONAL):
            refused = Refused(
                "no_tail",
                _("This text has to say how to stop, and no words are set for it. Ask the administrator to set them."),
            )
            continue
        if not routing.fits(route, size := measure(words + tail)):
            continue
        template = desk.register.template_for(route.pk, words + tail)
        if template is None and route.registered_only:
            refused = Refused(
                "not_registered",
                _("The operator sends registered texts only, and this one is none. Have it registered."),
            )
            continue
        return route, tail, size, template
    raise refused


def _values(text: Text) -> dict[str, str] | None:
    """What another way needs for the places in its own tail."""
    values = text.stop_values or {}
    return {place: values[place] for place in settings.OPT_OUT_PLACES if values.get(place)} or None


def _labelled(body: str, message_class: str) -> str:
    return with_label(body, settings.PROMOTIONAL_LABEL) if message_class == MessageClass.PROMOTIONAL else body
