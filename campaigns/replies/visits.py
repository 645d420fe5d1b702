"""A visit told by SMS: recorded where it can only be one, else left to a person."""

from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db.models import Q

from campaigns.replies import losses, words
from campaigns.replies.heard import Heard
from campaigns.replies.reading import Unclear, folded, read_day, speaks_of_loss
from messaging.hooks import Handled
from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.events.visits import EARLY_BY
from recipients.models import Child, Pregnancy, Visit
from recipients.models.consent import Source

LATEST = timedelta(days=60)
"""A visit that lies farther back is for the books of the station."""
SECOND_PERIOD, THIRD_PERIOD = 14 * 7, 28 * 7
"""Days of gestation from which antenatal visit 2, and visits 3 and 4, are meant (until 13w6d it is the first)."""

Type = Visit.Type
Subject: TypeAlias = Pregnancy | Child


def told(heard: Heard, now: datetime) -> Handled | None:
    """ "DA KHAM", "DA TIEM", with or without a day (today): the visit is marked as attended, as on the pages.

    - The planned visit within 27 days of the day, where there is exactly one of the kind.
    - Else, of the only pregnancy without a child: the antenatal visit of its weeks; of the only child: immunisation.
    - Several that fit, none, a day ahead or long ago: a person reads it.
    """
    body = heard.message.body
    if speaks_of_loss(body):
        return losses.told(heard, now)
    today = local_day(heard.message.received_at)
    try:
        day = read_day(body, today) or today
    except Unclear:
        return None
    found = _meant(heard, "TIEM" in (said := folded(body)) or "CHICH" in said or "VACCIN" in said, day)
    if found is None or not today - LATEST <= day <= today:
        return None
    subject, type_ = found
    whose = {"pregnancy": subject} if isinstance(subject, Pregnancy) else {"child": subject}
    try:
        events.attend_visit(type=type_, on=day, now=now, source=Source.KEYWORD, **whose)
    except Refusal:
        return None
    return Handled(words.say("visit", heard.people, day=words.day_words(day)))


def _meant(heard: Heard, vaccine: bool, day: date) -> tuple[Subject, str] | None:
    planned = Visit.objects.filter(
        Q(pregnancy__in=heard.pregnancies) | Q(child__in=heard.children), attended_date=None, canceled_on=None,
        planned_date__range=(day - EARLY_BY, day + EARLY_BY),
    ).exclude(type=Type.DELIVERY)  # fmt: skip
    planned = planned.filter(type=Type.IMMUNISATION) if vaccine else planned.exclude(type=Type.IMMUNISATION)
    near = list(planned.order_by("pk"))
    if near:
        subjects: dict[int, Subject] = {each.pk: each for each in (heard.pregnancies if near[0].pregnancy_id else ())}
        subjects = subjects or {each.pk: each for each in heard.children}
        return (subjects[near[0].pregnancy_id or near[0].child_id or 0], near[0].type) if len(near) == 1 else None
    if vaccine:
        return (heard.children[0], Type.IMMUNISATION) if len(heard.children) == 1 else None
    if len(heard.pregnancies) == 1 and not heard.children:
        return heard.pregnancies[0], _antenatal(heard.pregnancies[0], day)
    return None


def _antenatal(pregnancy: Pregnancy, day: date) -> str:
    """The antenatal visit of a day: by the weeks, and a further one where that has taken place."""
    attended = dict(pregnancy.visits.filter(attended_date__isnull=False).values_list("type", "attended_date"))
    if same := next((type_ for type_, on in attended.items() if on == day), None):
        return same
    age = (day - pregnancy.anchor_date).days
    if age >= THIRD_PERIOD:
        candidates = [Type.ANC3, Type.ANC4]
    else:
        candidates = [Type.ANC2 if age >= SECOND_PERIOD else Type.ANC1]
    return next((type_ for type_ in candidates if type_ not in attended), Type.ANC_MORE)
