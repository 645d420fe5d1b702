"""Where an operator only acknowledges, reach counts a range and no delivery."""

from datetime import timedelta

import pytest

from campaigns.reach.coverage import reach
from messaging.incoming import receipts
from messaging.models import Route
from messaging.outgoing import settle
from tests.campaigns.reach_rows import Ledger

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("trust", "low", "high", "delivered", "unknown"),
    [({}, 1, 1, 1, 0), ({"*": "network"}, 0, 1, 0, 1), ({"*": "none"}, 0, 1, 0, 1)],
)
def test_an_acknowledged_text_is_perhaps_reached(now, trust, low, high, delivered, unknown):
    ledger = Ledger(now)
    Route.objects.filter(pk=ledger.route.pk).update(report_trust=trust)
    route = Route.objects.get(pk=ledger.route.pk)
    row = ledger.message(ledger.person(), "sent", now.date())
    report = {"kind": "report", "id": str(row.sms_id), "status": "DELIVRD", "operator": "Viettel"}
    receipts.store(route, report, message_id=row.sms_id, now=now)
    receipts.fold(now)
    later = now + timedelta(hours=route.report_timeout)
    settle.expire_silent(later)
    receipts.store(route, report, message_id=row.sms_id, now=later)
    receipts.fold(later)
    figures = reach(now.date(), now.date(), ledger.province, later).total
    assert (figures.reached_low, figures.reached_high) == (low, high)
    assert (figures.delivered, figures.unknown, figures.sent) == (delivered, unknown, 1)
