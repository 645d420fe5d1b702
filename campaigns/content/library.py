"""Loads the message files of campaigns/library into campaigns and draft revisions."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from campaigns.content import editions, history
from campaigns.content.files import CampaignFile, LibraryFileError, load_folder
from campaigns.models import Campaign, Revision
from recipients.models import User

FOLDER = Path(__file__).resolve().parent.parent / "library"


def load(now: datetime, folder: Path = FOLDER) -> dict[str, int]:
    """Campaigns and drafts from the files of `folder`; counts of campaigns, new drafts and their steps and texts.

    - A campaign is known by its code. Names, description, topic and priority follow the file at once; the anchor
      and the legal class were part of what was reviewed, so a file that changes them raises LibraryFileError.
    - A new draft is made when the steps and texts of the file differ from those of the newest revision that came
      from a file. Remarks and the order of fields make no difference. No revision is ever changed or deleted.
    - A text without a discreet wording is kept without: it never goes to a phone that others read.
    - Everything or nothing: one transaction. Two loads at the same time make one draft.
    """
    counts = {"campaigns": 0, "drafts": 0, "steps": 0, "texts": 0}
    files = load_folder(folder)
    with transaction.atomic():
        for file in files:
            campaign = _campaign(file)
            counts["campaigns"] += 1
            checksum = editions.checksum_of(file)
            newest = campaign.revisions.exclude(checksum="").order_by("-number").first()
            if newest and newest.checksum == checksum:
                continue
            _draft(campaign, file, now, checksum=checksum)
            counts["drafts"] += 1
            counts["steps"] += len(file.steps)
            counts["texts"] += sum(len(step.texts) for step in file.steps)
    return counts


def store(file: CampaignFile, now: datetime, author: User | None, based_on: Revision | None = None) -> Revision:
    """A new draft of a campaign, whatever it said before, by `author`; the campaign itself as in `load`.

    `based_on` is the revision that the words were taken from: who wrote in it never approves this one.
    Not known as coming from a file of the library: the next `load` makes no draft because of it. Raises
    LibraryFileError, and then nothing is written.
    """
    with transaction.atomic():
        return _draft(_campaign(file), file, now, author=author, based_on=based_on)


def _campaign(file: CampaignFile) -> Campaign:
    """The campaign of a file, locked so that a second load waits."""
    known: dict[str, Any] = {"name": dict(file.name), "description": dict(file.description)}
    known |= {"topic": file.topic, "priority": file.priority}
    fixed = {"anchor": file.anchor, "message_class": file.message_class}
    campaign, created = Campaign.objects.get_or_create(code=file.code, defaults=known | fixed)
    if created:
        return campaign
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    for field, value in fixed.items():
        if getattr(campaign, field) != value:
            raise LibraryFileError(
                f'Campaign "{file.code}": "{field}" cannot change from "{getattr(campaign, field)}" to "{value}", '
                "because it was reviewed with the texts. Give the new campaign a code of its own."
            )
    if any(getattr(campaign, field) != value for field, value in known.items()):
        Campaign.objects.filter(pk=campaign.pk).update(**known)
    return campaign


def _draft(
    campaign: Campaign, file: CampaignFile, now: datetime, *, checksum: str = "", author: User | None = None,
    based_on: Revision | None = None,
) -> Revision:  # fmt: skip
    newest = campaign.revisions.aggregate(newest=Max("number"))["newest"] or 0
    revision = Revision.objects.create(
        campaign=campaign, number=newest + 1, checksum=checksum, created_at=now, author=author, based_on=based_on
    )
    for step in file.steps:
        try:
            editions.row_of(revision, 0, step).clean_fields(exclude=["revision"])
        except ValidationError as error:
            raise LibraryFileError(f'Campaign "{file.code}", step "{step.key}": {error.message_dict}.') from error
    editions.write(revision, file.steps)
    history.record(revision, history.What.DRAFTED, author, now)
    return revision
