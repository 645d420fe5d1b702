"""Words go out as a spreadsheet and come back: who wrote them before is still no one to approve them."""

import io
from datetime import datetime

import openpyxl
import pytest

from campaigns.content import drafting, review
from campaigns.content.spreadsheet import exchange
from campaigns.models import Campaign, Revision
from recipients.models import User
from tests.workflow.conftest import mark, refused, table

HERS = "Mỗi ngày 1 {vien_sat} giúp chị khỏe. Chị nhận viên tại {coso}."


def edited(data: bytes, cell: str, value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Texts"][cell].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def written(campaign: Campaign, minh: User, now: datetime) -> Revision:
    """A draft in which a clinical reviewer has written; nobody has reviewed it."""
    draft = drafting.new_draft(campaign, None, minh, now)
    changed = table(draft, "iron-start", vi=HERS)
    drafting.change_step(draft, "iron-start", changed, seen=mark(draft, "iron-start"), by=minh, now=now)
    return draft


def brought_back(campaign: Campaign, data: bytes, by: User, now: datetime) -> Revision:
    data = edited(data, "H4", "Morning sickness? Eat small meals.")
    return exchange.take_in(data, seen=exchange.look(data).newest, by=by, now=now)


def test_she_never_approves_her_words_after_another_has_brought_them_back(campaign, written, huong, minh, duyet, now):
    draft = brought_back(campaign, exchange.export(campaign, now), huong, now)
    assert draft.based_on == written
    assert draft.steps.get(key="iron-start").texts.get(language="vi").body == HERS
    review.submit(draft, huong, now)
    refused("own_text", review.approve, draft, minh, now)
    assert review.approve(draft, duyet, now).state == Revision.State.APPROVED


def test_nor_when_somebody_made_another_draft_meanwhile(campaign, written, huong, nga, minh, now):
    data = exchange.export(campaign, now)
    drafting.new_draft(campaign, campaign.revisions.get(state=Revision.State.LIVE), nga, now)
    draft = brought_back(campaign, data, huong, now)
    assert draft.based_on == written, "the spreadsheet says from which revision it was made"
    review.submit(draft, huong, now)
    refused("own_text", review.approve, draft, minh, now)


def test_a_discarded_draft_is_not_what_translators_get(campaign, written, minh, now):
    drafting.discard(written, minh, now)
    arrival = exchange.look(exchange.export(campaign, now))
    assert (arrival.exported, arrival.newest, arrival.changes) == (1, 1, False)
