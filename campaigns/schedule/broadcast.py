"""Broadcasts: one text to an audience on one day, by the same ledger, reviewers, cap and hours as everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.content import history, regions, rendering, review
from campaigns.local import catalogue
from campaigns.models import Broadcast, Campaign, Revision, Step, StepText
from campaigns.schedule import audience as audiences
from campaigns.schedule.sendtime import Hours, at, is_open, local_day
from messaging.models import MessageClass
from messaging.text.segments import measure
from recipients import areas
from recipients.errors import Refusal
from recipients.models import AdminUnit, Person, User

STEP, TOPIC = "broadcast", "broadcast"
CLASSES = (MessageClass.SERVICE, MessageClass.SOCIAL, MessageClass.EMERGENCY)
"""Nobody here has agreed to advertising, so nothing promotional is broadcast."""
FURTHEST_DAYS, LONGEST_WINDOW = 366, 14
MOST_PARTS = 4
PLACEHOLDERS = frozenset({"ten"}) | catalogue.placeholders()
ROUTINE, FIRST = 50, 0
"""Priorities: of a broadcast, and of an emergency."""

State = Revision.State


@dataclass(frozen=True)
class _Checked:
    """What was asked for, in the form in which it is stored."""

    name: str
    texts: dict[str, tuple[str, str]]
    audience: dict[str, Any]
    reason: str


def draft(
    *,
    name: str,
    texts: Mapping[str, str],
    discreet: Mapping[str, str],
    audience: Mapping[str, Any],
    send_on: date,
    until_days: int = 2,
    send_time: time,
    message_class: str,
    reason: str = "",
    by: User,
    now: datetime,
) -> Broadcast:
    """A campaign with one draft revision of one step, which then goes through review as every text does.

    - By a communication officer or a clinical reviewer, to people of her own area; without units it is that area.
    - `texts` and `discreet` by language; Vietnamese is needed. They take the placeholders ten, coso, sdt, hotline.
      Without a discreet text nothing goes to phones that others read.
    - `send_on` is a local day from today on, at most a year ahead; it may still leave for `until_days` (0-14) days.
      `send_time` lies in the sending hours of the class.
    - An emergency passes cap and hours: it needs a reason, which is kept, and a second reviewer (review.second).
    """
    checked = _check(name, texts, discreet, audience, send_on, until_days, send_time, message_class, reason, by, now)
    with transaction.atomic():
        campaign = Campaign.objects.create(
            code=f"broadcast-{send_on:%Y%m%d}-{uuid4().hex[:8]}", topic=TOPIC, anchor=Campaign.Anchor.BROADCAST,
            **_of_campaign(checked, message_class),
        )  # fmt: skip
        revision = Revision.objects.create(campaign=campaign, number=1, author=by, created_at=now)
        _write(revision, checked, until_days, send_time)
        history.record(revision, history.What.DRAFTED, by, now)
        return Broadcast.objects.create(
            campaign=campaign, send_on=send_on, audience=checked.audience, reason=checked.reason, made_by=by
        )


def redraft(
    broadcast: Broadcast,
    *,
    name: str,
    texts: Mapping[str, str],
    discreet: Mapping[str, str],
    audience: Mapping[str, Any],
    send_on: date,
    until_days: int = 2,
    send_time: time,
    message_class: str,
    reason: str = "",
    by: User,
    now: datetime,
) -> Broadcast:
    """The same once more, while it is a draft and by the one who wrote it: who changes words answers for them."""
    checked = _check(name, texts, discreet, audience, send_on, until_days, send_time, message_class, reason, by, now)
    with transaction.atomic():
        locked = _locked(broadcast)
        revision = Revision.objects.select_for_update().get(pk=revision_of(locked).pk)
        if revision.state != State.DRAFT or locked.stopped_at:
            raise Refusal(
                "wrong_state", _("Only a draft can be changed. Have it returned to draft, or write a new one."),
                conflict=True,
            )  # fmt: skip
        if revision.author_id != by.pk:
            raise Refusal(
                "not_yours", _("Somebody else wrote this broadcast. Ask her to change it, or write your own.")
            )
        revision.steps.all().delete()
        _write(revision, checked, until_days, send_time)
        history.record(revision, history.What.CHANGED, by, now, step=STEP)
        Campaign.objects.filter(pk=locked.campaign_id).update(**_of_campaign(checked, message_class))
        locked.send_on, locked.audience, locked.reason = send_on, checked.audience, checked.reason
        locked.save(update_fields=["send_on", "audience", "reason"])
        return locked


def publish(broadcast: Broadcast, by: User, now: datetime) -> Broadcast:
    """Live: from its day on it falls due for everybody in the audience. Refused when stopped or when its last day has
    passed; everything else as review.publish says."""
    with transaction.atomic():
        locked = _locked(broadcast)
        if locked.stopped_at:
            raise Refusal("stopped", _("The broadcast was stopped. Write a new one."), conflict=True)
        if last_day(locked) < local_day(now, settings.ZONE):
            raise Refusal("day_passed", _("Its last day has passed. Write a new broadcast."), conflict=True)
        review.publish(revision_of(locked), by, now)
        return locked


def stop(broadcast: Broadcast, *, now: datetime, by: User | None = None) -> Broadcast:
    """Nothing more of it leaves, in whatever state it is: no call to a provider starts after this is committed.

    By officers, clinical reviewers and administrators of its area; `by` is None for commands. It cannot be begun
    again. A second time changes nothing.
    """
    if by is not None and not may_stop(broadcast, by):
        raise Refusal("not_allowed", _("Only a communication officer of its area can stop it. Call one of them."))
    with transaction.atomic():
        locked = _locked(broadcast)
        if locked.stopped_at is None:
            locked.stopped_at = now
            locked.save(update_fields=["stopped_at"])
            live = Revision.objects.filter(campaign=locked.campaign_id, state=State.LIVE)
            for revision in live:
                history.record(revision, history.What.RETIRED, by, now)
            live.update(state=State.RETIRED, retired_at=now)
        return locked


def revision_of(broadcast: Broadcast) -> Revision:
    """Its only revision, with what a list has fetched ahead."""
    return broadcast.campaign.revisions.all()[0]


def texts_of(broadcast: Broadcast) -> list[StepText]:
    """Its words, one row a language."""
    return sorted(revision_of(broadcast).steps.all()[0].texts.all(), key=lambda text: text.language)


def last_day(broadcast: Broadcast) -> date:
    """The last local day on which it may leave."""
    return broadcast.send_on + timedelta(days=revision_of(broadcast).steps.all()[0].until_days)


def visible_to(user: User) -> QuerySet[Broadcast]:
    """The broadcasts that reach into a user's area, newest day first. The audience carries no names."""
    broadcasts = Broadcast.objects.select_related("campaign", "made_by")
    if user.unit is None:
        return broadcasts if areas.units_visible_to(user).exists() else broadcasts.none()
    mine = set(areas.below(user.unit).values_list("code", flat=True)) | _above(user)
    named = broadcasts.values_list("pk", "audience")
    return broadcasts.filter(pk__in=[pk for pk, who in named if not who.get("units") or mine & set(who["units"])])


