"""due = delivered + undelivered + unknown + pending + told + skipped, in every row and in the total."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import ScheduledMessage
from campaigns.reach.coverage import reach
from tests.campaigns.reach_rows import OUTCOMES, Ledger

pytestmark = pytest.mark.django_db

messages = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(OUTCOMES), st.integers(0, 3)), max_size=15
)


@pytest.fixture
def ledger(now):
    return Ledger(now)


@pytest.fixture
def people(ledger):
    return [ledger.person(0), ledger.person(1), ledger.person(0, phone=False)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages)
def test_the_sum_is_the_number_of_ledger_rows(ledger, people, now, rows):
    ScheduledMessage.objects.all().delete()
    today = now.date()
    for who, commune, outcome, days_ago in rows:
        ledger.message(people[who], outcome, today - timedelta(days=days_ago), commune)
    table = reach(today - timedelta(days=2), today, ledger.province, now)
    within = [row for row in rows if row[3] <= 2]
    assert table.total.due == len(within)
    for commune, unit in enumerate(ledger.communes):
        figures = next(row.figures for row in table.rows if row.unit == unit)
        mine = [row for row in within if row[1] == commune]
        assert figures.due == len(mine)
        assert figures.delivered == sum(row[2] == "delivered" for row in mine)
        assert figures.undelivered == sum(row[2] in ("failed", "undelivered", "expired") for row in mine)
        assert figures.unknown == sum(row[2] == "unknown" for row in mine)
        assert figures.told == sum(row[2] == "told" for row in mine)
        assert figures.reached_low == len({row[0] for row in mine if row[2] == "delivered"})
        assert figures.reached_high == len({row[0] for row in mine if row[2] in ("delivered", "unknown")})
    assert table.total.reached_low == len({row[0] for row in within if row[2] == "delivered"})
    for figures in (table.total, *(row.figures for row in table.rows)):
        parts = figures.delivered + figures.undelivered + figures.unknown + figures.pending + figures.told
        assert figures.due == parts + sum(figures.skipped.values())
        assert figures.delivered <= figures.sent <= figures.due - figures.told
        assert figures.reached_low <= figures.reached_high


def test_the_number_of_queries_does_not_grow_with_units_and_people(ledger, now):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            reach(now.date(), now.date(), ledger.province, now)
        return len(caught)

    ledger.message(ledger.person(0), "delivered", now.date())
    few = queries()
    for _ in range(8):
        ledger.message(ledger.person(1), "delivered", now.date())
    assert queries() == few <= 6


def test_a_message_of_tomorrow_is_not_due_yet(ledger, people, now):
    ledger.message(people[0], "waiting", now.date() + timedelta(days=1))
    assert reach(now.date(), now.date() + timedelta(days=9), ledger.province, now).total.due == 0
