"""The reference data that every deployment needs, from files: units, prefixes, keywords, holidays, targets, library."""

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from campaigns.content import library, targets
from campaigns.models import Holiday, Target
from campaigns.schedule.sendtime import local_day
from messaging.incoming import keywords
from messaging.outgoing import routing
from recipients.areas import load_units
from recipients.phones import prefix_rows

HOLIDAYS = Path(__file__).resolve().parent / "data" / "holidays.csv"


def load_reference(now: datetime) -> dict[str, int]:
    """Loads everything; counts by name. Safe to run again and then changes nothing.

    - Administrative units of the local day, mobile prefixes by operator, keywords, the sandbox route.
    - Holidays, the targets of the plans, and the campaigns with a draft revision where their files have changed.
    - Each part is a transaction of its own: a fault in the library leaves the rest loaded. Raises LibraryFileError.
    """
    counts = {
        "units": load_units(local_day(now, settings.ZONE)),
        "prefixes": routing.load_prefixes(asdict(row) for row in prefix_rows()),
        "keywords": keywords.load(),
        "holidays": load_holidays(),
        "targets": load_targets(),
    }
    routing.ensure_sandbox_route()
    return counts | library.load(now)


def load_holidays(path: Path = HOLIDAYS) -> int:
    """Adds the days that are not in the table yet and returns how many; what an administrator renamed stays so."""
    known = set(Holiday.objects.values_list("day", flat=True))
    new = [Holiday(day=day, name=name) for day, name in holidays_in(path) if day not in known]
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def load_targets(path: Path = targets.FILE) -> int:
    """Makes the table what the file says, and returns how many rows were added, changed or removed."""
    wanted = {(each.indicator, each.area, each.year): asdict(each) for each in targets.read(path)}
    with transaction.atomic():
        there = {(row.indicator, row.area, row.year): row for row in Target.objects.select_for_update()}
        gone = [row.pk for place, row in there.items() if place not in wanted]
        Target.objects.filter(pk__in=gone).delete()
        changed = len(gone)
        for place, facts in wanted.items():
            row = there.get(place) or Target()
            if any(getattr(row, name) != value for name, value in facts.items()):
                for name, value in facts.items():
                    setattr(row, name, value)
                row.save()
                changed += 1
    return changed


def holidays_in(path: Path = HOLIDAYS) -> Iterator[tuple[date, str]]:
    """Local day and name of every line of the file; lines that begin with # are remarks."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            yield date.fromisoformat(row["day"]), row["name"]
