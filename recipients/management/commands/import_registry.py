"""Imports an antenatal register from a spreadsheet."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.areas import find_unit
from recipients.days import local_day
from recipients.models import AdminUnit
from recipients.register_import.reader import RegisterError
from recipients.register_import.result import write_refused
from recipients.register_import.run import import_register


class Command(BaseCommand):
    help = "Imports an antenatal register (XLSX or CSV): every row is accepted, known or refused with its reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The register.")
        parser.add_argument("--unit", metavar="CODE", help="The unit that the register belongs to.")
        parser.add_argument("--now", type=_moment, metavar="ISO", help="As if it were then.")
        parser.add_argument("--dry-run", action="store_true", help="Judge every row, write nothing.")
        parser.add_argument("--refused", metavar="OUT.xlsx", help="Write the refused rows with their reasons here.")
        parser.add_argument("--json", action="store_true", help="Print the verdict of every row as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"] or timezone.now()
        try:
            result = import_register(
                options["file"],
                options["file"],
                now=now,
                unit=_unit(options["unit"], now),
                dry_run=options["dry_run"],
            )
        except RegisterError as error:
            raise CommandError(_(str(error))) from None
        if options["refused"]:
            write_refused(result, options["refused"])
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
            return
        self.stdout.write(
            f"{result.rows} rows: {result.accepted} accepted, {result.known} known, {result.refused} refused."
        )
        for detail in result.details:
            if detail.verdict == "refused":
                self.stdout.write(f"  line {detail.parsed.line}: {', '.join(detail.parsed.reasons)}")


def _unit(code: str | None, now: datetime) -> AdminUnit | None:
    if not code:
        return None
    unit = find_unit(code, on=local_day(now))
    if unit is None:
        raise CommandError(f"There is no unit with the code {code}. Run load_reference, or check the code.")
    return unit


def _moment(text: str) -> datetime:
    """A moment with its zone, or without one in the deployment's zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())
