"""The values of the placeholders for many people at once: name, station, phones and what is set per unit."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from campaigns.content import regions
from campaigns.content.rendering import given_name
from campaigns.local import catalogue
from campaigns.models import Enrollment, Parameter, ScheduledMessage, Step
from recipients import areas
from recipients.models import AdminUnit, Facility, Person


def values_for(people: Iterable[Person], on: date) -> dict[int, dict[str, str]]:
    """Placeholder values by person id on the local day `on`; see `Values`."""
    people = list(people)
    values = Values.of_people(people)
    return {person.pk: values.of(person, on) for person in people}


class Values:
    """The placeholder values of some people on any day, read in five queries however many people and days there are.

    - `ten`: the given name.
    - `coso`, `sdt`: name and phone of the person's facility while it is in force on the local day `on`, else of the
      station of the nearest unit upwards, village or commune.
    - Everything else (`hotline`...), and `coso` or `sdt` where no facility gives it: the Parameter in force on the day
      of the nearest unit upwards, at last the one for all.
    - The words of the region in which the unit's province lies.
    - Where nobody has set one: `brand` is settings.BRAND, some have a default (data/parameters.toml), and any other is
      absent, so `render` raises MissingValue.
    """

    def __init__(self, units: Collection[int], facilities: Collection[int] = ()) -> None:
        """For people of some units, and with facilities of their own."""
        paths = dict(AdminUnit.objects.filter(id__in=units).values_list("id", "path"))
        self._chains = {unit: _upwards(unit, path) for unit, path in paths.items()}
        above = {unit for chain in self._chains.values() for unit in chain}
        roots = {chain[-1] for chain in self._chains.values()}
        self._provinces = dict(AdminUnit.objects.filter(id__in=roots).values_list("id", "code"))
        self._own = Facility.objects.in_bulk(facilities)
        self._stations = _stations(above)
        self._parameters = list(Parameter.objects.filter(Q(unit=None) | Q(unit_id__in=above)))
        self._of_day: dict[date, dict[int | None, dict[str, str]]] = {}
        self._of_unit: dict[tuple[int, date], tuple[dict[str, str], Facility | None]] = {}

    @classmethod
    def of_people(cls, people: Iterable[Person]) -> "Values":
        people = list(people)
        return cls({each.unit_id for each in people}, {each.facility_id for each in people if each.facility_id})

    def of(self, person: Person, on: date) -> dict[str, str]:
        """The values of one of the people on a local day."""
        values, station = self._unit(person.unit_id, on)
        own = self._own.get(person.facility_id or 0)
        facility = own if own is not None and _in_force(own, on) else station
        return values | _of_facility(facility) | {"ten": given_name(person.name)}

    def of_unit(self, unit: int, on: date) -> dict[str, str]:
        """Those of anybody of a unit who has no facility of her own."""
        values, station = self._unit(unit, on)
        return values | _of_facility(station)

    def _unit(self, unit: int, on: date) -> tuple[dict[str, str], Facility | None]:
        """What is set for a unit, and its station."""
        if (unit, on) not in self._of_unit:
            chain, by_unit = self._chains[unit], self._day(on)
            words = regions.words(regions.region_of(self._provinces[chain[-1]]))
            values = catalogue.defaults() | {"brand": settings.BRAND, **words} | by_unit.get(None, {})
            for step in reversed(chain):
                values |= by_unit.get(step, {})
            stations = (each for step in chain for each in self._stations.get(step, []) if _in_force(each, on))
            self._of_unit[unit, on] = values, next(stations, None)
        return self._of_unit[unit, on]

    def _day(self, on: date) -> dict[int | None, dict[str, str]]:
        """What is in force on a day, by unit and name."""
        if on not in self._of_day:
            rows: dict[int | None, dict[str, str]] = {}
            for each in self._parameters:
                if each.counts_on(on):
                    rows.setdefault(each.unit_id, {})[each.name] = each.value
            self._of_day[on] = rows
        return self._of_day[on]


def subject_values(rows: Iterable[ScheduledMessage]) -> dict[int, dict[str, str]]:
    """What a due message itself puts into its words, by row id; goes over the values of its reader. One query.

    - `me`: the given name of the mother of the pregnancy, child or visit that the row is about.
    - `ngay`: day and month, "24/11", on which the visit is planned, or of the session: the day that lies the step's
      `from` before the row's due day.
    - `coso`: the place of the visit, when it is named and in force on that day. The phone stays that of the reader's
      own station, who knows her.
    - What does not apply (a broadcast, a text sent by hand) is absent, so `render` raises MissingValue.
    """
    rows = list(rows)
    subjects = {
        subject["pk"]: subject
        for subject in Enrollment.objects.filter(pk__in={row.enrollment_id for row in rows}).values("pk", *_SUBJECT)
    }
    return {row.pk: _of_subject(subjects[row.enrollment_id]) | _of_session(row) for row in rows}


_OWNERS = ("pregnancy", "child", "visit__pregnancy", "visit__child")
_MOTHERS = tuple(f"{owner}__mother__name" for owner in _OWNERS)
_SUBJECT = (*_MOTHERS, "visit__planned_date", "visit__facility__name", "visit__facility__valid_to")


def day_and_month(day: date) -> str:
    """A day near enough to need no year: "24/11"."""
    return f"{day:%d/%m}"


def _of_subject(subject: Mapping[str, Any]) -> dict[str, str]:
    values = {}
    mother = next((subject[field] for field in _MOTHERS if subject[field]), None)
    if mother:
        values["me"] = given_name(mother)
    planned, closed = subject["visit__planned_date"], subject["visit__facility__valid_to"]
    if planned:
        values["ngay"] = day_and_month(planned)
        if (subject["visit__facility__name"] or "").strip() and not (closed and closed < planned):
            values["coso"] = subject["visit__facility__name"]
    return values


def _of_session(row: ScheduledMessage) -> dict[str, str]:
    return {"ngay": day_and_month(session_day(row.step, row.due_on))} if row.step.service else {}


def session_day(step: Step, due_on: date) -> date:
    """The day of the session that made a step of a session campaign due on `due_on`."""
    return due_on - timedelta(days=step.from_days)


def _upwards(unit: int, path: str) -> list[int]:
    """The unit, then its parent and so on to the root, from its path "/12/345/"."""
    chain = areas.chain(path)
    return (chain if unit in chain else [*chain, unit])[::-1]


def _stations(units: set[int]) -> dict[int, list[Facility]]:
    """The stations of each commune or village, the one registered first before others; never a province's."""
    found = Facility.objects.filter(
        unit_id__in=units,
        kind=Facility.Kind.STATION,
        unit__level__in=[AdminUnit.Level.COMMUNE, AdminUnit.Level.VILLAGE],
    )
    by_unit: dict[int, list[Facility]] = {}
    for station in found.order_by("id"):
        by_unit.setdefault(station.unit_id, []).append(station)
    return by_unit


def _in_force(facility: Facility, on: date) -> bool:
    return facility.valid_to is None or on <= facility.valid_to


def _of_facility(facility: Facility | None) -> dict[str, str]:
    if facility is None:
        return {}
    return {key: value for key, value in (("coso", facility.name), ("sdt", facility.phone)) if value.strip()}
