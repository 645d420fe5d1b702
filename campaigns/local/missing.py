"""Which values are missing, and where: those that held texts wait for, and the numbers in the words how to stop."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count

from campaigns.content.parameters import Values
from campaigns.content.rendering import placeholders
from campaigns.local.catalogue import known
from campaigns.models import Reason, ScheduledMessage, StepText
from campaigns.schedule.sendtime import local_day
from messaging.outgoing.tails import names_a_way
from recipients.areas import chain
from recipients.models import AdminUnit, Person

MOST_NAMED = 5


@dataclass
class Missing:
    """A value that nobody has set: how many texts wait for it, and of them in which units."""

    name: str
    texts: int = 0
    units: dict[AdminUnit, int] = field(default_factory=dict)


def missing(area: AdminUnit | None, now: datetime) -> list[Missing]:
    """The values that texts due by now wait for in an area (None: everywhere), those with most texts first.

    Counted by the units where the people live and the words of the steps; whoever is with a facility that has no phone
    counts where neither her unit nor one above has one.
    """
    today = local_day(now, settings.ZONE)
    held = ScheduledMessage.objects.filter(
        state=ScheduledMessage.State.WAITING, reason=Reason.NO_PARAMETER, due_on__lte=today
    )
    if area is not None:
        held = held.filter(person__unit__path__startswith=area.path)
    groups = list(held.order_by().values_list("person__unit", "step").annotate(texts=Count("pk")))
    if not groups:
        return []
    named = _named({step for _unit, step, _texts in groups})
    units = AdminUnit.objects.in_bulk({unit for unit, _step, _texts in groups})
    values = Values(units.keys())
    found: dict[str, Missing] = {}
    for unit, step, texts in groups:
        for name in sorted(named[step] - values.of_unit(unit, today).keys()):
            entry = found.setdefault(name, Missing(name))
            entry.texts += texts
            entry.units[units[unit]] = entry.units.get(units[unit], 0) + texts
    return sorted(found.values(), key=lambda entry: -entry.texts)


def units_without(place: str, on: date) -> list[str]:
    """The highest units with people, at most five by name, for which `place` is no telephone number or not set on a
    local day."""
    inhabited = AdminUnit.objects.filter(pk__in=Person.objects.filter(died_on=None).values("unit"))
    paths = dict(inhabited.values_list("pk", "path"))
    values = Values(paths.keys())
    without = {
        (chain(path) or [pk])[0]
        for pk, path in paths.items()
        if not names_a_way(values.of_unit(pk, on).get(place, ""), ())
    }
    return list(AdminUnit.objects.filter(pk__in=without).order_by("code").values_list("name", flat=True)[:MOST_NAMED])


def _named(steps: set[int]) -> dict[int, set[str]]:
    """The parameters that the words of each step name."""
    found: dict[int, set[str]] = defaultdict(set)
    for step, body, discreet in StepText.objects.filter(step__in=steps).values_list("step", "body", "discreet_body"):
        found[step] |= set(placeholders(f"{body} {discreet}")) & known().keys()
    return found
