"""Loads the demonstration: invented people of two provinces, the last 60 days played, and people who sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone
from tqdm import tqdm

from campaigns import telling
from campaigns.content import registration
from campaigns.models import ScheduledMessage
from campaigns.simulation import ground, run
from campaigns.simulation.invariants import Watch
from campaigns.simulation.life import Lives
from campaigns.simulation.log import FarEnd
from campaigns.simulation.staff import Staff
from campaigns.simulation.world import ORDINARY, World
from messaging.models import Route
from messaging.outgoing import routing
from messaging.registration.texts import decide
from recipients import worklist
from recipients.models import AdminUnit, Facility, Person, User

DAYS = 60
SEED = 2026
PASSWORD = "mam-mam-2026"
"""Of every demonstration user: they see invented people only, and the command refuses to run with LIVE_SENDING."""
PASSES = (time(12, 5), time(18, 50))
"""Fewer than in a simulation: the demonstration is to be ready in two minutes. The library sends at 11:45 and 18:45."""
FAULTS = {"profile": "ordinary"}
TAIL = "Dừng tin: gọi 02703800200"
"""The hotline of the demonstration (`ground.prepare`)."""
USERS = (
    ("canbo", "Trần Thị Ngọc Ánh", User.Role.OFFICER),
    ("chuyenmon", "Lê Minh Châu", User.Role.CLINICAL),
    ("tram", "Nguyễn Thị Hạnh", User.Role.STATION),
    ("cdc", "Phạm Quốc Bảo", User.Role.CDC),
    ("quantri", "Đặng Hoàng Long", User.Role.ADMIN),
)


class Command(BaseCommand):
    help = "Load the demonstration once: invented people, the last 60 days played with the real code, five users."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=3000, help="How many are registered. Default 3000.")
        parser.add_argument("--days", type=int, default=DAYS, help="How many days up to now are played. Default 60.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LIVE_SENDING:
            raise CommandError("The demonstration invents people and LIVE_SENDING is on. Switch it off first.")
        now = timezone.now()
        if not Person.objects.exists():
            self._play(options["people"], options["days"], now)
        elif not User.objects.filter(username=USERS[0][0]).exists():
            raise CommandError(
                "The database holds people, but no finished demonstration: its loading was broken off, or they are "
                "no demonstration's. Use an empty database; `make clean-demo` empties the embedded one."
            )
        self._tell()

    def _play(self, people: int, days: int, now: datetime) -> None:
        today = now.astimezone(settings.ZONE).date()
        start = today - timedelta(days=days)
        began = datetime.combine(start, time(), settings.ZONE)
        self.stdout.write("Loading units, keywords, holidays and the message library...")
        ground.hurry()
        places = ground.prepare(people, began)
        reviewers = _users({User.Role.CLINICAL}, began, places.communes)
        ground.approve_library(reviewers[0], began)
        _register_words(began)
        world = World(SEED, people, start, days + 1, places.peoples, settings.ZONE, ORDINARY)
        watch = Watch(settings.TIME_ZONE)
        far_end = FarEnd(None, watch.read)
        with (
            ground.operator(SEED, FAULTS, began) as route,
            tqdm(total=days, desc=f"Playing {days} days", unit="day", file=self.stderr) as bar,
        ):
            lives = Lives(places.communes, route, far_end)
            staff = Staff(places.communes, ground.users(began), lives, far_end)
            played = run.Run(world, lives, staff, far_end, kills=False, passes=PASSES)
            played.play(until=now, progress=bar.update)
        telling.open_tasks(now)
        worklist.refresh(now)
        far_end.close()
        if sum(watch.violations.values()):
            raise CommandError(f"The far end counted what must never happen: {dict(watch.violations)}. Report this.")
        # Last: the others sign in to a demonstration that is complete.
        _users({role for _name, _full, role in USERS} - {User.Role.CLINICAL}, began, places.communes)

    def _tell(self) -> None:
        counts = ScheduledMessage.objects.aggregate(due=Count("id"), sent=Count("sms__sent_at"))
        self.stdout.write(
            f"{Person.objects.count()} invented people, {counts['due']} messages due, {counts['sent']} sent."
        )
        self.stdout.write(f"Sign in (password for all: {PASSWORD}):")
        for name, full_name, _role in USERS:
            user = User.objects.get(username=name)
            self.stdout.write(f"  {name:10} {user.get_role_display():28} {full_name}, {user.unit or 'all units'}")


def _register_words(now: datetime) -> None:
    """The operator of the demonstration has agreed to most texts, not to one, and still reads some."""
    Route.objects.filter(pk=routing.ensure_sandbox_route().pk).update(tail=TAIL)
    route = Route.objects.get(provider=routing.SANDBOX)
    registration.submit_live_words(route, now)
    templates = list(route.templates.order_by("pk"))
    for place, template in enumerate(templates[: -len(templates) // 20]):
        if place == 47:
            decide(template, "rejected", now, note="Thiếu tên đơn vị gửi")
        else:
            decide(template, "registered", now, code=f"MAU{place:04}", valid_to=now.date() + timedelta(days=730))


def _users(roles: Iterable[str], now: datetime, communes: tuple[AdminUnit, ...]) -> list[User]:
    """The demonstration's users of these roles. The station worker works in the first commune."""
    province = AdminUnit.objects.get(code="86", valid_to=None)
    made = []
    for username, full_name, role in USERS:
        if role not in roles:
            continue
        first, _, last = full_name.rpartition(" ")
        unit = {User.Role.STATION: communes[0], User.Role.ADMIN: None}.get(role, province)
        administrator = role == User.Role.ADMIN
        user = User(
            username=username, first_name=last, last_name=first, role=role, unit=unit, date_joined=now,
            is_staff=administrator, is_superuser=administrator,
        )  # fmt: skip
        if role == User.Role.STATION:
            user.facility = Facility.objects.filter(unit=communes[0], kind=Facility.Kind.STATION).first()
        user.set_password(PASSWORD)
        user.save()
        made.append(user)
    return made
