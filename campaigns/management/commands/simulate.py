"""Simulates months in minutes with the real verbs, and counts from the far end what must never happen."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from campaigns.simulation import certain, down, ground, run, sabotage
from campaigns.simulation.invariants import KINDS, Watch
from campaigns.simulation.life import Lives
from campaigns.simulation.log import FarEnd
from campaigns.simulation.staff import Staff
from campaigns.simulation.world import STRESS, World
from recipients.models import Person

FIRST_DAY = date(2026, 1, 5)
"""Unless another is given: fixed, so that a seed gives the same run on every day; Tết 2026 lies within six weeks."""

FIRST_YEAR, LAST_YEAR = 1950, 2100


class Command(BaseCommand):
    help = (
        "Simulate people and days on the configured database, which must not hold people. Registrations, births, "
        "losses, stops, redatings, new numbers, faults of the operator and killed workers happen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, required=True, help="How many there are in the end.")
        parser.add_argument("--days", type=int, required=True, help="Days of happenings; then it drains.")
        parser.add_argument("--seed", type=int, default=1, help="The same seed and start: the same people and events.")
        parser.add_argument(
            "--start", type=date.fromisoformat, default=FIRST_DAY, help="First day; default 2026-01-05."
        )
        parser.add_argument("--log", default=None, help="File for one JSON line per accepted text and per event.")
        parser.add_argument("--sabotage", choices=sorted(sabotage.GUARDS), help="Take this guard away.")
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"] < 1 or options["days"] < 1:
            raise CommandError("A simulation needs at least one person and one day. Give --people and --days.")
        if not _is_plausible(options["start"], options["days"]):
            raise CommandError(f"A simulation lies between {FIRST_YEAR} and {LAST_YEAR}. Check --start and --days.")
        _refuse_without_tables()
        if Person.objects.exists():
            raise CommandError("The database holds people, and a simulation never mixes with them. Use an empty one.")
        ground.hurry()
        began = time.monotonic()
        watch = Watch(settings.TIME_ZONE)
        try:
            far_end = FarEnd(options["log"], watch.read)
        except OSError as error:
            raise CommandError(
                f"The log {options['log']} cannot be written ({error.strerror}). Give a file in a folder that exists "
                "and is yours to write."
            ) from error
        answer = self._simulate(options, watch, far_end)
        answer["seconds"] = round(time.monotonic() - began, 1)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name:12} {json.dumps(value) if isinstance(value, dict) else value}")

    def _simulate(self, options: dict[str, Any], watch: Watch, far_end: FarEnd) -> dict[str, Any]:
        start: date = options["start"]
        now = datetime.combine(start, datetime.min.time(), settings.ZONE).astimezone(UTC)
        places = ground.prepare(options["people"], now)
        ground.approve_library(ground.reviewer(now), now)
        world = World(options["seed"], options["people"], start, options["days"], places.peoples, settings.ZONE, STRESS)
        with ExitStack() as stack:
            stack.callback(far_end.close)
            route = stack.enter_context(ground.operator(world.seed, ground.FAULTS, now))
            stack.enter_context(sabotage.without(options["sabotage"]))
            lives = Lives(places.communes, route, far_end, most=world.people)
            staff = Staff(places.communes, ground.users(now), lives, far_end)
            outage = down.planned(world, route)
            played = run.Run(world, lives, staff, far_end, certain=certain.times(world.people), down=outage)
            played.play()
            played.drain()
        found = run.figures()
        parts = found.delivered + found.undelivered + found.unknown + found.pending + found.told + found.skipped_total
        watch.settle(run.ledger(), found.due, parts, run.given_up())
        if options["verbosity"] > 1:
            seconds = {what: round(took, 1) for what, took in played.seconds.items()}
            refused = dict(lives.refused + staff.refused)
            self.stderr.write(f"{dict(played.counts)}\nseconds: {seconds}\nrefused: {refused}\n{watch.examples}")
        return {
            "people": Person.objects.count(),
            "due": found.due,
            "delivered": found.delivered,
            "undelivered": found.undelivered,
            "unknown": found.unknown,
            "pending": found.pending,
            "told": found.told,
            "skipped": dict(sorted(found.skipped.items())),
            "violations": {kind: watch.violations[kind] for kind in KINDS},
        }


def _is_plausible(start: date, days: int) -> bool:
    return start.year >= FIRST_YEAR and start.toordinal() + days <= date(LAST_YEAR, 12, 31).toordinal()


def _refuse_without_tables() -> None:
    try:
        migrations = MigrationExecutor(connection)
        missing = migrations.migration_plan(migrations.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise CommandError(f"The database cannot be opened ({error}). Check DATABASE_URL.") from error
    if missing:
        raise CommandError("The database has not all of its tables yet. Run migrate first.")
