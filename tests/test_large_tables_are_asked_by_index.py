"""Nobody waits while a table that grows for years is read as a whole."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Field, Index, Model, QuerySet, UniqueConstraint

from campaigns.models import Parameter, Step, StepText, Target
from campaigns.schedule import turns
from messaging.incoming import desk, inbound
from messaging.models import Callback, Receipt
from messaging.outgoing import standing
from messaging.providers.base import Inbound
from recipients.models import Session, Visit
from tests.messaging.texts import make_route

DELETED = [Step, StepText, Parameter, Target, Visit, Session, Callback, Receipt]
"""Of what verbs delete rows: the database then looks in every table that may name them."""


def named_by(model: type[Model]) -> list[Any]:
    fields = model._meta.get_fields(include_hidden=True)
    return [each.field for each in fields if each.auto_created and not each.concrete and not each.many_to_many]


def has_an_index(field: Field) -> bool:
    meta = field.model._meta
    more: list[Index | UniqueConstraint] = [*meta.indexes]
    more += [each for each in meta.constraints if isinstance(each, UniqueConstraint)]
    leads = any(each.fields and each.fields[0].lstrip("-") == field.name and each.condition is None for each in more)
    return field.db_index or field.unique or leads


@pytest.mark.parametrize("model", DELETED, ids=lambda model: model.__name__)
def test_what_names_a_row_that_is_deleted(model):
    assert [str(field) for field in named_by(model) if not has_an_index(field)] == []


def explained(rows: QuerySet[Any]) -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


def test_the_answers_to_a_text(db, now):
    text = inbound.store(make_route(), Inbound("+84912345678", "8000", "Xin hỏi", "1"), now)
    plan = explained(desk.answers_to(text))
    assert ("Index Cond" if connection.vendor == "postgresql" else "SEARCH messaging_outboundmessage") in plan


def test_what_left_today(db, now):
    plan = explained(standing.left_today(now))
    assert "outbound_ended" in plan
    assert "outbound_awaiting_report" in plan


def test_what_is_due(db, now):
    assert "ledger_to_release" in explained(turns.due_rows(now))
