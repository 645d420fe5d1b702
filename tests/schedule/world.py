"""The register and the oracle side by side: each event goes through the real verb and into the oracle."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Enrollment, Holiday, Pause, PlannerState, ScheduledMessage, Woken
from campaigns.schedule import pauses
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage, Receipt, RouteBucket
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.errors import Refusal
from recipients.models import AdminUnit, Caregiver, ChangeEvent, Child, Consent, Person, Pregnancy, Task, Visit
from tests import people
from tests.schedule.oracle import Held, Oracle
from tests.schedule.slow_ledger import PRIORITY, Reader, Row, Subject
from tests.timelines import publish

DAY = timedelta(days=1)
PLANNED = ("late_entry", "superseded", "rescheduled", "visit_done", "ended_loss", "ended_birth", "ended_care")


def clear() -> None:
    for model in (
        ScheduledMessage, Enrollment, PlannerState, Receipt, OutboundMessage, Pause, Task, ChangeEvent, Visit,
        Caregiver, Child, Pregnancy, Consent, Person, Holiday, RouteBucket, Woken,
    ):  # fmt: skip
        model._base_manager.all()._raw_delete("default") if model in (ChangeEvent, Consent) else (
            model._default_manager.all().delete()
        )


class World:
    WEEKS = [84, 270, 84, 288]
    """How many days pregnant the four women are on the first day. The last two share a phone with the first two."""
    KINDS = ("visit", "birth", "gestation")
    """The campaigns; the flood is an emergency and follows the pregnancies."""

    def __init__(self, drawn: dict, zone: ZoneInfo, unit: AdminUnit) -> None:
        self.drawn, self.first, self.zone, self.unit = drawn, drawn["first"], zone, unit
        free = {self.first + (start + n) * DAY for start, long in drawn["holidays"] for n in range(long)}
        self.slow = Oracle(dict(drawn["lines"]), free)
        Holiday.objects.bulk_create(Holiday(day=day, name="Lễ") for day in free)
        for kind in self.KINDS:
            self.publish(kind)
        self.women: dict[int, Pregnancy] = {}
        self.about: dict[tuple[str, int, int], str] = {}
        """The oracle's name of a campaign, what it is about, and who follows."""
        self.done: set[int] = set()
        self.numbers = 0

    def publish(self, kind: str) -> None:
        urgent = kind == "flood"
        publish(
            self.slow.lines[kind], code=kind, anchor="gestation" if urgent else kind, priority=PRIORITY[kind],
            message_class="emergency" if urgent else "service",
        )  # fmt: skip
        self.slow.edition[kind] += 1

    def register(self, which: int, now: datetime) -> None:
        shift, _day, late = self.drawn["women"][which]
        name = ["An", "Binh", "Cuc", "Dao"][which]
        number = which % 2 if self.drawn["shared"] else which
        woman = Reader(name, f"+8491234567{number}", late=late)
        anchor = self.first - (self.WEEKS[which] + shift) * DAY
        pregnancy = people.lan(
            self.unit, now, name=name, phone=woman.phone, lmp=anchor, preferred_time=time(15) if late else None
        )
        self.women[which] = pregnancy
        self.follow(Subject(name, woman, "gestation", anchor), pregnancy.pk, pregnancy.mother_id)

    def follow(self, subject: Subject, pk: int, person: int) -> None:
        self.slow.subjects[subject.name] = subject
        self.about[subject.kind, pk, person] = subject.name

    def until(self, day: int) -> None:
        """Everything that happens through the morning of a day."""
        for on in range(day + 1):
            now = datetime.combine(self.first + on * DAY, time(6), self.zone)
            for which, (_shift, registered, _late) in enumerate(self.drawn["women"]):
                if registered == on and which not in self.women:
                    self.register(which, now)
            for number, (at, kind, which, by) in enumerate(self.drawn["events"]):
                if at == on and number not in self.done:
                    self.done.add(number)
                    self.happen(kind, which, by, now)

    def happen(self, kind: str, which: int, by: int, now: datetime) -> None:
        if which not in self.women and kind not in ("pause", "let go", "edit"):
            return
        try:
            getattr(self, f"_{kind.replace(' ', '_')}")(which, by, now)
        except Refusal:
            return

    def subject(self, which: int) -> Subject:
        return self.named("gestation", self.women[which].pk, which)

    def named(self, kind: str, pk: int, which: int) -> Subject:
        """What the mother follows, in the oracle."""
        return self.slow.subjects[self.about[kind, pk, self.women[which].mother_id]]

    def visits(self, which: int) -> list[tuple[Visit, Subject]]:
        found = Visit.objects.filter(pregnancy=self.women[which]).order_by("pk")
        return [(visit, self.named("visit", visit.pk, which)) for visit in found]

    def _redate(self, which: int, by: int, now: datetime) -> None:
        pregnancy = events.redate(
            self.women[which], lmp=self.women[which].anchor_date - by * DAY, now=now, source="page"
        )
        self.subject(which).anchor = pregnancy.anchor_date

    def _lose(self, which: int, by: int, now: datetime) -> None:
        events.loss(self.women[which], kind="miscarriage", on=now.date(), now=now, source="page")
        self.over(which, "ended_loss")

    def _undo(self, which: int, by: int, now: datetime) -> None:
        events.undo_loss(self.women[which], now=now, source="page")
        self.over(which, "")

    def _bear(self, which: int, by: int, now: datetime) -> None:
        born, twins = now.date() - max(0, by) * DAY, [events.Newborn(name=f"c{n}") for n in range(1 + by % 2)]
        children = events.birth(self.women[which], born_on=born, now=now, source="page", children=twins)
        self.over(which, "ended_birth")
        for child in children:
            name = f"{self.subject(which).name}-{child.pk}"
            if name not in self.slow.subjects:
                self.born(Subject(name, self.subject(which).woman, "birth", born), child, which)

    def born(self, subject: Subject, child: Child, which: int) -> None:
        self.follow(subject, child.pk, child.mother_id)

    def over(self, which: int, why: str) -> None:
        self.subject(which).ended = why
        for visit, subject in self.visits(which):
            subject.ended = why if why == "ended_loss" or not visit.attended_date else "visit_done"

    def _stop(self, which: int, by: int, now: datetime) -> None:
        events.stop_person(self.women[which].mother, now=now, source="page")
        self.subject(which).woman.agrees = False

    def _resume(self, which: int, by: int, now: datetime) -> None:
        events.resume_person(self.women[which].mother, now=now, source="page")
        self.subject(which).woman.agrees = True

    def _number(self, which: int, by: int, now: datetime) -> None:
        self.numbers += 1
        number = f"+8498700010{self.numbers % 10}" if by > 3 else None
        registry.change_number(self.women[which].mother, number, now=now, source="page")
        self.subject(which).woman.phone = number

    def _agree_on_a_visit(self, which: int, by: int, now: datetime) -> None:
        on = now.date() + abs(by) * DAY
        visit = events.plan_visit(type="anc2", on=on, now=now, source="page", pregnancy=self.women[which])
        if ("visit", visit.pk, self.women[which].mother_id) in self.about:
            self.put_off(visit, which)
        else:
            name = f"{self.subject(which).name}-visit-{visit.pk}"
            subject = Subject(name, self.subject(which).woman, "visit", on, self.subject(which))
            self.follow(subject, visit.pk, self.women[which].mother_id)

    def _put_off(self, which: int, by: int, now: datetime) -> None:
        for visit, _subject in self.visits(which)[-1:]:
            self.put_off(events.reschedule_visit(visit, on=now.date() + abs(by) * DAY, now=now, source="page"), which)

    def put_off(self, visit: Visit, which: int) -> None:
        subject = self.named("visit", visit.pk, which)
        assert visit.planned_date
        subject.anchor, subject.occurrence = visit.planned_date, visit.rescheduled

    def _attend(self, which: int, by: int, now: datetime) -> None:
        if any(not subject.over for _visit, subject in self.visits(which)):
            events.attend_visit(type="anc2", on=now.date(), now=now, source="page", pregnancy=self.women[which])
            self.over(which, self.subject(which).ended)

    def _pause(self, which: int, by: int, now: datetime) -> None:
        held = ["anc", "iron", "outcome"][by % 3]
        pauses.pause(topic=held, why="Chờ", now=now)
        self.slow.paused.append(Held(now.replace(tzinfo=None), topic=held))

    def _let_go(self, which: int, by: int, now: datetime) -> None:
        for pause in Pause.objects.filter(ended_at=None):
            pauses.resume(pause, now=now)
        self.slow.paused.clear()

    def _edit(self, which: int, by: int, now: datetime) -> None:
        """Another edition: its steps changed, or the former one again."""
        kind, changed = self.drawn["editions"][by % len(self.drawn["editions"])]
        back = self.slow.lines[kind] is not self.drawn["lines"][kind]
        steps = {"birth": 270, "visit": 270}.get(kind, 0)
        new = [replace(each, day=max(each.day - steps, -4) % (25 if steps else 400)) for each in changed]
        self.slow.lines[kind] = self.drawn["lines"][kind] if back else new
        self.publish(kind)

    def goes_by(self, now: datetime) -> None:
        """One pass, of the oracle first: what no rule decides is left out before anything is written."""
        self.slow.walk(now.replace(tzinfo=None))
        derive(now)
        plan(now)
        release_due(now)

    def leave(self, now: datetime) -> None:
        """The last check, and the call."""
        rows = self.rows().items()
        carry = {key for key, row in rows if row.sms is not None and row.sms.key == row.key}
        self.slow.leave(now.replace(tzinfo=None), carry)
        dispatch_all(now)

    def rows(self) -> dict[tuple[str, str, int], ScheduledMessage]:
        """The ledger by the oracle's names."""
        found = {}
        for row in ScheduledMessage.objects.select_related("sms", "enrollment", "campaign"):
            each = row.enrollment
            pk = each.pregnancy_id or each.child_id or each.visit_id
            found[self.about[row.campaign.code, pk, each.person_id], row.step_key, row.occurrence] = row
        return found

    def compare(self) -> None:
        found = {}
        for key, row in self.rows().items():
            sent = None
            if row.sms is not None:
                assert row.sms.status == "sent", row.sms.status
                sent = (row.sms.to, row.sms.body, row.sms.sending_at.astimezone(self.zone).date())
            found[key] = seen(Row(row.due_on, row.last_day, str(row.state), row.reason), sent)
        assert found == {key: seen(row, row.sent) for key, row in self.slow.rows.items()}
        left = OutboundMessage.objects.filter(status="sent").values_list("to", "body")
        assert Counter(left) == Counter((text.phone, text.body) for text in self.slow.texts)


def seen(row: Row, sent: tuple[str, str, date] | None) -> tuple[object, ...]:
    """What everybody must agree on. While it waits the reason is one of the moment at which it was asked last."""
    reason = row.reason if row.state == "skipped" else ""
    if reason and reason not in PLANNED:
        reason = "its window has closed"
    return row.due, row.last, row.state, reason, sent
