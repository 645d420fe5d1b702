"""Which station holds the sessions for a child, and on which days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Q

from campaigns.local import rules
from recipients.models import Child, Facility, Session

Sessions = Mapping[str, list[date]]
"""The session days of one station by service, ascending."""


def stations(some: Q = Q()) -> dict[int, int]:
    """The station of each unit that has one in force; of several the one registered first."""
    found = Facility.objects.filter(some, kind=Facility.Kind.STATION, valid_to=None).order_by("-id")
    return dict(found.values_list("unit", "id"))


def sessions_for(children: Collection[int]) -> dict[int, Sessions]:
    """The sessions for each child, by its id: of the station where the mother is registered, else of that of her unit
    (a clinic or hospital of hers holds none). Without those that do not take place there (local.rules)."""
    mothers = Child.objects.filter(pk__in=children)
    hers = mothers.values_list("pk", "mother__facility", "mother__facility__kind", "mother__unit")
    by_unit = stations()
    facility_of = {
        child: facility if kind == Facility.Kind.STATION else by_unit.get(unit) for child, facility, kind, unit in hers
    }
    held: dict[int, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    rows = Session.objects.filter(facility__in={each for each in facility_of.values() if each}).order_by("day")
    listed = list(rows.values_list("facility", "service", "day", "facility__unit__path"))
    here = rules.load() if listed else rules.NOTHING
    for facility, service, day, path in listed:
        if here.takes_place(service, path, day):
            held[facility][service].append(day)
    return {child: dict(held[facility]) if facility in held else {} for child, facility in facility_of.items()}


HERS = Q(child__mother__facility__kind=Facility.Kind.STATION)
"""The same rule for many: the enrollments of children whose sessions are those of the mother's own station..."""
ELSEWHERE = Q(child__mother__facility=None) | ~HERS
"""...and of those whose sessions are those of the station of her unit (`served_units`)."""


def served_units(facilities: Collection[int]) -> dict[int, list[int]]:
    """For each of some facilities the units whose station it is."""
    units = Facility.objects.filter(pk__in=facilities).values("unit")
    served = defaultdict(list)
    for unit, station in stations(Q(unit__in=units)).items():
        if station in facilities:
            served[station].append(unit)
    return served
