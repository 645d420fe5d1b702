"""From a due row to the text for the gateway: whose words, in which language, discreet or not, with which values."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.conf import settings

from campaigns.content import parameters, rendering
from campaigns.models import Campaign, Reason, ScheduledMessage, Step
from campaigns.schedule.facts import Facts
from campaigns.schedule.live import LiveCampaign, wording
from campaigns.schedule.sendtime import at
from messaging.models import MessageClass
from messaging.outgoing import gateway
from messaging.outgoing.tails import names_a_way
from messaging.statuses import Status
from messaging.text.plain import to_plain
from recipients.models import Person

NAMES = frozenset({"ten", "me"})
_STOP = re.compile(r"\b(?:ngừng|ngưng|dừng|thôi|từ chối|stop)\b", re.IGNORECASE)
_STOP_PLAIN = re.compile(r"\b(?:ngung|dung|thoi|tu choi|stop)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def render(
    rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign], facts: Facts
) -> list[tuple[ScheduledMessage, gateway.Text | Reason]]:
    """The text of each row, or why there is none. Sets what the ledger keeps of it: step, revision and language.

    - The words are those of the live revision, for the person whose phone rings.
    - The first text to a number that nobody has confirmed names nobody and no topic: only the discreet words of the
      welcome, or of an emergency, will do; everything else waits until such a text has gone or somebody confirms.
    """
    for row in rows:
        row.step = facts.substitutes.get(row.pk) or live[row.campaign_id].steps[row.step_key]
        row.revision_id = row.step.revision_id
    values = parameters.values_for({person.pk: person for person in facts.to.values()}.values(), facts.today)
    about = parameters.subject_values(rows)
    reached = _reached(rows, facts)
    rendered: list[tuple[ScheduledMessage, gateway.Text | Reason]] = []
    for row in rows:
        person = facts.to[row.pk]
        step = row.step
        first = person.phone_confirmed_at is None and person.phone not in reached.get(person.pk, ())
        if first:
            chosen = _neutral(row, step, person)
        else:
            chosen = wording(step, person, discreet=row.pk in facts.quiet)
        if chosen is None:
            rendered.append((row, Reason.UNCONFIRMED if first and wording(step, person) else Reason.NO_TEXT))
            continue
        body, row.language = chosen
        try:
            words = rendering.render(body, values[person.pk] | about.get(row.pk, {}))
        except rendering.MissingValue:
            rendered.append((row, Reason.NO_PARAMETER))
            continue
        text = gateway.Text(
            to=str(person.phone), body=rendering.for_phone(words, person.script), key=row.key,
            message_class=row.campaign.message_class, priority=row.campaign.priority, expires_at=_expires_at(row),
            says_stop=row.campaign.anchor == Campaign.Anchor.ENROLLMENT and says_how_to_stop(words),
            language=row.language, stop_values=values[person.pk],
        )  # fmt: skip
        rendered.append((row, text))
    return rendered


def says_how_to_stop(words: str) -> bool:
    """Whether one sentence speaks of stopping and names a number, as that of the welcome does. With its marks "dùng" is
    to use and "thời" is time: only without any "dung" may be to stop."""
    stop = _STOP_PLAIN if to_plain(words) == words else _STOP
    return any(stop.search(each) and names_a_way(each, ()) for each in _SENTENCE.split(words))


def _neutral(row: ScheduledMessage, step: Step, person: Person) -> tuple[str, str] | None:
    """Discreet words that call nobody by name, of a step that is no topic: the welcome, an emergency."""
    if row.campaign.anchor != Campaign.Anchor.ENROLLMENT and row.campaign.message_class != MessageClass.EMERGENCY:
        return None
    texts = {text.language: text for text in step.texts.all()}
    chosen = rendering.choose(texts, person.language, discreet=True)
    return chosen if chosen and not NAMES & set(rendering.placeholders(chosen[0])) else None


def _reached(rows: Sequence[ScheduledMessage], facts: Facts) -> dict[int, set[str]]:
    """On which numbers a text of her own went already to those whose number nobody has confirmed."""
    unsure = {facts.to[row.pk].pk for row in rows if facts.to[row.pk].phone_confirmed_at is None}
    if not unsure:
        return {}
    reached: dict[int, set[str]] = {}
    gone = ScheduledMessage.objects.filter(person__in=unsure, state=ScheduledMessage.State.RELEASED)
    for person, to in gone.exclude(sms__status=Status.CANCELED).values_list("person", "sms__to"):
        reached.setdefault(person, set()).add(to)
    return reached


def _expires_at(row: ScheduledMessage) -> datetime:
    """The end of the sending hours of its last day; midnight where they go on over it."""
    opens, closes = settings.SEND_HOURS[row.campaign.message_class]
    if opens < closes:
        return at(row.last_day, closes, settings.ZONE)
    return at(row.last_day + timedelta(days=1), time.min, settings.ZONE)
