"""Loads what every deployment needs before the first person is registered."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.content.files import LibraryFileError
from campaigns.content.targets import TargetFileError
from campaigns.reference import load_reference


class Command(BaseCommand):
    help = (
        "Loads administrative units, number prefixes, keywords, holidays, targets and the library. Safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = load_reference(timezone.now())
        except (LibraryFileError, TargetFileError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write("\n".join(f"{count:6} {name}" for name, count in counts.items()))
