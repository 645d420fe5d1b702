"""Draft, in review, approved, live, retired: who may move a revision on, and that live words never change.

Every move writes its line of the history in the same transaction.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.content import checking, editions, history
from campaigns.content.rendering import FALLBACK_LANGUAGE
from campaigns.models import Campaign, Revision
from campaigns.schedule.sendtime import local_day
from messaging.models import MessageClass
from recipients.errors import Refusal
from recipients.models import User

State, What = Revision.State, history.What
WRITERS = frozenset({User.Role.OFFICER, User.Role.CLINICAL})
_CLINICAL = frozenset({User.Role.CLINICAL})
_SECONDS = frozenset({User.Role.CLINICAL, User.Role.CDC})
LONGEST_COMMENT = 1000
FURTHEST_DAYS = 366


def submit(revision: Revision, by: User, now: datetime) -> Revision:
    """Draft to in review.

    - By a communication officer or a clinical reviewer. A draft without an author (one loaded from a file) becomes
      hers: who asks for review answers for the words, and so never approves them.
    - Every step needs a text in Vietnamese, the language that every other falls back to.
    - No step breaks a rule about safety or about what cannot work (checking.BLOCKING).
    """
    may(by, WRITERS)
    with transaction.atomic():
        draft = locked(revision, State.DRAFT)
        _check_complete(draft)
        _check_rules(draft)
        history.record(draft, What.SUBMITTED, by, now)
        return _move(draft, state=State.IN_REVIEW, author=draft.author or by)


def return_(revision: Revision, by: User, now: datetime, comment: str) -> Revision:
    """In review, or approved and not yet live, back to draft. By a clinical reviewer, who says what to change;
    approvals and a date of publication are forgotten."""
    may(by, _CLINICAL)
    comment = comment.strip()
    if not comment or len(comment) > LONGEST_COMMENT:
        raise Refusal(
            "no_comment", _("Say what should change, in up to 1000 characters; the writer reads it."), field="comment"
        )
    return _back(revision, What.RETURNED, by, now, comment)


def withdraw(revision: Revision, by: User, now: datetime) -> Revision:
    """The same by one who wrote in it, and has found a mistake herself; no comment is needed."""
    may(by, WRITERS)
    if by.pk not in history.writers(revision):
        raise Refusal("not_yours", _("Others wrote this revision. Ask a clinical reviewer to return it to draft."))
    return _back(revision, What.WITHDRAWN, by, now, "")


def approve(revision: Revision, by: User, now: datetime, seen: str | None = None) -> Revision:
    """In review to approved.

    - By an active clinical reviewer who wrote none of it (history.writers); nobody else, not even an administrator,
      can stand in for her.
    - `seen` is the fingerprint (editions.fingerprint) of the words that she read. When they are others now, because it
      was taken back and changed meanwhile, nothing is approved. None only for programs that approve what they made.
    """
    may(by, _CLINICAL)
    with transaction.atomic():
        words = locked(revision, State.IN_REVIEW)
        if by.pk in history.writers(words):
            raise Refusal("own_text", _("You wrote in this revision. Ask another clinical reviewer to approve it."))
        if seen is not None and seen != editions.fingerprint(editions.file_of(words)):
            raise Refusal(
                "changed_meanwhile", _("The words have changed since you opened the page. Read it again, then decide."),
                conflict=True,
            )  # fmt: skip
        history.record(words, What.APPROVED, by, now)
        return _move(words, state=State.APPROVED, reviewer=by, approved_at=now)


def second(revision: Revision, by: User, now: datetime) -> Revision:
    """The second word that an emergency needs: it passes the cap and the hours, so two people answer for it.

    By an active clinical reviewer or CDC reviewer who neither wrote in it nor approved it, after the first approval.
    """
    may(by, _SECONDS)
    with transaction.atomic():
        words = locked(revision, State.APPROVED)
        if not _is_emergency(words):
            raise Refusal("no_emergency", _("Only an emergency needs a second approval. Publish this one."))
        if by.pk == words.reviewer_id or by.pk in history.writers(words):
            raise Refusal(
                "own_text", _("You wrote or approved this text yourself. Ask somebody else for the second word.")
            )
        if words.second_reviewer_id is not None:
            raise Refusal("seconded", _("It has its second approval already. Publish it."), conflict=True)
        history.record(words, What.SECONDED, by, now)
        return _move(words, second_reviewer=by)


def publish(revision: Revision, by: User, now: datetime) -> Revision:
    """Approved to live; the former live revision of the campaign retires in the same transaction.

    - By a communication officer or a clinical reviewer.
    - An emergency only after its second approval.
    - Two people who publish two revisions at once do so one after the other: the campaign is locked.
    - A revision older than the live one is refused; it would bring back words that were replaced. So is one approved
      before another went live: its reviewer compared it with words that are no longer sent.
    """
    may(by, WRITERS)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=revision.campaign_id)
        words = locked(revision, State.APPROVED)
        _check_publishable(words)
        return _go_live(words, by, now)


def schedule(revision: Revision, on: date, by: User, now: datetime) -> Revision:
    """An approved revision goes live by itself at the beginning of the local day `on`, from tomorrow to a year ahead.

    By those who may publish it, under the same conditions, which are asked again on that day. A second date takes the
    place of the first.
    """
    may(by, WRITERS)
    with transaction.atomic():
        words = locked(revision, State.APPROVED)
        if words.campaign.anchor == Campaign.Anchor.BROADCAST:
            raise Refusal("broadcast", _("A broadcast has its own day. Publish it now; it leaves on that day."))
        today = local_day(now, settings.ZONE)
        if not today < on <= today + timedelta(days=FURTHEST_DAYS):
            raise Refusal(
                "invalid", _("Choose a day from tomorrow on, within a year; or publish it now."), field="publish_on"
            )
        _check_publishable(words)
        history.record(words, What.SCHEDULED, by, now, new={"publish_on": on.isoformat()})
        return _move(words, publish_on=on)


def unschedule(revision: Revision, by: User, now: datetime) -> Revision:
    """It stays approved, and goes live only when somebody says so. Without a date nothing changes."""
    may(by, WRITERS)
    with transaction.atomic():
        words = locked(revision, State.APPROVED)
        if words.publish_on is None:
            return words
        history.record(words, What.UNSCHEDULED, by, now, old={"publish_on": words.publish_on.isoformat()})
        return _move(words, publish_on=None)


def publish_scheduled(now: datetime) -> dict[str, int]:
    """Takes every approved revision live whose day has come; how many went live, and how many could not.

    - The conditions of `publish` are asked again. One that no longer fulfils them (another revision went live
      meanwhile) stays approved, loses its date, and the history says why; people decide.
    - In the name of the one who set the date. Each campaign in a transaction of its own; two passes at once publish
      once.
    """
    counts = {"published": 0, "held": 0}
    today = local_day(now, settings.ZONE)
    due = Revision.objects.filter(state=State.APPROVED, publish_on__lte=today).order_by("campaign_id", "number")
    for revision in due:
        with transaction.atomic():
            Campaign.objects.select_for_update().get(pk=revision.campaign_id)
            words = Revision.objects.select_for_update().get(pk=revision.pk)
            if words.state != State.APPROVED or words.publish_on is None or words.publish_on > today:
                continue
            dated = words.events.filter(what=What.SCHEDULED).select_related("by").order_by("-pk").first()
            by = dated.by if dated else None
            try:
                _check_publishable(words)
            except Refusal as refusal:
                on = words.publish_on.isoformat()
                history.record(words, What.HELD, None, now, old={"publish_on": on}, new={"code": refusal.code})
                _move(words, publish_on=None)
                counts["held"] += 1
            else:
                _go_live(words, by, now)
                counts["published"] += 1
    return counts


def retire(revision: Revision, by: User, now: datetime) -> Revision:
    """Live to retired: the campaign sends nothing until another revision is published. By officer or reviewer."""
    may(by, WRITERS)
    with transaction.atomic():
        words = locked(revision, State.LIVE)
        history.record(words, What.RETIRED, by, now)
        return _move(words, state=State.RETIRED, retired_at=now)


def approve_everything(reviewer: User, now: datetime) -> int:
    """Takes the newest revision of every campaign to live, for the demo and the simulation; how many went live.

    Broadcasts are left out: each is one decision of people.

    The texts of the shipped library have no author among the users, so the reviewer may approve them. What she wrote
    herself is refused here as everywhere. Doing it twice changes nothing.
    """
    may(reviewer, _CLINICAL)
    published = 0
    with transaction.atomic():
        for campaign in Campaign.objects.exclude(anchor=Campaign.Anchor.BROADCAST).order_by("id"):
            newest = campaign.newest()
            if newest is None or newest.state in (State.LIVE, State.RETIRED):
                continue
            if newest.state == State.DRAFT:
                draft = locked(newest, State.DRAFT)
                _check_complete(draft)
                history.record(draft, What.SUBMITTED, None, now)
                newest = _move(draft, state=State.IN_REVIEW)
            if newest.state == State.IN_REVIEW:
                newest = approve(newest, reviewer, now)
            publish(newest, reviewer, now)
            published += 1
    return published


def writes(user: User) -> bool:
    """Who writes texts, asks for review and publishes: communication officers and clinical reviewers."""
    return user.is_active and user.role in WRITERS


def may(by: User, roles: Collection[str]) -> None:
    """Refuses in words whoever is not active or has none of the roles."""
    if by.is_active and by.role in roles:
        return
    if roles == _CLINICAL:
        raise Refusal("not_allowed", _("Only a clinical reviewer can decide on a text. Ask her to."))
    if roles == _SECONDS:
        raise Refusal(
            "not_allowed", _("Only a clinical reviewer or a CDC reviewer gives the second word. Ask one of them.")
        )
    raise Refusal(
        "not_allowed", _("Only a communication officer or a clinical reviewer can do this. Ask one of them to.")
    )


def locked(revision: Revision, *states: Revision.State) -> Revision:
    """The revision as the database has it now, locked; refused in any other state than `states`."""
    found = Revision.objects.select_for_update().get(pk=revision.pk)
    if found.state not in states:
        raise Refusal(
            "wrong_state",
            _("Revision %(number)s is now in the state “%(state)s”, so this is not possible. Load the page again.")
            % {"number": found.number, "state": found.get_state_display()},
            conflict=True,
        )
    return found


def waits_for_second(revision: Revision) -> bool:
    """Whether an approved revision is an emergency that only one person has approved."""
    return revision.state == State.APPROVED and _is_emergency(revision) and revision.second_reviewer_id is None


def _is_emergency(revision: Revision) -> bool:
    return revision.campaign.message_class == MessageClass.EMERGENCY


def _back(revision: Revision, what: history.What, by: User, now: datetime, comment: str) -> Revision:
    with transaction.atomic():
        words = locked(revision, State.IN_REVIEW, State.APPROVED)
        history.record(words, what, by, now, comment=comment)
        return _move(
            words, state=State.DRAFT, reviewer=None, second_reviewer=None, approved_at=None, publish_on=None
        )  # fmt: skip


def _check_publishable(words: Revision) -> None:
    if waits_for_second(words):
        raise Refusal(
            "one_reviewer",
            _("An emergency needs two people. Ask a second reviewer to approve it, then publish."),
            conflict=True,
        )
    others = Revision.objects.filter(campaign_id=words.campaign_id)
    if others.filter(state=State.LIVE, number__gt=words.number).exists():
        raise Refusal(
            "older_than_live",
            _("Revision %(number)s is older than the live one. Make a new draft from it.") % {"number": words.number},
            conflict=True,
        )
    if words.approved_at and others.filter(live_at__gt=words.approved_at).exists():
        raise Refusal(
            "superseded",
            _(
                "Another revision went live after this one was approved, so nobody has compared the two. Have it "
                "returned to draft, look at the difference, and ask for review again."
            ),
            conflict=True,
        )


def _go_live(words: Revision, by: User | None, now: datetime) -> Revision:
    live = Revision.objects.filter(campaign_id=words.campaign_id, state=State.LIVE).first()
    if live:
        history.record(live, What.RETIRED, by, now, new={"replaced_by": words.number})
        _move(live, state=State.RETIRED, retired_at=now)
    history.record(words, What.PUBLISHED, by, now)
    return _move(words, state=State.LIVE, live_at=now, publish_on=None)


def _move(words: Revision, **changes: object) -> Revision:
    """Writes a step of the workflow by update: `save` is closed for what is no draft any more."""
    for field, value in changes.items():
        setattr(words, field, value)
    Revision.objects.filter(pk=words.pk).update(**changes)
    return words


def _check_complete(revision: Revision) -> None:
    steps = list(revision.steps.values_list("key", flat=True))
    if not steps:
        raise Refusal("no_steps", _("The revision has no steps. Add one before you ask for review."))
    spoken = set(
        revision.steps.filter(~Q(texts__body=""), texts__language=FALLBACK_LANGUAGE).values_list("key", flat=True)
    )
    missing = [key for key in steps if key not in spoken]
    if missing:
        raise Refusal(
            "no_text",
            _("These steps have no Vietnamese text: %(steps)s. Write it before you ask for review.")
            % {"steps": ", ".join(missing)},
        )


def _check_rules(revision: Revision) -> None:
    if revision.campaign.anchor == Campaign.Anchor.BROADCAST:
        return
    broken = list(dict.fromkeys(fault.step for fault in checking.blocking(editions.file_of(revision))))
    if broken:
        raise Refusal(
            "rules",
            _("These steps break a rule that protects people or cannot work: %(steps)s. Each says what to change.")
            % {"steps": ", ".join(broken)},
        )
