"""The administration pages read the ledger and move revisions on by the verbs; they type nothing over."""

import pytest
from django.urls import reverse

from campaigns.content import library
from campaigns.models import Campaign, Revision, Step, StepText
from recipients.models import AdminUnit, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(now, client):
    library.load(now)
    user = User.objects.create(username="root", role="admin", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize("model", ["campaign", "revision", "step", "steptext", "parameter", "holiday", "enrollment",
                                   "scheduledmessage"])  # fmt: skip
def test_every_list_opens(root, client, model):
    assert client.get(reverse(f"admin:campaigns_{model}_changelist")).status_code == 200


def test_an_administrator_cannot_approve(root, client):
    revision = Revision.objects.first()
    Revision.objects.filter(pk=revision.pk).update(state="in_review")
    address = reverse("admin:campaigns_revision_changelist")
    client.post(address, {"action": "approve", "_selected_action": [revision.pk]})
    revision.refresh_from_db()
    assert revision.state == "in_review"


def test_a_clinical_reviewer_moves_a_revision_on(root, client, now):
    unit = AdminUnit.objects.create(code="86", name="B", search_name="b", level="province", valid_from="2025-07-01")
    reviewer = User.objects.create(username="r", role="clinical", unit=unit, is_staff=True, is_superuser=True)
    client.force_login(reviewer)
    revision = Revision.objects.get(campaign=Campaign.objects.get(code="iron"))
    Revision.objects.filter(pk=revision.pk).update(state="in_review")
    address = reverse("admin:campaigns_revision_changelist")
    for action in ("approve", "publish"):
        client.post(address, {"action": action, "_selected_action": [revision.pk]})
    revision.refresh_from_db()
    assert (revision.state, revision.reviewer) == ("live", reviewer)


def test_words_open_only_in_a_draft(root, client, now):
    text = StepText.objects.filter(language="vi").first()
    address = reverse("admin:campaigns_steptext_change", args=[text.pk])
    client.post(address, {"body": "Lời mới", "discreet_body": ""})
    text.refresh_from_db()
    assert text.body == "Lời mới"
    Revision.objects.filter(pk=Step.objects.get(pk=text.step_id).revision_id).update(state="in_review")
    assert client.post(address, {"body": "Lén đổi", "discreet_body": ""}).status_code == 403
    text.refresh_from_db()
    assert text.body == "Lời mới"
