"""A number that fails for good on three days is left alone, with a way back; an operator's fault is no fault of it."""

from datetime import timedelta

import pytest

from messaging import outages, phones
from messaging.incoming import inbound, receipts
from messaging.models import InboundMessage, OperatorOutage, OperatorPrefix, OutboundMessage, Phone, Receipt
from messaging.outgoing import gateway
from messaging.providers.base import Inbound
from tests.messaging.texts import make_route, number, queue, send_all, state

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ended(to, at, status="undelivered", code="dead_number", operator=""):
    """A text to `to` that ended at `at`."""
    (row,) = queue(at, key=f"ended:{to}:{OutboundMessage.objects.count()}", to=to, message_class="emergency")
    OutboundMessage.objects.filter(pk=row.pk).update(
        status=status, error_code=code if status != "delivered" else "", final_at=at, sending_at=at, sent_at=at,
        operator=operator,
    )  # fmt: skip


def phone(n=0):
    return Phone.objects.get(number=number(n))


def sending(now, n=0, **more):
    return gateway.send_many([gateway.Text(**({"to": number(n), "body": "Chào chị", "key": "new"} | more))], now)


def test_three_days_in_a_row_and_the_gateway_refuses_it(now, route):
    for day in range(3):
        ended(number(0), now + day * DAY)
        ended(number(0), now + day * DAY + timedelta(hours=1))
        phones.count_failures(now + day * DAY + timedelta(hours=2))
        assert phone().failures == day + 1
        assert (phone().dead_since is not None) == (day == 2)
    later = now + 3 * DAY
    (refused,) = sending(later).values()
    assert isinstance(refused, gateway.Refused)
    assert refused.code == "dead_number"
    (tried,) = sending(later, key="urgent", message_class="emergency").values()
    assert isinstance(tried, OutboundMessage), "an emergency is worth a try"
    (answer,) = sending(later, key="reply:1").values()
    assert isinstance(answer, OutboundMessage), "it has just written to us"


@pytest.mark.parametrize("code", ["unreachable", "expired", "blocked", "filtered", "opted_out", "too_long"])
def test_a_phone_that_is_off_is_not_a_dead_number(now, route, code):
    for day in range(5):
        ended(number(0), now + day * DAY, code=code)
    assert phones.count_failures(now + 5 * DAY) == {"died": 0, "revived": 0}
    assert not phones.dead([number(0)])


def test_the_days_are_local_days(now, route):
    for hours in (0, 13, 15):  # 10:00, 23:00 and, next day, 01:00 in Vietnam
        ended(number(0), now + timedelta(hours=hours))
    phones.count_failures(now + DAY)
    assert phone().failures == 2


def test_counting_again_and_at_another_moment_changes_nothing(now, route):
    for day in range(2):
        ended(number(0), now + day * DAY)
    for passed in (1, 1, 2, 40):
        phones.count_failures(now + DAY + timedelta(hours=passed))
        assert phone().failures == 2


def test_a_delivery_between_begins_anew(now, route):
    for day, status in enumerate(["undelivered", "undelivered", "delivered", "undelivered", "undelivered"]):
        ended(number(0), now + day * DAY, status)
    phones.count_failures(now + 5 * DAY)
    assert (phone().failures, phone().proven_at) == (2, now + 2 * DAY)


def dead(now, n=0):
    for day in range(3):
        ended(number(n), now - (3 - day) * DAY)
    phones.count_failures(now)
    assert phones.dead([number(n)])


def test_a_late_report_of_a_delivery_revives_it_at_once(now, route):
    dead(now)
    (row,) = queue(now, message_class="emergency")
    OutboundMessage.objects.filter(pk=row.pk).update(status="sent", sent_at=now)
    receipts.store(route, {"kind": "report", "id": str(row.id), "status": "DELIVRD"}, message_id=row.id, now=now)
    receipts.fold(now)
    assert not phones.dead([number(0)])
    phones.count_failures(now)
    assert not phones.dead([number(0)]), "what failed before the delivery is not counted again"


def test_a_text_from_it_and_a_persons_word_revive_it(now, route):
    dead(now)
    assert phones.works(number(0), now)
    assert not phones.works(number(0), now)
    phones.count_failures(now)
    assert not phones.dead([number(0)])
    ended(number(0), now + DAY)
    phones.count_failures(now + DAY)
    assert phone().failures == 1
    InboundMessage.objects.create(route=route, number=number(0), body="?", provider_id="1", received_at=now + 2 * DAY)
    ended(number(0), now + 3 * DAY)
    phones.count_failures(now + 3 * DAY)
    assert phone().failures == 1


def test_a_refusal_by_the_provider_counts_too(now):
    make_route(settings={"invalid": "1"})
    for day in range(3):
        queue(now + day * DAY, key=f"test:{day}")
        send_all(now + day * DAY, 1)
        phones.count_failures(now + day * DAY + timedelta(hours=1))
    assert phones.dead([number(0)]) == {number(0)}


