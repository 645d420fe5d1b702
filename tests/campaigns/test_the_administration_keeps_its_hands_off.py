"""The administration pages read words and ledger; nothing that was reviewed or decided is typed over there."""

import pytest
from django.urls import reverse

from campaigns.models import Revision, Step, StepText
from messaging.outgoing import routing
from recipients.models import AdminUnit, User
from tests import people
from tests.shipped import load_some

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(now, client):
    load_some(now, "iron")
    user = User.objects.create(username="root", role="admin", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def test_every_list_opens(root, client):
    for model in ("campaign", "revision", "reviewevent", "step", "steptext", "parameter", "holiday", "enrollment",
                  "scheduledmessage"):  # fmt: skip
        assert client.get(reverse(f"admin:campaigns_{model}_changelist")).status_code == 200, model


def test_words_and_states_are_for_reading_even_in_a_draft(root, client):
    text, step, revision = StepText.objects.first(), Step.objects.first(), Revision.objects.first()
    for row, typed in ((text, {"body": "Lén đổi"}), (step, {"topic": "other"}), (revision, {"state": "live"})):
        address = reverse(f"admin:campaigns_{row._meta.model_name}_change", args=[row.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, typed).status_code == 403
        field, value = next(iter(typed.items()))
        assert getattr(type(row).objects.get(pk=row.pk), field) != value


def test_an_administrator_cannot_approve(root, client):
    address = reverse("admin:campaigns_revision_changelist")
    revision = Revision.objects.first()
    Revision.objects.filter(pk=revision.pk).update(state="in_review")
    client.post(address, {"action": "approve", "_selected_action": [revision.pk]})
    revision.refresh_from_db()
    assert revision.state == "in_review"


def test_officers_and_reviewers_need_no_staff_status(root, client):
    unit = AdminUnit.objects.create(code="86", name="B", search_name="b", level="province", valid_from="2025-07-01")
    for role in (User.Role.OFFICER, User.Role.CLINICAL):
        client.force_login(User.objects.create(username=role, role=role, unit=unit))
        assert client.get(reverse("admin:campaigns_revision_changelist")).status_code == 302
        assert client.get(reverse("campaigns")).status_code == 200


def test_a_route_that_texts_name_is_switched_off_and_not_deleted(root, client):
    route = routing.ensure_sandbox_route()
    assert client.post(reverse("admin:messaging_route_delete", args=[route.pk]), {"post": "yes"}).status_code == 403
    page = client.get(reverse("admin:messaging_route_changelist")).content.decode()
    assert "delete_selected" not in page


def test_from_a_person_it_leads_to_her_page_where_the_verbs_are(root, client, now):
    child = people.be_an(people.commune(), now)
    for model, pk in (("person", child.mother_id), ("child", child.pk)):
        page = client.get(reverse(f"admin:recipients_{model}_change", args=[pk])).content.decode()
        assert f'href="{reverse("person", args=[child.mother_id])}"' in page
