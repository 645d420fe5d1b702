"""What was submitted to the operators of a route, what they decided, and as which of it a text may leave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from messaging.models import MessageClass, Route, RouteTemplate
from messaging.outgoing import tails
from messaging.text.frame import tail_for, with_label
from messaging.text.pattern import MOST_SLOTS, compiled, ends, fixed_length, is_whole, slots
from messaging.text.plain import to_plain
from messaging.text.tidy import tidy

State = RouteTemplate.State
WITH_TAIL = " +"
"""Ends the name of the form of a text that says how to stop."""
AUTOMATIC = "auto/"
"""Names that begin like this are of automatic answers: they never say how to stop (`tails.wanted`)."""
_ESCAPED_PLACE = re.compile(r"\\\{\w*\\\}")
DECIDED = (State.REGISTERED, State.REJECTED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text to register. `name` is ours, unique on the route; `body` has {1}, {2}, {3} where values stand, and
    `samples` a value for each."""

    name: str
    body: str
    samples: tuple[str, ...] = ()
    message_class: str = MessageClass.SERVICE
    language: str = ""
    values: Mapping[str, str] = field(default_factory=dict)  # samples for {places} in the words how to stop


@dataclass(slots=True)
class Submitted:
    """How many forms are new on the route, how many it had; by name the sentence for what cannot be registered."""

    new: int = 0
    again: int = 0  # rejected or expired before, and submitted once more
    known: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def submit(route: Route, wordings: Iterable[Wording], now: datetime) -> Submitted:
    """Put texts on the list that goes to the operators of `route`, each in every form in which it can leave there.

    - Operators compare a text with its registration character by character, so what is registered is the whole text:
      with the label if it is promotional, without and with the words that say how to stop in its language, whose places
      take the next numbers; a promotional text only with them, an emergency and an automatic answer only without.
    - A form that is submitted or registered stays as it is; one that was rejected or has expired is submitted again.
    - Refused: more than three values, braces that are no place for one, values alone.
    """
    result = Submitted()
    forms: dict[str, RouteTemplate] = {}
    for wording in wordings:
        body = tidy(wording.body)
        sentence = _why_not(body)
        if sentence:
            result.refused[wording.name] = sentence
            continue
        for name, whole, samples in _forms(route, wording, body):
            if sentence := _why_not(whole):
                result.refused[name] = sentence
                continue
            forms.setdefault(
                whole,
                RouteTemplate(
                    route=route, name=name[:80], body=whole, submitted_at=now, message_class=wording.message_class,
                    samples=list(samples[: len(slots(whole))]),
                ),
            )  # fmt: skip
    with transaction.atomic():
        stored = {row.body: row for row in route.templates.select_for_update().order_by("pk")}
        over = [
            row.pk for whole, row in stored.items() if whole in forms and standing(row, now) in ("rejected", "expired")
        ]
        RouteTemplate.objects.filter(pk__in=over).update(
            state=State.SUBMITTED, submitted_at=now, decided_at=None, valid_to=None, code=""
        )
        fresh = [form for whole, form in forms.items() if whole not in stored]
        RouteTemplate.objects.bulk_create(fresh, ignore_conflicts=True)
    result.new, result.again = len(fresh), len(over)
    result.known = len(forms) - len(fresh) - len(over)
    return result


def decide(
    template: RouteTemplate, state: str, now: datetime, *, code: str = "", note: str = "", valid_to: date | None = None
) -> bool:
    """Record what the operator answered: registered (with its code and its last day, if there is one), rejected or
    expired, with a note. Returns whether anything changed. A code or a note that is not given again stays."""
    if state not in DECIDED:
        raise ValueError(f"An operator does not decide {state}. Give registered, rejected or expired.")
    said = {"state": state, "valid_to": valid_to if state == State.REGISTERED else None}
    said |= {name: value for name, value in (("code", code[:60]), ("note", note[:200])) if value}
    with transaction.atomic():
        row = RouteTemplate.objects.select_for_update().get(pk=template.pk)
        if all(getattr(row, name) == value for name, value in said.items()):
            return False
        RouteTemplate.objects.filter(pk=row.pk).update(**said, decided_at=now)
    return True


