"""Draft, in review, approved, live, retired: who may move a revision on, and that live words never change."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.content.rendering import FALLBACK_LANGUAGE
from campaigns.models import Campaign, Revision
from messaging.models import MessageClass
from recipients.errors import Refusal
from recipients.models import User

State = Revision.State
WRITERS = frozenset({User.Role.OFFICER, User.Role.CLINICAL})
_SECONDS = frozenset({User.Role.CLINICAL, User.Role.CDC})


def submit(revision: Revision, by: User, now: datetime) -> Revision:
    """Draft to in review.

    - By a communication officer or a clinical reviewer. A draft without an author (one loaded from a file) becomes
      hers: who asks for review answers for the words, and so never approves them.
    - Every step needs a text in Vietnamese, the language that every other falls back to.
    """
    _may(by, WRITERS)
    with transaction.atomic():
        locked = _locked(revision, State.DRAFT)
        _check_complete(locked)
        return _move(locked, state=State.IN_REVIEW, author=locked.author or by)


def return_(revision: Revision, by: User, now: datetime) -> Revision:
    """In review, or approved and not yet live, back to draft. By a clinical reviewer; approvals are forgotten."""
    _may(by, {User.Role.CLINICAL})
    with transaction.atomic():
        locked = _locked(revision, State.IN_REVIEW, State.APPROVED)
        return _move(locked, state=State.DRAFT, reviewer=None, second_reviewer=None, approved_at=None)


def approve(revision: Revision, by: User, now: datetime) -> Revision:
    """In review to approved. By an active clinical reviewer who is not the author; nobody else, not even an
    administrator, can stand in for her."""
    _may(by, {User.Role.CLINICAL})
    with transaction.atomic():
        locked = _locked(revision, State.IN_REVIEW)
        if locked.author_id == by.pk:
            raise Refusal("own_text", _("You wrote this revision. Ask another clinical reviewer to approve it."))
        return _move(locked, state=State.APPROVED, reviewer=by, approved_at=now)


def second(revision: Revision, by: User, now: datetime) -> Revision:
    """The second word that an emergency needs: it passes the cap and the hours, so two people answer for it.

    By an active clinical reviewer or CDC reviewer who neither wrote nor approved it, after the first approval.
    """
    _may(by, _SECONDS)
    with transaction.atomic():
        locked = _locked(revision, State.APPROVED)
        if not _is_emergency(locked):
            raise Refusal("no_emergency", _("Only an emergency needs a second approval. Publish this one."))
        if by.pk in (locked.author_id, locked.reviewer_id):
            raise Refusal(
                "own_text", _("You wrote or approved this text yourself. Ask somebody else for the second word.")
            )
        if locked.second_reviewer_id is not None:
            raise Refusal("seconded", _("It has its second approval already. Publish it."), conflict=True)
        return _move(locked, second_reviewer=by)


def publish(revision: Revision, by: User, now: datetime) -> Revision:
    """Approved to live; the former live revision of the campaign retires in the same transaction.

    - By a communication officer or a clinical reviewer.
    - An emergency only after its second approval.
    - Two people who publish two revisions at once do so one after the other: the campaign is locked.
    - A revision older than the live one is refused; it would bring back words that were replaced.
    """
    _may(by, WRITERS)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=revision.campaign_id)
        locked = _locked(revision, State.APPROVED)
        if _is_emergency(locked) and locked.second_reviewer_id is None:
            raise Refusal(
                "one_reviewer",
                _("An emergency needs two people. Ask a second reviewer to approve it, then publish."),
                conflict=True,
            )
        live = Revision.objects.filter(campaign_id=locked.campaign_id, state=State.LIVE).first()
        if live:
            if live.number > locked.number:
                raise Refusal(
                    "older_than_live",
                    _("Revision %(number)s is older than the live one. Make a new draft from it.")
                    % {"number": locked.number},
                    conflict=True,
                )
            _move(live, state=State.RETIRED, retired_at=now)
        return _move(locked, state=State.LIVE, live_at=now)


def retire(revision: Revision, by: User, now: datetime) -> Revision:
    """Live to retired: the campaign sends nothing until another revision is published. By officer or reviewer."""
    _may(by, WRITERS)
    with transaction.atomic():
        return _move(_locked(revision, State.LIVE), state=State.RETIRED, retired_at=now)


def approve_everything(reviewer: User, now: datetime) -> int:
    """Takes the newest revision of every campaign to live, for the demo and the simulation; how many went live.

    Broadcasts are left out: each is one decision of people.

    The texts of the shipped library have no author among the users, so the reviewer may approve them. What she wrote
    herself is refused here as everywhere. Doing it twice changes nothing.
    """
    _may(reviewer, {User.Role.CLINICAL})
    published = 0
    with transaction.atomic():
        for campaign in Campaign.objects.exclude(anchor=Campaign.Anchor.BROADCAST).order_by("id"):
            newest = campaign.revisions.order_by("-number").first()
            if newest is None or newest.state in (State.LIVE, State.RETIRED):
                continue
            if newest.state == State.DRAFT:
                locked = _locked(newest, State.DRAFT)
                _check_complete(locked)
                newest = _move(locked, state=State.IN_REVIEW)
            if newest.state == State.IN_REVIEW:
                newest = approve(newest, reviewer, now)
            publish(newest, reviewer, now)
            published += 1
    return published


def _may(by: User, roles: frozenset[str] | set[User.Role]) -> None:
    if by.is_active and by.role in roles:
        return
    if roles == {User.Role.CLINICAL}:
        raise Refusal("not_allowed", _("Only a clinical reviewer can decide on a text. Ask her to."))
    if roles == _SECONDS:
        raise Refusal(
            "not_allowed", _("Only a clinical reviewer or a CDC reviewer gives the second word. Ask one of them.")
        )
    raise Refusal(
        "not_allowed", _("Only a communication officer or a clinical reviewer can do this. Ask one of them to.")
    )


def _is_emergency(revision: Revision) -> bool:
    return revision.campaign.message_class == MessageClass.EMERGENCY


def _locked(revision: Revision, *states: State) -> Revision:
    """The revision as the database has it now, locked; refused in any other state than `states`."""
    locked = Revision.objects.select_for_update().get(pk=revision.pk)
    if locked.state not in states:
        raise Refusal(
            "wrong_state",
            _("Revision %(number)s is now in the state “%(state)s”, so this is not possible. Load the page again.")
            % {"number": locked.number, "state": locked.get_state_display()},
            conflict=True,
        )
    return locked


def _move(locked: Revision, **changes: object) -> Revision:
    """Writes a step of the workflow by update: `save` is closed for what is no draft any more."""
    for field, value in changes.items():
        setattr(locked, field, value)
    Revision.objects.filter(pk=locked.pk).update(**changes)
    return locked


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
