"""Writes a campaign as a spreadsheet for translators and reviewers."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.content.spreadsheet.exchange import export
from campaigns.models import Campaign
from recipients.errors import Refusal


class Command(BaseCommand):
    help = "Writes the newest revision of a campaign as XLSX; import_campaign or the page of campaigns reads it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the code of the campaign, like iron")
        parser.add_argument("--out", metavar="F.xlsx", required=True, help="where to write it")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(code=options["code"]).first()
        if campaign is None:
            codes = ", ".join(Campaign.objects.values_list("code", flat=True)) or "none: run load_reference first"
            raise CommandError(f'There is no campaign "{options["code"]}". These are there: {codes}.')
        try:
            Path(options["out"]).write_bytes(export(campaign, timezone.now()))
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}. Choose another place with --out.") from None
        self.stdout.write(f"Written: {options['out']}.")
