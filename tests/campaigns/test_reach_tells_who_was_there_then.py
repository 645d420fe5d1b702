"""People and consent are those of the end of the period; messages stay in the unit where they were due."""

from datetime import timedelta

import pytest

from campaigns.reach.coverage import reach
from recipients.models import Consent
from tests.campaigns.reach_rows import Ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(now):
    return Ledger(now)


def test_people_registered_later_and_consent_withdrawn_later_do_not_change_an_earlier_period(ledger, now):
    woman = ledger.person()
    ledger.person(phone=False)
    ledger.person(consent=False)
    ledger.person(at=now - timedelta(days=2))
    Consent.objects.create(person=woman, state="withdrawn", method="page", at=now - timedelta(days=2))
    today = now.date()
    then = reach(today - timedelta(days=30), today - timedelta(days=5), ledger.province, now).total
    assert (then.registered, then.has_phone, then.consented, then.enrolled) == (3, 2, 2, 3)
    later = reach(today - timedelta(days=30), today, ledger.province, now).total
    assert (later.registered, later.has_phone, later.consented, later.enrolled) == (4, 3, 2, 4)


def test_somebody_who_moved_is_one_person_in_the_total(ledger, now):
    woman = ledger.person(0)
    ledger.message(woman, "delivered", now.date() - timedelta(days=5), commune=0)
    ledger.message(woman, "delivered", now.date(), commune=1)
    table = reach(now.date() - timedelta(days=6), now.date(), ledger.province, now)
    assert [row.figures.reached_low for row in table.rows] == [1, 1]
    assert table.total.reached_low == 1


def test_the_country_is_shown_by_province_and_a_commune_by_itself(ledger, now):
    ledger.message(ledger.person(1), "unknown", now.date())
    country = reach(now.date(), now.date(), None, now)
    assert [(row.unit.code, row.figures.unknown) for row in country.rows] == [("86", 1)]
    commune = reach(now.date(), now.date(), ledger.communes[1], now)
    assert [(row.unit.code, row.itself, row.figures.unknown) for row in commune.rows] == [("29557", True, 1)]
    assert (commune.total.reached_low, commune.total.reached_high) == (0, 1)


def test_without_anything_due_there_is_no_rate(ledger, now):
    figures = reach(now.date(), now.date(), ledger.province, now).total
    assert figures.due == 0
    assert figures.delivery_rate_low is figures.delivery_rate_high is figures.reach_rate_low is None


def test_a_period_that_ends_before_it_starts_is_refused(ledger, now):
    with pytest.raises(ValueError):
        reach(now.date(), now.date() - timedelta(days=1), None, now)


def test_what_a_late_entrant_is_sent_belongs_to_the_period_in_which_she_came(ledger, now):
    woman = ledger.person(at=now - timedelta(days=2))
    long_due = ledger.message(woman, "delivered", now.date() - timedelta(days=50))
    long_due.last_day = now.date() + timedelta(days=9)
    long_due.save()
    today = now.date()
    before = reach(today - timedelta(days=60), today - timedelta(days=3), ledger.province, now).total
    since = reach(today - timedelta(days=2), today, ledger.province, now).total
    assert (before.due, before.reached_low) == (0, 0)
    assert (since.due, since.reached_low) == (1, 1)