def in_area(audience: dict[str, Any], by: User) -> dict[str, Any]:
    """The audience within the author's area; one that names no unit is that area."""
    if by.unit is None:
        return audience
    named = audiences.codes(audience) or [by.unit.code]
    mine = set(areas.units_visible_to(by).filter(code__in=named, valid_to=None).values_list("code", flat=True))
    if set(named) - mine:
        raise Refusal("not_in_area", _("One of the units is not in your area. Choose from the list."), field="units")
    return audience | {"units": named}


def may_stop(broadcast: Broadcast, user: User) -> bool:
    """Whether a user may stop a broadcast of her area."""
    if not (review.writes(user) or user.role == User.Role.ADMIN or user.is_superuser) or not user.is_active:
        return False
    return visible_to(user).filter(pk=broadcast.pk).exists()


def _above(user: User) -> set[str]:
    assert user.unit is not None
    return set(AdminUnit.objects.filter(pk__in=areas.chain(user.unit.path)).values_list("code", flat=True))


def _locked(broadcast: Broadcast) -> Broadcast:
    Campaign.objects.select_for_update().get(pk=broadcast.campaign_id)
    return Broadcast.objects.select_related("campaign").get(pk=broadcast.pk)


def _of_campaign(checked: _Checked, message_class: str) -> dict[str, Any]:
    emergency = message_class == MessageClass.EMERGENCY
    return {
        "name": {"vi": checked.name}, "message_class": message_class, "priority": FIRST if emergency else ROUTINE
    }  # fmt: skip