def test_an_outage_of_an_operator_is_held_against_nobody(now, route):
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    for n in range(20):
        for day in (2, 1):
            ended(number(n), now - day * DAY)
    phones.count_failures(now - DAY)
    for n in range(20):
        ended(number(n), now + timedelta(minutes=n))
    soon = now + timedelta(minutes=30)
    phones.count_failures(now + timedelta(minutes=12))
    assert len(phones.dead(number(n) for n in range(20))) == 13, "before anybody knew"
    assert outages.watch_operators(soon) == {"opened": 1, "closed": 0}
    outage = OperatorOutage.objects.get()
    assert (outage.operator, outage.started_at, outage.tried, outage.failed) == ("VinaPhone", now, 20, 20)
    phones.count_failures(soon)
    assert not phones.dead(number(n) for n in range(20)), "what was counted in that hour is taken back"
    assert phone().failures == 2
    assert outages.watch_operators(soon + timedelta(minutes=1)) == {"opened": 0, "closed": 0}

    later = soon + timedelta(hours=2)
    for n in range(9):
        ended(number(n), later, "delivered")
    assert outages.watch_operators(later)["closed"] == 0
    for n in range(9, 15):
        ended(number(n), later, "delivered")
    assert outages.watch_operators(later)["closed"] == 1
    assert outages.watch_operators(later) == {"opened": 0, "closed": 0}
    phones.recount([number(n) for n in range(20)], later)
    assert not phones.dead(number(n) for n in range(20)), "it stays so afterwards"
    ended(number(19), later + DAY)
    phones.count_failures(later + DAY)
    assert phones.dead([number(19)]) == {number(19)}, "after it everything counts again"


def test_an_outage_where_few_texts_go_is_seen_within_a_day(now, route):
    """Nine an hour to one operator, on three days in a row: an hour never tells, the first day does."""
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    for day in range(3):
        for hour in range(3):
            at = now + day * DAY + timedelta(hours=2 * hour)
            for n in range(9):
                ended(number(n), at)
            outages.watch_operators(at)
            phones.count_failures(at)
    assert OperatorOutage.objects.get().started_at == now
    assert not phones.dead(number(n) for n in range(9))


def test_an_operator_that_failed_in_the_morning_and_works_again_has_no_outage(now, route):
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    for n in range(60):
        ended(number(n), now)
    for n in range(10):
        ended(number(n), now + timedelta(hours=3), "delivered")
    assert outages.watch_operators(now + timedelta(hours=3)) == {"opened": 0, "closed": 0}


@pytest.mark.parametrize(("failed", "arrived"), [(19, 0), (20, 6), (40, 11)])
def test_few_failures_are_no_outage(now, route, failed, arrived):
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    for n in range(arrived):
        ended(number(n), now, "delivered")
    for n in range(failed):
        ended(number(n), now)
    assert outages.watch_operators(now) == {"opened": 0, "closed": 0}


def test_one_operator_fails_and_another_does_not(now, route):
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    for n in range(20):
        ended(number(n), now, operator="Viettel")
        ended(number(100 + n), now, "delivered")
    assert outages.watch_operators(now)["opened"] == 1
    assert OperatorOutage.objects.get().operator == "Viettel", "as the reports say, not as the prefix"


def test_reports_teach_which_network_a_number_is_on(now, route):
    OperatorPrefix.objects.create(prefix="+8491", operator="VinaPhone", valid_from=now.date())
    OperatorPrefix.objects.create(prefix="+84912", operator="Nobody", valid_from=now.date(), valid_to=now.date() - DAY)
    (row,) = queue(now)
    assert phones.operator_of([row.to, "+1202", number(7)], now.date()) == {
        row.to: "VinaPhone",
        number(7): "VinaPhone",
    }
    for operator in ("Viettel", "Viettel", "MobiFone", ""):
        payload = {"kind": "report", "id": str(row.id), "status": "DELIVRD", "operator": operator}
        receipts.store(route, payload, message_id=row.id, now=now)
        receipts.fold(now)
    assert phones.operator_of([row.to], now.date()) == {row.to: "MobiFone"}


def told(route, row, now, word="DELIVRD", operator="Viettel"):
    payload = {"kind": "report", "id": str(row.id), "status": word, "operator": operator}
    receipts.store(route, payload, message_id=row.id, now=now)
    receipts.fold(now)


@pytest.mark.parametrize(
    ("trust", "operator", "word", "after"),
    [
        ({}, "Viettel", "DELIVRD", "delivered"),
        ({"Viettel": "network"}, "Viettel", "DELIVRD", "sent"),
        ({"Viettel": "network"}, "Viettel", "UNDELIV", "undelivered"),
        ({"Viettel": "network"}, "MobiFone", "DELIVRD", "delivered"),
        ({"Viettel": "network"}, "", "DELIVRD", "sent"),
        ({"*": "network", "MobiFone": "handset"}, "MobiFone", "DELIVRD", "delivered"),
        ({"*": "network"}, "Viettel", "DELIVRD", "sent"),
        ({"*": "none"}, "Viettel", "UNDELIV", "sent"),
    ],
)
def test_a_report_proves_as_much_as_its_operator_is_trusted(now, trust, operator, word, after):
    OperatorPrefix.objects.create(prefix="+8491", operator="Viettel", valid_from=now.date())
    route = make_route(report_trust=trust)
    (row,) = queue(now)
    OutboundMessage.objects.update(status="sent", sent_at=now)
    told(route, row, now, word, operator)
    assert state() == after
    assert Receipt.objects.filter(applied_at__isnull=False).count() == 1


def test_an_acknowledgement_of_the_network_is_no_sign_of_life(now):
    route = make_route(report_trust={"*": "network"})
    dead(now)
    (row,) = queue(now, message_class="emergency")
    OutboundMessage.objects.filter(pk=row.pk).update(status="sent", sent_at=now)
    told(route, row, now)
    assert phones.dead([number(0)])


def test_a_text_that_comes_in_revives_its_number_at_once(now, route):
    dead(now)
    inbound.store(route, Inbound(number(0), "", "Chi oi", "in-1"), now)
    assert not phones.dead([number(0)])
