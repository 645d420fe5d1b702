"""Everything that is set for one unit: what is in force and from where, what comes, what was, and what waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q

from campaigns.content.parameters import Values
from campaigns.local import kinds, rules
from campaigns.local.catalogue import Known, known
from campaigns.local.missing import Missing, missing
from campaigns.models import Parameter, StepText
from campaigns.schedule.sendtime import local_day
from recipients import areas
from recipients.models import AdminUnit, Session


@dataclass
class Line:
    """One parameter at one unit.

    - `value`: in force today, of this unit or inherited (`value.unit`); None where only `default` counts. `on_record`:
      what the list of stations says instead.
    - `now`, `coming` and `past` are this unit's own; `below`: those of units further down, in force or to come.
    - `texts`: live texts that name it. `waiting`: what is held because nobody has set it.
    """

    about: Known
    default: str = ""
    value: Parameter | None = None
    on_record: str = ""
    now: Parameter | None = None
    coming: list[Parameter] = field(default_factory=list)
    past: list[Parameter] = field(default_factory=list)
    below: list[Parameter] = field(default_factory=list)
    texts: int = 0
    waiting: Missing | None = None


def of_unit(unit: AdminUnit | None, now: datetime) -> list[Line]:
    """A line for every known parameter, those for which texts wait first, else in the order of the catalogue; at the
    end what is set under other names."""
    today = local_day(now, settings.ZONE)
    chain = areas.chain(unit.path) if unit else []
    mine = Q(unit=None) | Q(unit__in=chain) | (Q(unit__path__startswith=unit.path) if unit else Q())
    rows: dict[str, list[Parameter]] = {}
    for row in Parameter.objects.filter(mine).select_related("unit", "set_by").order_by("valid_from"):
        rows.setdefault(row.name, []).append(row)
    waiting = {entry.name: entry for entry in missing(unit, now)}
    named = _in_texts()
    recorded = Values([unit.pk]).of_unit(unit.pk, today) if unit else {}
    lines = []
    for about in [*known().values(), *(_unknown(name) for name in rows if name not in known())]:
        line = Line(about, about.default or (settings.BRAND if about.name == "brand" else ""))
        _fill(line, rows.get(about.name, []), unit, chain, today)
        line.texts, line.waiting = named.get(about.name, 0), waiting.get(about.name)
        if about.name in ("coso", "sdt") and recorded.get(about.name, "") != (line.value.value if line.value else ""):
            line.on_record = recorded.get(about.name, "")
        lines.append(line)
    return sorted(lines, key=lambda line: line.waiting is None)


def in_force(unit: AdminUnit | None, day: date) -> list[Parameter]:
    """The value of each name that counts at a unit on a local day, its own or the nearest inherited one, by name."""
    chain = areas.chain(unit.path) if unit else []
    rows = Parameter.objects.filter(Q(unit=None) | Q(unit__in=chain)).select_related("unit")
    nearest = sorted((row for row in rows if row.counts_on(day)), key=_depth)
    return [found for _name, found in sorted({row.name: row for row in nearest}.items())]


def _depth(row: Parameter) -> int:
    """How far down a unit lies; everybody is above all."""
    return len(row.unit.path) if row.unit else 0


def _unknown(name: str) -> Known:
    """A name that an earlier version set: shown so that it can be ended, never set anew (it has no example)."""
    meaning = {
        "vi": "Không có trong danh mục. Chỉ tin có ghi tên này mới dùng; nếu không còn cần, hãy kết thúc.",
        "en": "Not in the catalogue. Only texts that name it use it; end it if it is not needed any more.",
    }
    return Known(name, "text", "text", 120, "", {"vi": name, "en": name}, meaning)


def _fill(line: Line, rows: Iterable[Parameter], unit: AdminUnit | None, chain: list[int], today: date) -> None:
    above = {None, *chain}
    line.value = max((row for row in rows if row.unit_id in above and row.counts_on(today)), key=_depth, default=None)
    mine = [row for row in rows if row.unit_id == (unit.pk if unit else None)]
    line.now = next((row for row in mine if row.counts_on(today)), None)
    line.coming = [row for row in mine if row.valid_from > today]
    line.past = [row for row in mine if row.valid_to is not None and row.valid_to < today]
    line.below = [row for row in rows if row.unit_id not in above and (row.valid_to is None or row.valid_to >= today)]


def _in_texts() -> dict[str, int]:
    """How many live texts name each parameter, in whatever language."""
    live = StepText.objects.filter(step__revision__state="live")
    return {
        name: live.filter(Q(body__contains=f"{{{name}}}") | Q(discreet_body__contains=f"{{{name}}}"))
        .values("step")
        .distinct()
        .count()
        for name in known()
        if known()[name].use == "text"
    }


def sessions_stopped(row: Parameter, now: datetime) -> int:
    """How many sessions on the lists, from today on, a value would keep from taking place: what it closes, and the
    services that it leaves out. What units further down have set for themselves is not looked at."""
    today = local_day(now, settings.ZONE)
    held = Session.objects.filter(day__gte=max(row.valid_from, today))
    if row.valid_to is not None:
        held = held.filter(day__lte=row.valid_to)
    if row.unit is not None:
        held = held.filter(facility__unit__path__startswith=row.unit.path)
    if row.name == rules.CLOSED:
        return held.count() if row.value == kinds.YES else 0
    return held.exclude(service__in=kinds.services(row.value)).count() if row.name == rules.SERVICES else 0
