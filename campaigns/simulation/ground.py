"""What a simulated province stands on: reference data, stations with phones, an approved library, a route."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns import reference
from campaigns.content import review
from campaigns.models import Parameter
from messaging.models import Route
from messaging.outgoing import routing
from recipients.models import AdminUnit, Facility, User

PROVINCES = {"86": ("0270", "khmer"), "24": ("0204", "highland")}
"""Vĩnh Long and Bắc Ninh: area code of the landlines, and who lives there beside the Kinh (domain 6)."""
RATE, CONCURRENCY = 5000.0, 500
"""Segments a second and calls at a time of the simulated operator: a pass stands for hours, so its speed is not what
is simulated."""
FAULTS = {"profile": "ordinary", "down": 0.02, "throttled": 0.02, "lost_answer": 0.02, "never": 0.03}


@dataclass(frozen=True)
class Ground:
    """The communes in use, and for each who lives there beside the Kinh."""

    communes: tuple[AdminUnit, ...]
    peoples: tuple[str, ...]


def prepare(people: int, now: datetime) -> Ground:
    """Loads reference data, makes a station with a phone in each commune in use, sets the parameters.

    About forty people a commune, from four communes to all of both provinces. Safe to run again.
    """
    reference.load_reference(now)
    communes: list[AdminUnit] = []
    peoples: list[str] = []
    for code, (_area, minority) in PROVINCES.items():
        units = list(AdminUnit.objects.filter(parent__code=code, level="commune", valid_to=None).order_by("code"))
        wanted = min(len(units), max(2, people // 80))
        chosen = [units[place * len(units) // wanted] for place in range(wanted)]
        communes += chosen
        peoples += [minority if place % 3 == 0 else "kinh" for place in range(wanted)]
    _stations(communes, now)
    for code, (area, _minority) in PROVINCES.items():
        province = AdminUnit.objects.get(code=code, valid_to=None)
        if not Parameter.objects.filter(name="hotline", unit=province).exists():
            Parameter.objects.create(name="hotline", unit=province, value=f"{area}3800200")
    return Ground(tuple(communes), tuple(peoples))


def hurry() -> None:
    """The collector of garbage looks rarely, and not at what is loaded already: a tenth of the time. PostgreSQL: this
    connection does not wait for the disk at every commit.

    Only for a database that holds nothing but what is simulated: after a power failure the run begins again.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")


def look_over() -> None:
    """PostgreSQL: counts what its tables hold. A server does so by itself once a minute at best, and there days are
    played in one; where it does not know, joins of thousands of rows are tried row by row."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def approve_library(reviewer: User, now: datetime) -> int:
    """Takes the newest revision of every campaign live; how many."""
    return review.approve_everything(reviewer, now)


def reviewer(now: datetime) -> User:
    """The simulated clinical reviewer, who cannot sign in."""
    return _user("simulated-reviewer", User.Role.CLINICAL, now)


def users(now: datetime) -> tuple[User, User, User]:
    """The communication officer of Vĩnh Long, the reviewer, and the one who gives an emergency its second word. None
    of them can sign in."""
    officer = _user("simulated-officer", User.Role.OFFICER, now)
    return officer, reviewer(now), _user("simulated-second", User.Role.CLINICAL, now)


@contextmanager
def operator(seed: int, faults: Mapping[str, object], now: datetime) -> Iterator[Route]:
    """The sandbox route with `faults`, fast while the simulation runs and with its own speed again afterwards."""
    route = routing.ensure_sandbox_route()
    own = {"rate": route.rate, "concurrency": route.concurrency}
    operators = routing.operators(now.date())
    route.settings = {**faults, "seed": str(seed), "operators": operators}
    route.rate, route.concurrency = RATE, CONCURRENCY
    route.save()
    try:
        yield route
    finally:
        Route.objects.filter(pk=route.pk).update(**own)


def _user(name: str, role: str, now: datetime) -> User:
    unit = AdminUnit.objects.get(code="86", valid_to=None)
    user, created = User.objects.get_or_create(username=name, defaults={"role": role, "unit": unit, "date_joined": now})
    if created:
        user.set_unusable_password()
        user.save()
    return user


def _stations(communes: list[AdminUnit], now: datetime) -> None:
    known = set(Facility.objects.filter(unit__in=communes, kind=Facility.Kind.STATION).values_list("unit", flat=True))
    new = []
    for place, commune in enumerate(communes):
        if commune.pk in known:
            continue
        assert commune.parent is not None
        area = PROVINCES[commune.parent.code][0]
        name = f"Trạm Y tế {commune.name[0].lower()}{commune.name[1:]}"
        phone = f"{area}38{10000 + place * 7:05}"
        new.append(
            Facility(name=name, kind=Facility.Kind.STATION, phone=phone, unit=commune, valid_from=commune.valid_from)
        )
    Facility.objects.bulk_create(new)
