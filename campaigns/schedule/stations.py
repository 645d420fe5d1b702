"""Which station holds the sessions for a child, and on which days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Q

from recipients.models import Child, Facility, Session

Sessions = Mapping[str, list[date]]
"""The session days of one station by service, ascending."""


def stations() -> dict[int, int]:
    """The station of each unit that has one in force; of several the one registered first."""
    found = Facility.objects.filter(kind=Facility.Kind.STATION, valid_to=None).order_by("-id")
    return dict(found.values_list("unit", "id"))


def sessions_for(children: Collection[int]) -> dict[int, Sessions]:
    """The sessions for each child, by its id: of the station where the mother is registered, else of that of her unit
    (a clinic or hospital of hers holds none)."""
    mothers = Child.objects.filter(pk__in=children)
    hers = mothers.values_list("pk", "mother__facility", "mother__facility__kind", "mother__unit")
    by_unit = stations()
    facility_of = {
        child: facility if kind == Facility.Kind.STATION else by_unit.get(unit) for child, facility, kind, unit in hers
    }
    held: dict[int, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    rows = Session.objects.filter(facility__in={each for each in facility_of.values() if each}).order_by("day")
    for facility, service, day in rows.values_list("facility", "service", "day"):
        held[facility][service].append(day)
    return {child: dict(held[facility]) if facility in held else {} for child, facility in facility_of.items()}


def children_of(facilities: Collection[int], first_of_unit: Mapping[int, int]) -> Q:
    """The same rule for many: the enrollments of children for whom one of the facilities holds the sessions;
    `first_of_unit` is `stations()`."""
    units = [unit for unit, station in first_of_unit.items() if station in set(facilities)]
    elsewhere = Q(child__mother__facility=None) | ~Q(child__mother__facility__kind=Facility.Kind.STATION)
    hers = Q(child__mother__facility__in=facilities, child__mother__facility__kind=Facility.Kind.STATION)
    return hers | (elsewhere & Q(child__mother__unit__in=units))
