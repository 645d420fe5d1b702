"""The pages of spreadsheets: fetched by every reader of campaigns, loaded by who writes, shown before it is written."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Revision
from recipients.models import AdminUnit, User

Role = User.Role
pytestmark = pytest.mark.usefixtures("frozen")


def fetched(client: Client, code: str = "iron") -> bytes:
    answer = client.get(reverse("campaign-spreadsheet", args=[code]))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{code}.xlsx"'
    return answer.content


def edited(data: bytes, sheet: str, cell: str, value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    book[sheet][cell].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def load(client: Client, data: bytes) -> Any:
    return client.post(reverse("spreadsheet"), {"file": SimpleUploadedFile("iron.xlsx", data)})


def confirm(client: Client, shown: Any, **changes: str) -> Any:
    given = {"content": shown.context["content"], "seen": shown.context["arrival"].newest} | changes
    return client.post(reverse("spreadsheet"), given, follow=True)


def test_every_reader_of_campaigns_fetches_one_and_only_writers_load_one(signed_in, live: AdminUnit) -> None:
    for role in (Role.OFFICER, Role.CLINICAL, Role.CDC, Role.STATION):
        client = signed_in(role, live)
        assert openpyxl.load_workbook(io.BytesIO(fetched(client))).sheetnames == ["Campaign", "Texts", "Steps"], role
        page = client.get(reverse("campaign", args=["iron"])).content.decode()
        assert reverse("campaign-spreadsheet", args=["iron"]) in page, role
        writes = role in (Role.OFFICER, Role.CLINICAL)
        assert (f'"{reverse("spreadsheet")}"' in page) is writes, role
        assert (f'"{reverse("spreadsheet")}"' in client.get(reverse("campaigns")).content.decode()) is writes, role
        assert client.get(reverse("spreadsheet")).status_code == (200 if writes else 403), role


def test_what_changes_is_shown_first_and_the_second_word_makes_the_draft(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, live)
    shown = load(client, edited(fetched(client), "Texts", "F3", "Chị phải uống viên sắt nhé."))
    page = shown.content.decode()
    assert "Compared with revision 1. Nothing is written yet." in page
    assert '</span>phải uống<span class="hidden">]</span></ins>' in page, "the words that are new are marked"
    assert "The words order, blame or frighten." in page
    assert Revision.objects.filter(campaign__code="iron").count() == 1
    assert reverse("campaign", args=["iron"]) in page, "the way back to the campaign"
    answer = confirm(client, shown)
    assert "is a draft now, and you are its author" in answer.content.decode()
    draft = Revision.objects.get(campaign__code="iron", number=2)
    assert answer.redirect_chain[-1][0] == reverse("revision", args=[draft.pk]), "the draft itself opens"
    assert (draft.state, draft.author.username) == ("draft", Role.OFFICER)
    assert Revision.objects.get(campaign__code="iron", state="live").number == 1


def test_faults_are_named_by_their_cells_in_the_readers_language(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, live, "vi")
    answer = load(client, edited(fetched(client), "Steps", "H5", "23:00"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "1 lỗi trong bảng tính" in page
    assert "Hãy chọn giờ từ 07:30 đến 20:30." in page
    assert '<span class="soft">(time)</span>' in page
    assert Revision.objects.filter(campaign__code="iron").count() == 1


def test_what_changed_while_she_looked_is_shown_again(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, live)
    data = fetched(client)
    shown = load(client, edited(data, "Texts", "F3", "Chị uống viên sắt nhé."))
    confirm(client, load(client, edited(data, "Texts", "F4", "Chị ăn cam nhé.")))
    page = confirm(client, shown).content.decode()
    assert "Somebody has changed this campaign meanwhile." in page
    assert "This spreadsheet was made from revision 1; the newest is 2." in page
    assert Revision.objects.filter(campaign__code="iron").count() == 2


def test_the_same_words_and_a_broken_file_make_nothing(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, live)
    shown = load(client, fetched(client))
    assert "so there is no draft" in shown.content.decode()
    assert "Save it as XLSX" in load(client, b"nothing").content.decode()
    page = confirm(client, shown, content="no base64").content.decode()
    assert "The file did not arrive whole." in page
    assert not Revision.objects.filter(state="draft").exists()


def test_a_broadcast_and_an_unknown_campaign_are_not_found(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, live)
    assert client.get(reverse("campaign-spreadsheet", args=["nobody"])).status_code == 404
    Campaign.objects.create(code="once", name={"vi": "Một lần"}, topic="notice", anchor="broadcast")
    assert client.get(reverse("campaign-spreadsheet", args=["once"])).status_code == 404
