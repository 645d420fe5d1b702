"""Prints what a mother would receive, without registering or sending."""

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.content import regions
from campaigns.content.files import LANGUAGES
from campaigns.content.rehearsal import Rehearsed, rehearse
from campaigns.models import Campaign
from recipients.errors import Refusal
from recipients.gestation import age_in_months, anchor_from_edd, anchor_from_lmp, gestational_age

FIRST_YEAR, LAST_YEAR = 1950, 2100


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a date. Write it as 2026-11-21.') from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ArgumentTypeError(f'"{text}" is not in the years {FIRST_YEAR} to {LAST_YEAR}. Check the year.')
    return day


class Command(BaseCommand):
    help = "Prints every text that a mother would get, from the newest revisions and sample values. Sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        anchor = parser.add_mutually_exclusive_group(required=True)
        anchor.add_argument("--lmp", type=_day, help="first day of the last menstrual period: campaigns of pregnancy")
        anchor.add_argument("--edd", type=_day, help="expected date of delivery: campaigns of pregnancy")
        anchor.add_argument("--born", type=_day, help="date of birth: campaigns of the child; sessions on the 10th")
        parser.add_argument("--registered", type=_day, help="the day on which she enters; default: from the beginning")
        parser.add_argument("--language", default="vi", choices=LANGUAGES)
        parser.add_argument(
            "--region", default=regions.SOUTH, choices=regions.REGIONS, help="whose words she reads; default: south"
        )
        parser.add_argument("--plain", action="store_true", help="without diacritics")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["born"]:
            kind, anchor = Campaign.Anchor.BIRTH, options["born"]
        elif options["edd"]:
            kind, anchor = Campaign.Anchor.GESTATION, anchor_from_edd(options["edd"])
        else:
            kind, anchor = Campaign.Anchor.GESTATION, anchor_from_lmp(options["lmp"])
        try:
            lines = rehearse(
                kind,
                anchor,
                registered=options["registered"],
                language=options["language"],
                script="plain" if options["plain"] else "diacritics",
                region=options["region"],
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        if options["json"]:
            self.stdout.write(json.dumps([line.as_json() for line in lines], ensure_ascii=False, indent=1))
        else:
            self._as_phone(lines, kind, anchor)
            self._other_languages(lines, options["language"])

    def _as_phone(self, lines: list[Rehearsed], kind: str, anchor: date) -> None:
        for line in lines:
            if line.day < anchor:
                age = "-"
            elif kind == Campaign.Anchor.GESTATION:
                age = str(gestational_age(anchor, line.day))
            else:
                age = f"{age_in_months(anchor, line.day)}m"
            self.stdout.write(
                f"{line.day:%d/%m/%Y} {line.moment:%H:%M}   {age}   {line.campaign}/{line.step}   "
                f"{line.encoding} x {line.segments}\n    {line.text}\n"
            )
        self.stdout.write(f"{len(lines)} texts, {sum(line.segments for line in lines)} segments.")

    def _other_languages(self, lines: list[Rehearsed], wanted: str) -> None:
        others = [line.language for line in lines if line.language != wanted]
        if others:
            languages = ", ".join(sorted(set(others)))
            self.stdout.write(
                f'{len(others)} of them have no words in "{wanted}" and are shown as they would be sent, in '
                f'"{languages}". Add texts in "{wanted}" to the campaigns.'
            )
