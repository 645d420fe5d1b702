"""A text reaches people only after a clinical reviewer who did not write it has approved it."""

import pytest
from django.db import IntegrityError, transaction

from campaigns.content import library, review
from campaigns.models import Campaign, Revision
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from tests.shipped import load_some

pytestmark = pytest.mark.django_db


@pytest.fixture
def users():
    unit = AdminUnit.objects.create(
        code="86", name="Tỉnh Vĩnh Long", search_name="tinh vinh long", level="province", valid_from="2025-07-01"
    )
    made = {role: User.objects.create(username=role, role=role, unit=unit) for role in User.Role.values}
    made["other_clinical"] = User.objects.create(username="other", role="clinical", unit=unit)
    made["superuser"] = User.objects.create(username="root", role="admin", is_superuser=True)
    made["gone"] = User.objects.create(username="gone", role="clinical", unit=unit, is_active=False)
    return made


@pytest.fixture
def draft(now):
    load_some(now, "antenatal-visits", "iron")
    return Revision.objects.get(campaign__code="antenatal-visits")


def refused(code, verb, *arguments):
    with pytest.raises(Refusal) as refusal:
        verb(*arguments)
    assert refusal.value.code == code
    assert refusal.value.sentence.endswith(".")


def test_from_draft_to_live(draft, users, now):
    review.submit(draft, users["officer"], now)
    approved = review.approve(draft, users["clinical"], now)
    assert (approved.state, approved.reviewer, approved.approved_at) == ("approved", users["clinical"], now)
    review.publish(draft, users["officer"], now)
    draft.refresh_from_db()
    assert (draft.state, draft.live_at, draft.author) == ("live", now, users["officer"])


def test_the_author_is_never_the_reviewer(draft, users, now):
    review.submit(draft, users["clinical"], now)
    refused("own_text", review.approve, draft, users["clinical"], now)
    assert review.approve(draft, users["other_clinical"], now).state == "approved"
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=draft.pk).update(author=users["other_clinical"])


@pytest.mark.parametrize("role", ["officer", "station", "cdc", "admin", "superuser", "gone"])
def test_only_an_active_clinical_reviewer_decides(draft, users, now, role):
    review.submit(draft, users["officer"], now)
    refused("not_allowed", review.approve, draft, users[role], now)
    refused("not_allowed", review.return_, draft, users[role], now, "Chưa rõ.")


@pytest.mark.parametrize("role", ["station", "cdc", "admin"])
def test_who_may_not_submit_or_publish(draft, users, now, role):
    refused("not_allowed", review.submit, draft, users[role], now)
    review.submit(draft, users["officer"], now)
    review.approve(draft, users["clinical"], now)
    refused("not_allowed", review.publish, draft, users[role], now)


def test_no_state_is_skipped(draft, users, now):
    refused("wrong_state", review.approve, draft, users["clinical"], now)
    refused("wrong_state", review.publish, draft, users["officer"], now)
    review.submit(draft, users["officer"], now)
    refused("wrong_state", review.submit, draft, users["officer"], now)
    refused("wrong_state", review.publish, draft, users["officer"], now)
    refused("wrong_state", review.retire, draft, users["officer"], now)


def test_a_returned_revision_forgets_its_approval(draft, users, now):
    review.submit(draft, users["officer"], now)
    review.approve(draft, users["clinical"], now)
    returned = review.return_(draft, users["other_clinical"], now, "Chưa rõ.")
    assert (returned.state, returned.reviewer, returned.approved_at) == ("draft", None, None)
    assert returned.author == users["officer"]


def test_a_new_revision_retires_the_live_one_and_an_old_one_cannot_come_back(draft, users, now):
    second = Revision.objects.create(campaign=draft.campaign, number=2, created_at=now)
    third = Revision.objects.create(campaign=draft.campaign, number=3, created_at=now)
    Revision.objects.filter(pk__in=[second.pk, third.pk]).update(state="approved", reviewer=users["clinical"])
    review.approve_everything(users["clinical"], now)
    assert Revision.objects.get(campaign=draft.campaign, state="live") == third
    refused("older_than_live", review.publish, second, users["officer"], now)
    review.retire(third, users["officer"], now)
    assert not Revision.objects.filter(campaign=draft.campaign, state="live").exists()
    review.publish(second, users["officer"], now)
    third.refresh_from_db()
    assert (third.state, third.retired_at) == ("retired", now)


def test_publishing_retires_the_former(draft, users, now):
    review.approve_everything(users["clinical"], now)
    second = Revision.objects.create(campaign=draft.campaign, number=2, created_at=now)
    Revision.objects.filter(pk=second.pk).update(state="approved", reviewer=users["clinical"])
    review.publish(second, users["officer"], now)
    draft.refresh_from_db()
    assert (draft.state, draft.retired_at) == ("retired", now)


def test_a_revision_without_words_is_not_submitted(draft, users, now):
    empty = Revision.objects.create(campaign=draft.campaign, number=2, created_at=now)
    refused("no_steps", review.submit, empty, users["officer"], now)
    draft.steps.first().texts.filter(language="vi").delete()
    refused("no_text", review.submit, draft, users["officer"], now)


def test_the_demo_approves_the_shipped_library_once(users, now):
    library.load(now)
    refused("not_allowed", review.approve_everything, users["officer"], now)
    assert review.approve_everything(users["clinical"], now) == Campaign.objects.count()
    assert set(Revision.objects.values_list("state", "reviewer", "author")) == {("live", users["clinical"].pk, None)}
    assert review.approve_everything(users["clinical"], now) == 0
