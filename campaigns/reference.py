"""The reference data that every deployment needs, from files: units, prefixes, keywords, holidays, the library."""

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from campaigns.content import library
from campaigns.models import Holiday
from campaigns.schedule.sendtime import local_day
from messaging.incoming import keywords
from messaging.outgoing import routing
from recipients.areas import load_units
from recipients.phones import prefix_rows

HOLIDAYS = Path(__file__).resolve().parent / "data" / "holidays.csv"


def load_reference(now: datetime) -> dict[str, int]:
    """Loads everything; counts by name. Safe to run again and then changes nothing.

    - Administrative units of the local day, mobile prefixes by operator, keywords, the sandbox route.
    - Holidays, and the campaigns with a draft revision where their files have changed.
    - Each part is a transaction of its own: a fault in the library leaves the rest loaded. Raises LibraryFileError.
    """
    counts = {
        "units": load_units(local_day(now, settings.ZONE)),
        "prefixes": routing.load_prefixes(asdict(row) for row in prefix_rows()),
        "keywords": keywords.load(),
        "holidays": load_holidays(),
    }
    routing.ensure_sandbox_route()
    return counts | library.load(now)


def load_holidays(path: Path = HOLIDAYS) -> int:
    """Adds the days that are not in the table yet and returns how many; what an administrator renamed stays so."""
    known = set(Holiday.objects.values_list("day", flat=True))
    new = [Holiday(day=day, name=name) for day, name in holidays_in(path) if day not in known]
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def holidays_in(path: Path = HOLIDAYS) -> Iterator[tuple[date, str]]:
    """Local day and name of every line of the file; lines that begin with # are remarks."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            yield date.fromisoformat(row["day"]), row["name"]