def standing(template: RouteTemplate, now: datetime) -> str:
    """The state of a registration at `now`: one whose last day (local) has passed is expired, whatever was stored."""
    over = template.state == State.REGISTERED and template.valid_to is not None and template.valid_to < _day(now)
    return State.EXPIRED.value if over else template.state


def lacking_the_tail(route: Route) -> int:
    """How many texts of `route` were never submitted with the present words how to stop; after these words were
    changed, all of them. Whenever such a text has to say how to stop, it finds no registration."""
    said = tails.in_every_language(route)
    if not said:
        return 0
    ours = route.templates.exclude(message_class=MessageClass.EMERGENCY).exclude(name__startswith=AUTOMATIC)
    entries = list(ours.values_list("name", "body"))
    at_the_end = re.compile("|".join(_as_registered(each) for words in said for each in (words, to_plain(words))))
    ready = {name.removesuffix(WITH_TAIL) for name, body in entries if at_the_end.search(body)}
    return len({name.removesuffix(WITH_TAIL) for name, _body in entries} - ready)


@dataclass(slots=True)
class Register:
    """The registered texts of some routes at a moment."""

    by_route: dict[int, list[tuple[str, str, str, int]]]
    """First and last given words, body, and id; the one with the most given words first."""

    @classmethod
    def of(cls, routes: Iterable[Route], now: datetime) -> Register:
        """Of those of `routes` that send registered texts only. One query, none without such a route."""
        keys = [route.pk for route in routes if route.registered_only]
        by_route: dict[int, list[tuple[str, str, str, int]]] = {key: [] for key in keys}
        rows = in_force(RouteTemplate.objects.filter(route__in=keys), now).order_by()
        for route, body, pk in rows.values_list("route", "body", "pk"):
            by_route[route].append((*ends(body), body, pk))
        for entries in by_route.values():
            entries.sort(key=lambda entry: (-fixed_length(entry[2]), entry[3]))
        return cls(by_route)

    def template_for(self, route: int, body: str) -> int | None:
        """The id of the registered text of a route as which `body`, the whole text, may leave; None for none."""
        longest = settings.TEMPLATE_VALUE_CHARACTERS
        for first, last, text, pk in self.by_route.get(route, ()):
            # A comparison of both ends costs a tenth of the search, and a route has a thousand texts.
            if body.startswith(first) and body.endswith(last) and compiled(text, longest).fullmatch(body):
                return pk
        return None


def in_force(templates: QuerySet[RouteTemplate], now: datetime) -> QuerySet[RouteTemplate]:
    """Those of `templates` as which texts may leave at `now`."""
    return templates.filter(Q(valid_to=None) | Q(valid_to__gte=_day(now)), state=State.REGISTERED)


def _as_registered(words: str) -> str:
    """What matches `words` at the end of a registered text, where their places have numbers."""
    return _ESCAPED_PLACE.sub(r"\\{[1-9]\\}", re.escape(words)) + "$"


def _forms(route: Route, wording: Wording, body: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, whole text and samples of every form in which a text can leave by `route`."""
    promotional = wording.message_class == MessageClass.PROMOTIONAL
    if promotional:
        body = with_label(body, settings.PROMOTIONAL_LABEL)
    alone = wording.message_class == MessageClass.EMERGENCY or wording.name.startswith(AUTOMATIC)
    stops = [] if alone else tails.choices(route, wording.language)
    if not (promotional and stops):
        yield wording.name, body, wording.samples
    first = len(slots(body)) + 1
    for stop in stops:
        named = tails.places(stop)
        numbered = tails.in_place(stop, {place: f"{{{number}}}" for number, place in enumerate(named, start=first)})
        samples = (*wording.samples[: first - 1], *(wording.values.get(place, place) for place in named))
        yield wording.name[: 80 - len(WITH_TAIL)] + WITH_TAIL, body + tail_for(body, numbered), samples


def _why_not(body: str) -> str:
    if len(slots(body)) > MOST_SLOTS:
        return _("It has %(count)s values and operators register at most %(most)s. Write fewer values into it.") % {
            "count": len(slots(body)), "most": MOST_SLOTS,
        }  # fmt: skip
    if not is_whole(body):
        return _("Its values are not numbered {1}, {2}, {3} among words. Number them in the order of the text.")
    return ""


def _day(now: datetime) -> date:
    return now.astimezone(settings.ZONE).date()