def _write(revision: Revision, checked: _Checked, until_days: int, send_time: time) -> None:
    step = Step.objects.create(
        revision=revision, key=STEP, position=1, until_days=until_days, send_time=send_time, topic=TOPIC,
        role=Step.Role.MOTHER, catch_up=Step.CatchUp.ALWAYS,
    )  # fmt: skip
    StepText.objects.bulk_create(
        StepText(step=step, language=language, body=body, discreet_body=discreet)
        for language, (body, discreet) in checked.texts.items()
    )


def _check(
    name: str,
    texts: Mapping[str, str],
    discreet: Mapping[str, str],
    audience: Mapping[str, Any],
    send_on: date,
    until_days: int,
    send_time: time,
    message_class: str,
    reason: str,
    by: User,
    now: datetime,
) -> _Checked:
    review.may(by, review.WRITERS)
    name, reason = " ".join(name.split()), " ".join(reason.split())
    today = local_day(now, settings.ZONE)
    furthest = today + timedelta(days=FURTHEST_DAYS)
    emergency = message_class == MessageClass.EMERGENCY
    opens, closes = settings.SEND_HOURS.get(message_class, (time.min, time.min))
    checks = (
        (not name or len(name) > 80, "name", _("Give it a name of up to 80 characters, for the list.")),
        (message_class not in CLASSES, "message_class", _("This class cannot be broadcast. Choose another one.")),
        (emergency and not reason, "reason", _("An emergency passes cap and hours. Say why, for the record.")),
        (len(reason) > 300, "reason", _("The reason is too long. Say it in 300 characters.")),
        (send_on < today, "send_on", _("The day has passed. Choose today or a later day.")),
        (send_on > furthest, "send_on", _("The day lies too far ahead. Choose one within a year.")),
        (not 0 <= until_days <= LONGEST_WINDOW, "until_days", _("Let it be open for 0 to 14 days.")),
        (
            not is_open(at(send_on, send_time, settings.ZONE), Hours(opens, closes, settings.ZONE)),
            "send_time",
            _("The time lies outside the sending hours. Choose one from %(opens)s to %(closes)s.")
            % {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"},
        ),
    )  # fmt: skip
    for wrong, field, sentence in checks:
        if wrong:
            raise Refusal("invalid", sentence, field=field)
    words = {language: (_words(body, language), "") for language, body in texts.items() if body.strip()}
    for language, body in discreet.items():
        if body.strip() and language in words:
            words[language] = words[language][0], _words(body, f"discreet_{language}")
        elif body.strip():
            raise Refusal("invalid", _("There is a discreet text without the text itself. Write both."), field=language)
    if set(words) - set(Person.Language.values):
        raise Refusal("invalid", _("There is no such language. Choose from the list."), field="texts")
    if rendering.FALLBACK_LANGUAGE not in words:
        sentence = _("There is no Vietnamese text. Write it; every other language falls back to it.")
        raise Refusal("invalid", sentence, field="vi")
    return _Checked(name, words, in_area(audiences.validate(audience), by), reason if emergency else "")


def _words(body: str, field: str) -> str:
    """The text in one line, composed, with placeholders that a broadcast can fill."""
    body = rendering.one_line(body)
    known = dict.fromkeys(PLACEHOLDERS, "x" * 10) | (regions.LONGEST if field.endswith("vi") else {})
    unknown = [name for name in rendering.placeholders(body) if name not in known]
    if unknown:
        sentence = _("Nobody knows the placeholder {%(name)s}. Use one of {ten}, {coso}, {sdt}, {hotline}.")
        raise Refusal("invalid", sentence % {"name": unknown[0]}, field=field)
    try:
        shown = rendering.render(body, known)
    except rendering.MissingValue:
        raise Refusal("invalid", _("A brace is not closed. Write placeholders like {ten}."), field=field) from None
    if measure(rendering.for_phone(shown, "")).segments > MOST_PARTS:
        raise Refusal("invalid", _("The text takes more than four SMS parts. Make it shorter."), field=field)
    return body
