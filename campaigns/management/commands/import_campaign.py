"""Reads a campaign from a spreadsheet, shows what it changes and makes a draft of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.content import difference
from campaigns.content.difference import FieldChange, TextChange
from campaigns.content.spreadsheet.exchange import Arrival, look, take_in
from campaigns.content.spreadsheet.layout import SpreadsheetError, place_of
from recipients.errors import Refusal
from recipients.models import User


class Command(BaseCommand):
    help = "Makes a draft of a campaign from XLSX, and prints the differences to its newest revision."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="F.xlsx", help="a workbook of export_campaign, edited")
        parser.add_argument("--dry-run", action="store_true", help="print the differences, write nothing")
        parser.add_argument("--by", metavar="USERNAME", help="the author of the draft; default: nobody, like a file")

    def handle(self, *args: Any, **options: Any) -> None:
        by = None
        if options["by"]:
            by = User.objects.filter(username=options["by"]).first()
            if by is None:
                raise CommandError(f'Nobody is called "{options["by"]}". Name somebody who signs in here.')
        try:
            data = Path(options["file"]).read_bytes()
            arrival = look(data)
            self._print(arrival)
            if options["dry_run"] or not arrival.changes:
                self.stdout.write("Nothing was written.")
                return
            revision = take_in(data, seen=arrival.newest, by=by, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}. Name the spreadsheet.") from None
        except SpreadsheetError as error:
            faults = [f"{place_of(fault)}{_(fault.template) % fault.values}" for fault in error.faults]
            raise CommandError("\n".join([*faults, "Nothing was written."])) from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"Revision {revision.number} of {revision.campaign.code} is a draft.")

    def _print(self, arrival: Arrival) -> None:
        if arrival.overtaken:
            self.stdout.write(f"Exported from revision {arrival.exported}, and {arrival.newest} is the newest.")
        if arrival.head:
            self._fields(arrival.file.code, difference.CHANGED if arrival.newest else difference.ADDED, arrival.head)
        for step in arrival.steps:
            self._fields(step.step.key, step.kind, (*step.fields, *step.texts))
        if arrival.reordered:
            self.stdout.write(f"{arrival.file.code}   order")
        for finding in arrival.warnings:
            self.stdout.write(f"warning: {finding.step}   {finding.rule}\n    {finding.sentence}")

    def _fields(self, name: str, kind: str, fields: Iterable[FieldChange | TextChange]) -> None:
        self.stdout.write(f"{name}   {kind}")
        for field in fields:
            if field.old != field.new:
                self.stdout.write(f"    {field.name}: {field.old!r} -> {field.new!r}")
