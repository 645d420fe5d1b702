"""Why a person gets or does not get a text on a day: `manage.py explain PERSON [--date D] [--now ISO] [--json]`."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from campaigns.schedule.explain import Why, why
from campaigns.schedule.sendtime import local_day
from recipients.models import Person
from recipients.phones import to_e164


class Command(BaseCommand):
    help = "Says in words why a person got, gets or does not get a text on a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="Id of the person, or the mobile number as people write it.")
        parser.add_argument("--date", default="", help="A local day, like 2026-11-21; default: today.")
        parser.add_argument("--now", default="", help="A moment (ISO) instead of this one.")
        parser.add_argument("--json", action="store_true", help="One JSON list, with a person for each entry.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = self._moment(options["now"])
        on = self._day(options["date"], now)
        with translation.override(settings.LANGUAGE_CODE):
            answers = [(person, why(person, on, now)) for person in self._people(options["person"])]
            if options["json"]:
                self.stdout.write(json.dumps([_plain(*answer, on) for answer in answers], ensure_ascii=False))
                return
            for person, lines in answers:
                self.stdout.write(f"{person.name} ({person.pk}), {on:%d/%m/%Y}")
                for line in lines:
                    self.stdout.write(f"- {f'{line.campaign}: ' if line.campaign else ''}{line.sentence}")
                    if line.text:
                        self.stdout.write(f"  “{line.text}”")

    def _people(self, asked: str) -> list[Person]:
        """The person with this id, or else everybody on this number."""
        if asked.isdigit() and not asked.startswith("0") and len(asked) < 9:
            found = list(Person.objects.filter(pk=int(asked)))
        else:
            try:
                found = list(Person.objects.filter(phone=to_e164(asked)))
            except ValueError as error:
                raise CommandError(str(error)) from error
        if not found:
            raise CommandError(f"There is nobody with the id or number {asked}. Look the person up on the people page.")
        return found

    def _moment(self, asked: str) -> datetime:
        try:
            now = datetime.fromisoformat(asked) if asked else timezone.now()
        except ValueError as error:
            raise CommandError(f"“{asked}” is no moment. Write it like 2026-11-21T09:00:00+07:00.") from error
        return now if now.tzinfo else now.replace(tzinfo=settings.ZONE)

    def _day(self, asked: str, now: datetime) -> date:
        try:
            return date.fromisoformat(asked) if asked else local_day(now, settings.ZONE)
        except ValueError as error:
            raise CommandError(f"“{asked}” is no day. Write it like 2026-11-21.") from error


def _plain(person: Person, lines: list[Why], on: date) -> dict[str, Any]:
    return {
        "person": person.pk,
        "date": on.isoformat(),
        "why": [
            {
                "campaign": line.campaign.code if line.campaign else None,
                "step_key": line.step_key,
                "kind": line.kind,
                "when": line.when.isoformat() if line.when else None,
                "sentence": line.sentence,
                "text": line.text,
            }
            for line in lines
        ],
    }
