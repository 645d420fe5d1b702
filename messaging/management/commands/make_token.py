"""An access for another system: `manage.py make_token NAME --scope send [--callback URL]`. The token is shown once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from messaging import callers, posting
from messaging.models import ApiToken


class Command(BaseCommand):
    help = "Makes an access for another system and shows its token, this one time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Of the other system.")
        parser.add_argument(
            "--scope", action="append", required=True, choices=ApiToken.Scope.values, help="May be repeated."
        )
        parser.add_argument("--per-minute", type=int, default=600, help="Calls a minute; default 600.")
        parser.add_argument("--callback", default="", help="Address that is told what became of its texts.")
        parser.add_argument("--word", action="append", default=[], help="Inbound texts that begin so are told too.")

    def handle(self, *args: Any, **options: Any) -> None:
        callback = options["callback"]
        if callback and (problems := posting.address_problems(callback)):
            raise CommandError(problems[0])
        try:
            _token, written, signing = callers.make_token(
                options["name"], options["scope"], now=timezone.now(), by="make_token", callback_url=callback,
                per_minute=options["per_minute"], inbound_prefixes=options["word"],
            )  # fmt: skip
        except callers.BadToken as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Authorization: Bearer {written}")
        if signing:
            self.stdout.write(f"Callbacks are signed with {signing}")
        self.stderr.write("Copy this now. It is shown this one time and kept nowhere.")
