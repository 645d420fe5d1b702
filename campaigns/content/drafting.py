"""Words and steps of a draft: copied from another revision, changed one step at a time, by more than one person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from campaigns.content import editions, history
from campaigns.content.files import LibraryFileError, StepFile, read_step
from campaigns.content.rendering import one_line
from campaigns.content.review import WRITERS, locked, may
from campaigns.content.spelled import TEXTS, table_of
from campaigns.models import Campaign, Revision, Step, StepText
from recipients.errors import Refusal, clean_or_refuse
from recipients.models import User

State, What = Revision.State, history.What
_CHECKED = ("key", "topic", "group", "visit_type", "condition", "indicator", "source", "confidence")
"""Fields whose length or choice the table knows better than the files."""
_DAYS_IN_A_MONTH = 30.4375


def new_draft(campaign: Campaign, source: Revision | None, by: User, now: datetime) -> Revision:
    """The next revision, a copy of `source` (default: the live one, else the newest) with every step key kept.

    - By a communication officer or a clinical reviewer, who becomes its author.
    - `source` is a revision of the same campaign in any state. Broadcasts are written anew, never copied.
    - Two people who begin at once get two drafts, each with a number of its own.
    """
    may(by, WRITERS)
    if campaign.anchor == Campaign.Anchor.BROADCAST:
        raise Refusal("broadcast", _("A broadcast is written anew each time. Open the page of broadcasts."))
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        source = source or campaign.revisions.filter(state=State.LIVE).first() or campaign.newest()
        if source is None or source.campaign_id != campaign.pk:
            raise Refusal("no_revision", _("This campaign has no such revision. Choose one of its list."))
        number = Revision.objects.filter(campaign=campaign).aggregate(most=Max("number"))["most"] + 1
        draft = Revision.objects.create(campaign=campaign, number=number, author=by, based_on=source, created_at=now)
        editions.write(draft, editions.file_of(source).steps)
        history.record(draft, What.DRAFTED, by, now, new={"from": source.number})
        return draft


def change_step(revision: Revision, key: str, table: Mapping[str, Any], *, seen: str, by: User, now: datetime) -> Step:
    """The step `key` of a draft as `table` says it, in the spelling of a campaign file; its key stays.

    - By any communication officer or clinical reviewer. Who changes words never approves them (history.writers); a
      draft without an author, loaded from a file, becomes hers.
    - Held to the rules of campaign files: what they refuse is refused here, beside its field.
    - `seen` is the fingerprint (editions.fingerprint_of) of the step that she began with. When somebody has changed it
      meanwhile nothing is written: `changed_meanwhile`.
    - What is as it was leaves no line in the history.
    """
    with transaction.atomic():
        draft = _draft(revision, by)
        step = _step_of(draft, key)
        before = editions.step_file(step)
        _unchanged(before, seen)
        after = read(draft.campaign, {**table, "key": key})
        if after != before:
            row = _write(draft, step.position, after, step)
            old, new = (table_of(each, draft.campaign.anchor) for each in (before, after))
            differing = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
            history.record(
                draft, What.CHANGED, by, now, step=key, old={name: old[name] for name in differing if name in old},
                new={name: new[name] for name in differing if name in new},
            )  # fmt: skip
            return row
        return step


def add_step(revision: Revision, table: Mapping[str, Any], *, by: User, now: datetime) -> Step:
    """A step more in a draft, placed by its day. Its key is new: in this revision, and in every other campaign."""
    with transaction.atomic():
        draft = _draft(revision, by)
        step = read(draft.campaign, table)
        others = Step.objects.filter(key=step.key).exclude(revision__campaign=draft.campaign_id)
        if draft.steps.filter(key=step.key).exists() or others.exists():
            raise Refusal("key_taken", _("Another step has this key. Give this one a key of its own."), field="key")
        later = [row for row in draft.steps.order_by("position", "pk") if _day(editions.step_file(row)) > _day(step)]
        place = later[0].position if later else (draft.steps.aggregate(last=Max("position"))["last"] or 0) + 1
        draft.steps.filter(position__gte=place).update(position=F("position") + 1)
        row = _write(draft, place, step)
        history.record(
            draft, What.ADDED, by, now, step=step.key, new=table_of(step, draft.campaign.anchor)
        )  # fmt: skip
        return row


def remove_step(revision: Revision, key: str, *, seen: str, by: User, now: datetime) -> None:
    """One step less in a draft; its words stay in the history. Refused when somebody changed it since `seen`."""
    with transaction.atomic():
        draft = _draft(revision, by)
        step = _step_of(draft, key)
        before = editions.step_file(step)
        _unchanged(before, seen)
        step.delete()
        history.record(
            draft, What.REMOVED, by, now, step=key, old=table_of(before, draft.campaign.anchor)
        )  # fmt: skip


def discard(revision: Revision, by: User, now: datetime) -> Revision:
    """A draft that nobody goes on with. Its words and its history stay, and it can be copied again."""
    with transaction.atomic():
        draft = _draft(revision, by)
        draft.state = State.DISCARDED
        Revision.objects.filter(pk=draft.pk).update(state=draft.state)
        history.record(draft, What.DISCARDED, by, now)
        return draft


def read(campaign: Campaign, table: Mapping[str, Any]) -> StepFile:
    """A step from what somebody typed, by the rules of campaign files; words in one line, composed.

    Raises Refusal, its sentence in the language of the reader, its field in the spelling of the files.
    """
    typed = {name: _tidied(name, value) for name, value in table.items()}
    try:
        step = read_step(typed, {}, campaign.anchor, campaign.code)
    except LibraryFileError as error:
        sentence = _(error.sentence) % error.values if error.values else _(error.sentence)
        raise Refusal("invalid", sentence[0].upper() + sentence[1:], field=error.field or None) from None
    row = editions.row_of(Revision(campaign=campaign), 0, step)
    try:
        clean_or_refuse(row, _CHECKED)
    except Refusal as refusal:
        refusal.field = "visit" if refusal.field == "visit_type" else refusal.field
        raise
    return step


def _tidied(name: str, value: Any) -> Any:
    if name in TEXTS and isinstance(value, str):
        return one_line(value)
    return value


def _draft(revision: Revision, by: User) -> Revision:
    """The draft, locked; whoever works on one without an author becomes it."""
    may(by, WRITERS)
    if revision.campaign.anchor == Campaign.Anchor.BROADCAST:
        raise Refusal("broadcast", _("A broadcast is changed on its own page."))
    draft = locked(revision, State.DRAFT)
    if draft.author_id is None:
        draft.author = by
        Revision.objects.filter(pk=draft.pk).update(author=by)
    return draft


def _step_of(draft: Revision, key: str) -> Step:
    step = draft.steps.filter(key=key).prefetch_related("texts").first()
    if step is None:
        raise Refusal(
            "no_step", _("This step is not in the draft any more. Load the page again."), conflict=True
        )  # fmt: skip
    return step


def _unchanged(step: StepFile, seen: str) -> None:
    if editions.fingerprint_of(step) != seen:
        raise Refusal(
            "changed_meanwhile",
            _("Somebody else has changed this step since you opened it. Compare, then save again."),
            conflict=True,
        )


def _write(draft: Revision, position: int, step: StepFile, old: Step | None = None) -> Step:
    """The row and its texts; over `old`, or new."""
    row = editions.row_of(draft, position, step)
    if old is not None:
        row.pk, row._state.adding = old.pk, False
        StepText.objects.filter(step=old).delete()
    row.save()
    StepText.objects.bulk_create(editions.texts_of(row, step))
    return row


def _day(step: StepFile) -> float:
    return step.start.months * _DAYS_IN_A_MONTH + step.start.days
