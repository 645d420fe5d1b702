"""The reach figures of a period: `manage.py reach --from D --to D [--unit CODE] [--now ISO] [--json]`."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.reach import coverage
from recipients.areas import find_unit

NOW = (
    "A moment (ISO); default: this one. Days up to it count. What became of their texts is what is known today, not "
    "what was known then."
)


class Command(BaseCommand):
    help = "Reach of a period, by unit: from the ledger, with what is unknown as a range."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", type=date.fromisoformat, required=True, help="First day.")
        parser.add_argument("--to", dest="end", type=date.fromisoformat, required=True, help="Last day, included.")
        parser.add_argument("--unit", default="", help="Code of a unit; without it the whole country by province.")
        parser.add_argument("--now", default="", help=NOW)
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = datetime.fromisoformat(options["now"]) if options["now"] else timezone.now()
            now = now if now.tzinfo else now.replace(tzinfo=settings.ZONE)
        except ValueError as error:
            raise CommandError(f"“{options['now']}” is no moment. Write it like 2026-11-21T09:00:00+07:00.") from error
        unit = None
        if options["unit"]:
            unit = find_unit(code=options["unit"], on=options["end"])
            if unit is None:
                raise CommandError(f"There is no unit with the code {options['unit']}. Run load_reference first.")
        try:
            reach = coverage.reach(options["start"], options["end"], unit, now)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(reach.as_dict(), ensure_ascii=False))
            return
        for name, value in reach.total.as_dict().items():
            self.stdout.write(f"{name:20} {value if value is not None else '-'}")
        for row in reach.rows:
            f = row.figures
            self.stdout.write(
                f"{row.unit.code:>6} {row.unit.name:32} enrolled {f.enrolled:6}  due {f.due:7}"
                f"  delivered {f.delivered:7}  unknown {f.unknown:6}  reached {f.reached_low}-{f.reached_high}"
            )
