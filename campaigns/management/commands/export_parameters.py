"""Writes what is set to a file: `manage.py export_parameters FILE [--unit CODE]`, XLSX or CSV by its name."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.local import setting, sheets
from campaigns.schedule.sendtime import local_day
from recipients.areas import find_unit


class Command(BaseCommand):
    help = "Writes every value of a unit and below it to a file that import_parameters reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="Where to write; .csv gives CSV, everything else XLSX.")
        parser.add_argument("--unit", metavar="CODE", default="", help="Only this unit and everything below it.")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = find_unit(options["unit"], on=local_day(timezone.now(), settings.ZONE)) if options["unit"] else None
        if options["unit"] and unit is None:
            raise CommandError(f"There is no unit with the code {options['unit']}. Check the code.")
        path, rows = Path(options["file"]), list(setting.below(unit))
        try:
            path.write_bytes(sheets.to_csv(rows) if path.suffix.lower() == ".csv" else sheets.to_xlsx(rows))
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror}). Give another place.") from None
        self.stdout.write(f"{len(rows)} values written to {path}.")
