"""Once a revision is live nobody edits it: not a form, not a careless line of code, not an update in the database."""

import pytest
from django.db import DatabaseError, transaction

from campaigns.content import review
from campaigns.models import Revision, Step, StepText
from campaigns.models.sealed import Sealed
from recipients.models import AdminUnit, User
from tests.shipped import load_some

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision(now):
    load_some(now, "iron")
    return Revision.objects.get(campaign__code="iron")


@pytest.fixture
def live(revision, now):
    unit = AdminUnit.objects.create(
        code="86", name="Tỉnh Vĩnh Long", search_name="tinh vinh long", level="province", valid_from="2025-07-01"
    )
    review.approve_everything(User.objects.create(username="clinical", role="clinical", unit=unit), now)
    return Revision.objects.get(pk=revision.pk)


def test_a_draft_can_be_edited(revision):
    step = revision.steps.first()
    step.topic = "other"
    step.save()
    text = step.texts.first()
    text.body = "Chào chị"
    text.save()
    assert StepText.objects.get(pk=text.pk).body == "Chào chị"


def test_live_rows_refuse_to_be_saved_or_deleted(live):
    step = live.steps.first()
    text = step.texts.first()
    for row in (live, step, text):
        with pytest.raises(Sealed):
            row.save()
        with pytest.raises(Sealed):
            row.delete()


@pytest.mark.parametrize(("model", "change"), [(Step, {"topic": "other"}), (StepText, {"body": "Khác"})])
def test_the_database_refuses_an_update_of_live_words(live, model, change):
    with pytest.raises(DatabaseError, match="live"), transaction.atomic():
        model.objects.update(**change)


def test_the_database_lets_drafts_be_updated(revision):
    assert StepText.objects.update(body="Khác") > 0
    assert Step.objects.update(topic="other") > 0
