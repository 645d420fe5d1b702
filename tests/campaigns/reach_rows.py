"""Ledger rows in every state, made directly: the tests of reach need states that the verbs reach slowly."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from campaigns.models import Campaign, Enrollment, Revision, ScheduledMessage, Step
from messaging.models import OutboundMessage, Route
from recipients.models import AdminUnit, Consent, Person, Pregnancy, User

STATUSES = ("queued", "sending", "sent", "unknown", "failed", "undelivered", "expired", "delivered")
OUTCOMES = ("waiting", "waiting:no_phone", "skipped:late", "skipped:ended_loss", "told", "canceled", *STATUSES)


class Ledger:
    """A province with two communes, one campaign of one step, and people with messages as a test asks for them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        since = date(2025, 7, 1)
        self.province = unit("86", "Tỉnh Vĩnh Long", None, since)
        self.communes = [
            unit("29551", "Phường Thanh Đức", self.province, since),
            unit("29557", "Phường Long Châu", self.province, since),
        ]
        self.reviewer = User.objects.create(username="reviewer", role="clinical", unit=self.province)
        self.campaign = Campaign.objects.create(code="anc", name={"vi": "Khám thai"}, topic="anc", anchor="gestation")
        self.revision = Revision.objects.create(
            campaign=self.campaign, number=1, reviewer=self.reviewer, created_at=now
        )
        self.step = Step.objects.create(
            revision=self.revision, key="first", position=1, send_time="09:00", topic="anc", until_days=99
        )
        Revision.objects.filter(pk=self.revision.pk).update(state="live")
        self.route = Route.objects.create(name="Sandbox", provider="sandbox")
        self.count = 0

    def person(
        self, commune: int = 0, *, phone: bool = True, consent: bool = True, at: datetime | None = None
    ) -> Person:
        """A registered pregnant woman who follows the campaign."""
        self.count += 1
        at = at or self.now - timedelta(days=40)
        name = f"Người Thử {self.count}"
        person = Person.objects.create(
            name=name, name_key=name.casefold(), search_name=name.casefold(), unit=self.communes[commune],
            phone=f"+8491{self.count:07}" if phone else None, registered_at=at,
        )  # fmt: skip
        if consent:
            Consent.objects.create(person=person, state="given", method="page", at=at)
        anchor = at.date() - timedelta(days=60)
        pregnancy = Pregnancy.objects.create(mother=person, anchor_date=anchor, dating="lmp", registered_at=at)
        Enrollment.objects.create(
            person=person, campaign=self.campaign, role="mother", pregnancy=pregnancy, anchor_date=anchor,
            enrolled_at=at,
        )  # fmt: skip
        return person

    def message(self, person: Person, outcome: str, on: date, commune: int | None = None) -> ScheduledMessage:
        """A due message that ended as `outcome`, one of OUTCOMES."""
        word, _, reason = outcome.partition(":")
        self.count += 1
        sms = None
        if word not in ("waiting", "skipped", "told"):
            took = word in ("sent", "unknown", "undelivered", "expired", "delivered")
            sms = OutboundMessage.objects.create(
                id=uuid4(), key=f"scheduled:test-{self.count}", to=person.phone or "+84910000000", body="x",
                encoding="GSM-7", segments=1, status=word, route=self.route, send_after=self.now, queued_at=self.now,
                sent_at=self.now if took else None,
            )  # fmt: skip
        return ScheduledMessage.objects.create(
            enrollment=person.enrollments.get(), step_key="first", occurrence=self.count, campaign=self.campaign,
            revision=self.revision, step=self.step, person=person,
            unit=person.unit if commune is None else self.communes[commune], language="vi", topic="anc",
            stage="pregnancy_2", due_on=on, due_at=self.now, last_day=on, sms=sms, reason=reason,
            state="released" if sms else word,
        )  # fmt: skip


def unit(code: str, name: str, parent: AdminUnit | None, since: date) -> AdminUnit:
    level = "commune" if parent else "province"
    made = AdminUnit.objects.create(
        code=code, name=name, search_name=name.casefold(), level=level, parent=parent, valid_from=since
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made
