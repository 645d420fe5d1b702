"""Small campaigns for tests: a live revision out of a few lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from campaigns.models import Campaign, Revision, Step, StepText
from recipients.models import User

WRITTEN_ON = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One step: days (and months) after the anchor, open for some days more. Ages in months (and days)."""

    key: str
    day: int = 0
    month: int = 0
    open_for: int = 14
    catch_up: str = "send_latest"
    topic: str = "anc"
    role: str = "mother"
    at: time = time(11, 45)
    visit: str = ""
    condition: str = ""
    group: str = ""
    month_day: str = ""
    service: str = ""
    age_from: tuple[int, int] = (0, 0)
    age_until: int = 0
    without_mother: bool = False
    goes_first: bool = False
    texts: Mapping[str, str] | None = None
    discreet: str = "Chị {ten} ơi, mời chị ghé {coso}."


def reviewer() -> User:
    """A clinical reviewer, the same for every revision."""
    found = User.objects.filter(username="reviewer").first()
    return found or User.objects.create(username="reviewer", role=User.Role.CLINICAL, is_superuser=True)


def publish(
    lines: Sequence[Line],
    code: str = "anc",
    anchor: str = "gestation",
    priority: int = 20,
    message_class: str = "service",
    now: datetime = WRITTEN_ON,
) -> Campaign:
    """Makes `lines` the live revision of a campaign at `now`; the former one retires."""
    facts = {"topic": "anc", "anchor": anchor, "priority": priority, "message_class": message_class}
    campaign, _made = Campaign.objects.get_or_create(code=code, defaults={"name": {"vi": code}} | facts)
    Revision.objects.filter(campaign=campaign, state="live").update(state="retired", retired_at=WRITTEN_ON)
    revision = Revision.objects.create(
        campaign=campaign, number=campaign.revisions.count() + 1, state="draft", created_at=WRITTEN_ON
    )
    for position, line in enumerate(lines):
        step = Step.objects.create(
            revision=revision, key=line.key, position=position, from_months=line.month, from_days=line.day,
            until_months=line.month, until_days=line.day + line.open_for, send_time=line.at, role=line.role,
            catch_up=line.catch_up, topic=line.topic, visit_type=line.visit, condition=line.condition, group=line.group,
            month_day=line.month_day, service=line.service, age_from_months=line.age_from[0],
            age_from_days=line.age_from[1], age_until_months=line.age_until, without_mother=line.without_mother,
            goes_first=line.goes_first,
        )  # fmt: skip
        for language, body in (line.texts or {"vi": f"Chị {{ten}} ơi, {line.key}."}).items():
            StepText.objects.create(step=step, language=language, body=body, discreet_body=line.discreet)
    Revision.objects.filter(pk=revision.pk).update(state="live", reviewer=reviewer(), live_at=now)
    return campaign
