"""One pass of every verb in this process: what the workers do in turn, at one moment."""

import json
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from campaigns.tick import tick


def _moment(text: str) -> datetime:
    """An ISO date and time; without an offset it is local to the deployment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a moment. Write it as 2026-11-21T09:30.') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=settings.ZONE)).astimezone(UTC)


class Command(BaseCommand):
    help = "One pass of every verb: enrollment, planning, release, dispatch, receipts, inbound texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=_moment, help="the moment to act at; default: now")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = tick(options["now"] or timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write("\n".join(f"{count:6} {name}" for name, count in counts.items()))
