"""Whom the words how to stop name no number for."""

from datetime import date

from campaigns.models import Parameter
from messaging.outgoing.tails import names_a_way
from recipients.models import AdminUnit, Person

MOST_NAMED = 5


def units_without(place: str, day: date) -> list[str]:
    """The highest units with people, at most five by name, for which the parameter `place` is no telephone number or
    not set on a local day; a unit takes the value of the nearest unit above, at last the one for all."""
    rows = Parameter.objects.filter(name=place)
    values: dict[int | None, str] = {row.unit_id: row.value for row in rows if row.counts_on(day)}
    inhabited = AdminUnit.objects.filter(pk__in=Person.objects.filter(died_on=None).values("unit"))
    without: set[int] = set()
    for pk, path in inhabited.values_list("pk", "path"):
        chain = [int(step) for step in path.split("/") if step] or [pk]
        nearest = next((unit for unit in [*reversed(chain), None] if unit in values), None)
        if not names_a_way(values.get(nearest, ""), ()):
            without.add(chain[0])
    return list(AdminUnit.objects.filter(pk__in=without).order_by("code").values_list("name", flat=True)[:MOST_NAMED])
