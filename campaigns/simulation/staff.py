"""Lets offices do what they do, through the same verbs as pages and the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

from campaigns.content import review
from campaigns.models import Campaign, Pause, Revision
from campaigns.schedule import broadcast, pauses
from campaigns.simulation.life import Lives, codes
from campaigns.simulation.log import FarEnd
from campaigns.simulation.world import Happening
from recipients import registry, sessions
from recipients.errors import Refusal
from recipients.models import AdminUnit, Facility, User
from recipients.models.consent import Source

WHY: Final = "Mô phỏng: tạm dừng"
WORDS: Final = "Chi oi, tuan nay tram y te mo cua ca thu bay. Can gi moi chi ghe {coso}."
NEUTRAL: Final = "Moi chi ghe {coso}, tuan nay mo cua ca thu bay."
STORM: Final = "Bao dang vao. Chi va be o trong nha, di so tan theo loi goi cua xa. Can giup goi {coso} {sdt}."
INDOORS: Final = "Bao dang vao. Moi nguoi o trong nha, di so tan theo loi goi cua xa."
SERVICE: Final = "immunisation"


class Staff:
    """The offices of the province. `act` does one happening at a moment."""

    def __init__(self, communes: Sequence[AdminUnit], users: Sequence[User], lives: Lives, far_end: FarEnd) -> None:
        """`users`: an officer, to whose area the broadcasts go, and two reviewers (ground.users)."""
        self.refused: Counter[str] = Counter()
        self._communes = communes
        self._officer, self._reviewer, self._second = users
        self._lives = lives
        self._far_end = far_end
        self._stations = {
            station.unit_id: station
            for station in Facility.objects.filter(unit__in=communes, kind=Facility.Kind.STATION, valid_to=None)
        }
        self._pauses: dict[Any, Pause] = {}

    def act(self, thing: Happening, now: datetime) -> None:
        """Lets `thing` happen at `now`. A refusal is counted and changes nothing."""
        commune = self._communes[-1 - thing.number]
        try:
            getattr(self, f"_{thing.kind}")(commune, thing.facts, now)
        except Refusal as refusal:
            self.refused[f"{thing.kind}:{refusal.code}"] += 1

    def pause(self, name: Any, now: datetime, **scope: Any) -> None:
        """Pauses what `scope` names (see pauses.pause), known as `name` until it is resumed.

        By nobody in particular: an officer pauses in her area only, and this reaches both provinces.
        """
        paused = pauses.pause(why=WHY, now=now, **scope)
        self._pauses[name] = paused
        campaign, unit = paused.campaign, paused.unit
        self._far_end.event(
            "pause", now, person=None, subject=None, to=None, pause=str(name), instead=paused.substitute,
            of_campaign=campaign.code if campaign else "", of_step=paused.step_key, of_topic=paused.topic,
            of_unit=unit.code if unit else None, of_person=paused.person_id,
        )  # fmt: skip

    def resume(self, name: Any, now: datetime) -> None:
        """Ends a pause; one that was never made is no matter."""
        if paused := self._pauses.pop(name, None):
            pauses.resume(paused, now=now)
            self._far_end.event("resume", now, person=None, subject=None, to=None, pause=str(name))

    def _worker(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        if not self._lives.has_room():
            return
        worker = registry.register_worker(
            name=facts["name"], phone=facts["phone"], unit=commune, role=facts["role"], consent=True, now=now,
            source=Source.PAGE,
        )  # fmt: skip
        self._lives.newcomer()
        person = worker.person
        self._far_end.event("register", now, person=person.pk, subject=None, to=person.phone, unit=codes(commune))

    def _session(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        sessions.set_session(self._stations[commune.pk], service=SERVICE, day=facts["day"])

    def _pause(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        scope = dict(facts["scope"])
        if scope.pop("unit", False):
            scope["unit"] = commune
        if "campaign" in scope:
            scope["campaign"] = Campaign.objects.get(code=scope["campaign"])
        self.pause(facts["pause"], now, **scope)

    def _resume(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        self.resume(facts["pause"], now)

    def _broadcast(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        self._sent_to_all(
            now, name="Thông báo của tỉnh", texts={"vi": WORDS}, discreet={"vi": NEUTRAL}, send_on=facts["send_on"],
            send_time=time(10), message_class="service",
        )  # fmt: skip

    def _emergency(self, commune: AdminUnit, facts: dict[str, Any], now: datetime) -> None:
        self._sent_to_all(
            now, name="Bão", texts={"vi": STORM}, discreet={"vi": INDOORS}, send_on=facts["send_on"],
            send_time=facts["at"], until_days=0, message_class="emergency", reason="Mô phỏng: bão vào",
        )  # fmt: skip

    def _sent_to_all(self, now: datetime, **asked: Any) -> None:
        """A broadcast to whoever is pregnant in the officer's area, through its whole review."""
        assert self._officer.unit is not None, "an officer works somewhere"
        audience = {"units": [self._officer.unit.code], "who": "pregnant"}
        made = broadcast.draft(audience=audience, by=self._officer, now=now, **asked)
        revision = Revision.objects.get(campaign=made.campaign)
        review.submit(revision, self._officer, now)
        review.approve(revision, self._reviewer, now)
        if asked["message_class"] == "emergency":
            review.second(revision, self._second, now)
        review.publish(revision, self._officer, now)
