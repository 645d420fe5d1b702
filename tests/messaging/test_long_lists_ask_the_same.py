"""A long list in a condition, which goes as one array, finds what the same list finds piece by piece."""

import uuid

import pytest

from messaging.among import FROM
from messaging.models import Attempt, OutboundMessage, Receipt
from messaging.statuses import Status
from tests.messaging.texts import queue

pytestmark = pytest.mark.django_db
MANY = range(1000, 1000 + FROM)


@pytest.fixture
def rows(route, now):
    rows = queue(now, FROM + 2)
    Receipt.objects.bulk_create(Receipt(route=route, payload={}, received_at=now, message=row) for row in rows[:FROM])
    return rows


@pytest.mark.parametrize(
    "others", [MANY, [-1, *MANY], [2**31, *MANY], [None, *MANY], map(int, MANY)],
    ids=["plain", "negative", "of a bigint", "with none", "used up by reading"],
)  # fmt: skip
def test_of_numbers(rows, others):
    first = Receipt.objects.earliest("pk").pk
    assert list(Receipt.objects.filter(pk__in=[first, *others]).values_list("pk", flat=True)) == [first]


@pytest.mark.postgresql
@pytest.mark.parametrize("beyond", [2**63, -(2**70)])
def test_what_is_beyond_every_column_equals_nothing(rows, beyond):
    assert Receipt.objects.filter(pk__in=[beyond, *MANY]).count() == 0


def test_of_texts_for_numbers_and_other_columns(rows, route):
    keys = list(Receipt.objects.values_list("pk", flat=True))
    assert Receipt.objects.filter(pk__in=map(str, keys)).count() == FROM
    assert Receipt.objects.filter(route__in=[route.pk, *MANY]).count() == FROM
    assert Receipt.objects.filter(route__in=[route] * FROM).count() == FROM
    assert Receipt.objects.exclude(pk__in=keys[1:] + list(MANY)).count() == 1
    assert OutboundMessage.objects.filter(status__in=list(Status)).count() == FROM + 2
    assert OutboundMessage.objects.filter(segments__in=[1, *MANY]).count() == FROM + 2


def test_of_uuids_and_what_names_them(rows):
    some = [row.pk for row in rows[:FROM]]
    assert OutboundMessage.objects.filter(pk__in=some).count() == FROM
    assert OutboundMessage.objects.filter(pk__in=[*map(str, some)]).count() == FROM
    assert OutboundMessage.objects.filter(receipts__in=Receipt.objects.all()).count() == FROM
    assert Receipt.objects.filter(message__in=[uuid.uuid4() for _n in range(FROM)] + some).count() == FROM
    assert Receipt.objects.filter(message__in=OutboundMessage.objects.filter(pk__in=some)).count() == FROM
    assert Attempt.objects.filter(message__in=set(some)).count() == 0
    assert OutboundMessage.objects.filter(pk__in=[]).count() == 0
