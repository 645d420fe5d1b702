"""Imports an antenatal register from a spreadsheet."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import XlsxWriterException

from recipients.areas import find_unit
from recipients.days import local_day
from recipients.models import AdminUnit
from recipients.register_import.reader import RegisterError
from recipients.register_import.result import ImportResult, RowResult, write_refused
from recipients.register_import.run import import_register

_TABLE_MISSING = {"42P01", "42703", "3F000"}
"""SQLSTATE of PostgreSQL: undefined table, undefined column, invalid schema."""


class Command(BaseCommand):
    help = (
        "Imports an antenatal register (XLSX or CSV): every row is accepted, known or refused with its reasons, and "
        "how a pregnancy ended is recorded where the row says it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The register.")
        parser.add_argument("--unit", metavar="CODE", help="The unit that the register belongs to.")
        parser.add_argument("--now", type=_moment, metavar="ISO", help="As if it were then.")
        parser.add_argument("--dry-run", action="store_true", help="Judge every row, write nothing.")
        parser.add_argument("--refused", metavar="OUT.xlsx", help="Write the refused rows with their reasons here.")
        parser.add_argument("--json", action="store_true", help="Print the verdict of every row as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"] or timezone.now()
        if options["refused"]:
            _check_writable(Path(options["refused"]), Path(options["file"]))
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
        except (OperationalError, ProgrammingError) as error:
            if not _is_unmigrated(error):
                raise
            raise CommandError(
                "The database has not been set up. Run manage.py migrate first, then load_reference, and try again."
            ) from None
        if options["refused"]:
            _write_refused(result, options["refused"])
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
            return
        for line in _told(result):
            self.stdout.write(line)


def _told(result: ImportResult) -> list[str]:
    """The counts, then what a person should look at: headings, sheets, refused rows, rows read with doubt."""
    lines = [f"{result.rows} rows: {result.accepted} accepted, {result.known} known, {result.refused} refused."]
    if result.births or result.losses:
        lines.append(f"Outcomes recorded: {result.births} births, {result.losses} losses.")
    if result.unknown_headings:
        lines.append(f"Headings that were not recognised: {', '.join(result.unknown_headings)}.")
    if result.left_out:
        lines.append(f"Sheets without a heading were left out: {', '.join(result.left_out)}.")
    several = len({detail.parsed.sheet for detail in result.details}) > 1
    for detail in result.details:
        if detail.verdict == "refused":
            lines.append(f"  {_place(detail, several)}: refused: {', '.join(detail.parsed.reasons)}")
        lines += [f"  {_place(detail, several)}: {sentence}" for sentence in detail.sentences]
    return lines


def _place(detail: RowResult, several: bool) -> str:
    sheet = f"sheet {detail.parsed.sheet}, " if several else ""
    return f"{sheet}line {detail.parsed.line}"


def _check_writable(path: Path, register: Path) -> None:
    """Tries the place for the refused rows before anything is imported, and leaves it as it was."""
    if path.exists() and register.exists() and path.samefile(register):
        raise CommandError("The refused rows would replace the register. Give --refused another file name.")
    there = path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written ({error.strerror}). Nothing was imported. Give --refused another place."
        ) from None
    if not there:
        path.unlink()


def _write_refused(result: ImportResult, path: str) -> None:
    try:
        write_refused(result, path)
    except (OSError, XlsxWriterException) as error:
        raise CommandError(
            f"The register was imported, but {path} could not be written ({error}). "
            "Import it again with another place for --refused: what is known stays known."
        ) from None


def _is_unmigrated(error: Exception) -> bool:
    """True when a table or a column is missing, on SQLite or PostgreSQL."""
    missing = getattr(error.__cause__, "sqlstate", None) in _TABLE_MISSING
    return missing or any(words in str(error) for words in ("no such table", "no such column", "has no column"))


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
