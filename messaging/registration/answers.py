"""An operator's answer, line by line, becomes the state of the registered texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from messaging.models import Route, RouteTemplate
from messaging.registration.files import Answer
from messaging.registration.texts import decide
from messaging.text.plain import to_plain
from messaging.text.tidy import tidy

State = RouteTemplate.State
WORDS = {
    State.REJECTED: ("tu choi", "khong duyet", "khong dat", "chua dat", "huy", "rejected", "refused", "declined"),
    State.EXPIRED: ("het han", "het hieu luc", "expired"),
    State.REGISTERED: (
        "da duyet", "duyet", "dat", "thanh cong", "da dang ky", "hieu luc", "dang hoat dong", "ok",
        "registered", "approved", "accepted", "active",
    ),
    State.SUBMITTED: ("", "cho duyet", "dang cho", "dang duyet", "dang xu ly", "submitted", "pending", "waiting"),
}  # fmt: skip
"""What operators write, in small letters without diacritics; the last ones change nothing."""
_MEANING = {word: state for state, words in WORDS.items() for word in words}


@dataclass(slots=True)
class Applied:
    """How many texts got which state anew, how many lines said nothing new, and a sentence for each line that could
    not be applied."""

    changed: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def apply(route: Route, answers: Iterable[Answer], now: datetime) -> Applied:
    """Record an operator's answers for `route`; all in one transaction.

    - A line is about the text whose whole body it carries, else about the one that alone has its name.
    - A line that is still waiting at the operator changes nothing. An unknown word, an unknown text or a day that is
      none changes nothing either and is told.
    """
    applied = Applied()
    with transaction.atomic():
        rows = list(route.templates.select_for_update().order_by("pk"))
        by_body = {row.body: row for row in rows}
        named: dict[str, list[RouteTemplate]] = {}
        for template in rows:
            named.setdefault(template.name, []).append(template)
        for answer in answers:
            alone = named.get(answer.name, [])
            row = by_body.get(tidy(answer.body)) or (alone[0] if len(alone) == 1 else None)
            state = _MEANING.get(to_plain(answer.state).strip(" .").casefold())
            sentence = _problem(answer, row, state)
            if sentence or row is None or state is None:
                applied.problems.append(sentence)
            elif state != State.SUBMITTED and decide(
                row, state, now, code=answer.code, note=answer.note,
                valid_to=answer.valid_to if isinstance(answer.valid_to, date) else None,
            ):  # fmt: skip
                applied.changed[state] += 1
            else:
                applied.unchanged += 1
    return applied


def _problem(answer: Answer, row: RouteTemplate | None, state: State | None) -> str:
    said = {"line": answer.line}
    if row is None:
        return _("Line %(line)s: no text of this route has these words or this name. Leave both as they were.") % said
    if state is None:
        return _(
            "Line %(line)s: the result “%(word)s” is not known. Write Đã duyệt (registered) or Từ chối (rejected)."
        ) % (said | {"word": answer.state})
    if isinstance(answer.valid_to, str):
        return _("Line %(line)s: “%(day)s” is no day. Write it like 31/12/2027.") % (said | {"day": answer.valid_to})
    return ""
