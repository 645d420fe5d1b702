"""The values of the placeholders for many people at once: name, station, phones and what is set per unit."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from campaigns.content import regions
from campaigns.content.rendering import given_name
from campaigns.models import Enrollment, Parameter, ScheduledMessage, Step
from recipients.models import AdminUnit, Facility, Person


def values_for(people: Iterable[Person], on: date | None = None) -> dict[int, dict[str, str]]:
    """Placeholder values by person id, in five queries however many people there are.

    - `ten`: the given name.
    - `coso`, `sdt`: name and phone of the person's facility while it is in force on the local day `on` (without a
      day: while it has no end), else of the station of the nearest unit upwards, village or commune.
    - Everything else (`hotline`...), and `coso` or `sdt` where no facility gives it: the Parameter of the nearest
      unit upwards, at last the one for all.
    - `brand`: a Parameter, else settings.BRAND.
    - The words of the region in which the unit's province lies; a Parameter of the word's name goes before.
    - A value that nobody has set is absent, so `render` raises MissingValue.
    """
    people = list(people)
    paths = dict(AdminUnit.objects.filter(id__in={p.unit_id for p in people}).values_list("id", "path"))
    chains = {unit: _upwards(unit, path) for unit, path in paths.items()}
    above = {unit for chain in chains.values() for unit in chain}
    in_force = Q(valid_to=None) if on is None else Q(valid_to=None) | Q(valid_to__gte=on)
    own = Facility.objects.filter(in_force).in_bulk({p.facility_id for p in people if p.facility_id})
    stations = _stations(above, in_force)
    parameters = _parameters(above)
    roots = {chain[-1] for chain in chains.values()}
    provinces = dict(AdminUnit.objects.filter(id__in=roots).values_list("id", "code"))

    per_unit: dict[int, tuple[dict[str, str], Facility | None]] = {}
    for unit, chain in chains.items():
        words = regions.words(regions.region_of(provinces[chain[-1]]))
        values = {"brand": settings.BRAND, **words} | parameters.get(None, {})
        for step in reversed(chain):
            values |= parameters.get(step, {})
        per_unit[unit] = values, next((stations[step] for step in chain if step in stations), None)

    result = {}
    for person in people:
        values, station = per_unit[person.unit_id]
        facility = own.get(person.facility_id or 0, station)
        result[person.pk] = values | _of_facility(facility) | {"ten": given_name(person.name)}
    return result


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
    chain = [int(step) for step in path.split("/") if step]
    if unit not in chain:
        chain.append(unit)
    return chain[::-1]


def _stations(units: set[int], in_force: Q) -> dict[int, Facility]:
    """The station of each commune or village; of several the one registered first, never a province's."""
    found = Facility.objects.filter(
        in_force,
        unit_id__in=units,
        kind=Facility.Kind.STATION,
        unit__level__in=[AdminUnit.Level.COMMUNE, AdminUnit.Level.VILLAGE],
    )
    return {station.unit_id: station for station in found.order_by("-id")}


def _parameters(units: set[int]) -> dict[int | None, dict[str, str]]:
    rows: dict[int | None, dict[str, str]] = {}
    for parameter in Parameter.objects.filter(Q(unit=None) | Q(unit_id__in=units)):
        rows.setdefault(parameter.unit_id, {})[parameter.name] = parameter.value
    return rows


def _of_facility(facility: Facility | None) -> dict[str, str]:
    if facility is None:
        return {}
    return {key: value for key, value in (("coso", facility.name), ("sdt", facility.phone)) if value.strip()}
