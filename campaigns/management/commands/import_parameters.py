"""Loads values of parameters from a file: `manage.py import_parameters FILE [--dry-run] [--json]`."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from campaigns.local.sheets import import_parameters
from recipients.errors import Refusal
from recipients.register_import.reader import RegisterError


class Command(BaseCommand):
    help = "Sets the values of a file (XLSX or CSV): every row is accepted, known or refused with its reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="Columns unit, name, value, valid_from, valid_to, as the page exports them.")
        parser.add_argument("--dry-run", action="store_true", help="Judge every row, write nothing.")
        parser.add_argument("--json", action="store_true", help="Print the verdict of every row as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            try:
                outcome = import_parameters(options["file"], now=timezone.now(), dry_run=options["dry_run"])
            except RegisterError as error:
                raise CommandError(_(str(error))) from None
            except Refusal as refusal:
                raise CommandError(refusal.sentence) from None
            if options["json"]:
                self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
                return
            counts = ", ".join(f"{outcome.count(name)} {name}" for name in ("accepted", "known", "refused"))
            self.stdout.write(f"{len(outcome.rows)} rows: {counts}.")
            for row in outcome.refused:
                self.stdout.write(f"  line {row.line}: {row.name} {row.unit}: {row.reason}")
