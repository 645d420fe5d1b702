"""A campaign leaves as a workbook and comes back as a draft: looked at first, stored after a second word."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from campaigns.content import checking, difference
from campaigns.content.difference import FieldChange, StepChange
from campaigns.content.editions import file_of
from campaigns.content.files import CampaignFile
from campaigns.content.library import store
from campaigns.content.lint.findings import Finding
from campaigns.content.review import WRITERS, may
from campaigns.content.spreadsheet.layout import CAMPAIGN, HEAD_ROWS, VALUE_COLUMN, Fault, SpreadsheetError, letter
from campaigns.content.spreadsheet.read import read, unsaid
from campaigns.content.spreadsheet.write import write
from campaigns.models import Campaign, Revision
from recipients.errors import Refusal
from recipients.models import User

FIXED = ("anchor", "message_class", "topic", "priority")
"""What holds for the live revision at once, so a spreadsheet, whose texts wait for their review, cannot change it."""


@dataclass(frozen=True)
class Arrival:
    """A workbook that has been read and not stored. `newest`: the number of the revision that it is compared with, 0
    for a new campaign; `exported`: the number of the one that it was made from, None when it does not say. `head` and
    `steps`: what the campaign says of itself, and its steps, as far as they differ."""

    file: CampaignFile
    newest: int
    exported: int | None
    head: tuple[FieldChange, ...]
    steps: list[StepChange]
    reordered: bool
    warnings: list[Finding]

    @property
    def changes(self) -> bool:
        """Whether it says anything else than the newest revision."""
        return bool(self.head or self.steps or self.reordered)

    @property
    def overtaken(self) -> bool:
        """Whether somebody made a revision after the export: what it says would go back, and is in the changes."""
        return self.exported is not None and self.newest > self.exported


def export(campaign: Campaign, now: datetime) -> bytes:
    """The newest revision of a campaign as a workbook. Refuses a campaign without one, and a broadcast."""
    revision = newest_of(campaign)
    if revision is None or campaign.anchor == Campaign.Anchor.BROADCAST:
        raise Refusal("no_revision", _("The campaign has no revision that could be exported."))
    return write(file_of(revision), revision.number, checking.samples().longest, now)


def look(data: bytes) -> Arrival:
    """What a workbook would change. Writes nothing.

    - The differences to the newest revision, in any state but discarded, step by step.
    - A mark for which it has no column, since it was exported before there was one, stays as it is.
    - Warnings: what the linter says of the campaign alone; they stop nobody, since it becomes a draft.
    Raises SpreadsheetError with every fault.
    """
    file, exported = read(data)
    campaign = Campaign.objects.filter(code=file.code).first()
    newest = newest_of(campaign) if campaign else None
    if campaign:
        _check_fixed(campaign, file)
    before = file_of(newest) if newest else None
    file = _with_what_it_cannot_say(file, before, unsaid(data))
    steps = [step for step in difference.compare(before, file) if step.kind != difference.SAME]
    return Arrival(
        file, newest.number if newest else 0, exported, difference.head(before, file), steps,
        difference.reordered(before, file), checking.findings(file),
    )  # fmt: skip


def take_in(data: bytes, *, seen: int, by: User | None, now: datetime) -> Revision:
    """A new draft with `by` as its author, from a workbook whose changes to revision `seen` somebody has looked at.

    - By who writes texts; None is the command line. All of it or nothing.
    - It is based on the revision that the workbook was made from, so who wrote in that one approves this one no more
      than that one. The draft goes through review like every other; names and descriptions of the campaign, words for
      staff, follow at once.
    - Refuses who does not write texts, a workbook that changes nothing, and one that was compared with a revision that
      is not the newest any more: then the changes are others than the ones seen.
    Raises SpreadsheetError with every fault.
    """
    if by is not None:
        may(by, WRITERS)
    with transaction.atomic():
        code = read(data)[0].code
        Campaign.objects.select_for_update().filter(code=code).first()
        arrival = look(data)
        if arrival.newest != seen:
            raise Refusal(
                "overtaken", _("Somebody has changed this campaign meanwhile. Look at the differences again."),
                conflict=True,
            )  # fmt: skip
        if not arrival.changes:
            raise Refusal("no_change", _("The spreadsheet says what the newest revision says, so there is no draft."))
        return store(arrival.file, now, by, _taken_from(arrival))


def _with_what_it_cannot_say(file: CampaignFile, before: CampaignFile | None, names: list[str]) -> CampaignFile:
    known = {step.key: step for step in before.steps} if before and names else {}
    steps = [
        replace(step, **{name: getattr(known[step.key], name) for name in names}) if step.key in known else step
        for step in file.steps
    ]
    return replace(file, steps=tuple(steps))


def newest_of(campaign: Campaign) -> Revision | None:
    """The newest revision; one that was discarded only where there is no other."""
    return campaign.newest() or campaign.revisions.order_by("-number").first()


def _taken_from(arrival: Arrival) -> Revision | None:
    """The revision that the workbook was made from; where it does not say, the one that it was compared with."""
    revisions = Revision.objects.filter(campaign__code=arrival.file.code)
    made_from = revisions.filter(number=arrival.exported).first() if arrival.exported else None
    return made_from or revisions.filter(number=arrival.newest).first()


def _check_fixed(campaign: Campaign, file: CampaignFile) -> None:
    faults = [
        Fault(
            CAMPAIGN, HEAD_ROWS.index(name) + 2, letter(VALUE_COLUMN), name,
            gettext_noop(
                'This cannot change from "%(old)s" to "%(new)s" here. Write the old value again, or give the new '
                "campaign a code of its own."
            ),
            {"old": getattr(campaign, name), "new": getattr(file, name)},
        )
        for name in FIXED
        if getattr(campaign, name) != getattr(file, name)
    ]  # fmt: skip
    if faults:
        raise SpreadsheetError(faults)
