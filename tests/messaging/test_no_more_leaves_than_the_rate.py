"""However many dispatchers ask, a route's segments stay under rate times time plus one burst (D6)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from messaging.models import RouteBucket
from messaging.outgoing import bucket as buckets
from messaging.outgoing.claim import ROUNDS, claim, release
from tests.messaging.texts import make_route, queue

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.floats(0, 30), st.lists(st.integers(1, 6), max_size=40)), min_size=1, max_size=20
)  # fmt: skip


@given(rate=st.floats(0.05, 50), steps=STEPS, skew=st.lists(st.floats(-3, 3), min_size=20, max_size=20))
def test_the_bucket_never_gives_more(rate, steps, skew):
    """`steps`: seconds that pass, then the texts that want to leave; `skew`: how wrong the clock of each machine is."""
    bucket = RouteBucket()
    latest = first = NOW + timedelta(seconds=skew[0])
    taken, longest = 0, 1
    seconds = 0.0
    for (passed, sizes), wrong in zip(steps, skew, strict=False):
        seconds += passed
        now = NOW + timedelta(seconds=seconds + wrong)
        latest = max(latest, now)
        buckets.fill(bucket, rate, now)
        for size in sizes:
            if buckets.take(bucket, size):
                taken += size
                longest = max(longest, size)
    bound = buckets.capacity(rate) + rate * (latest - first).total_seconds() + longest - 1
    assert taken <= bound + 1e-6


def test_two_machines_with_different_clocks_count_no_second_twice():
    bucket, taken = RouteBucket(), 0
    for second in range(60):
        for wrong in (0, 2):  # the second machine is two seconds ahead
            buckets.fill(bucket, 10, NOW + timedelta(seconds=second + wrong))
            while buckets.take(bucket, 1):
                taken += 1
    assert taken == buckets.capacity(10) + 10 * 61


def test_a_clock_that_was_set_right_does_not_stop_a_route():
    bucket = RouteBucket(tokens=0, filled_at=NOW + timedelta(days=365))
    buckets.fill(bucket, 10, NOW)
    assert bucket.tokens == 0
    buckets.fill(bucket, 10, NOW + timedelta(seconds=1))
    assert bucket.tokens == 10


def test_what_is_urgent_waits_for_few_calls_however_many_tokens_there_are(now, db):
    route = make_route(rate=1000, concurrency=3)
    queue(now, 50)
    assert len(claim(route, uuid4(), now)) == ROUNDS * route.concurrency
    assert ROUNDS <= 4


def test_claims_of_all_dispatchers_share_the_tokens(now, db):
    route = make_route(rate=2)
    queue(now, 60)
    claimed = 0
    for second in range(11):
        for _dispatcher in range(3):
            claimed += len(claim(route, uuid4(), now + timedelta(seconds=second)))
    assert claimed == 2 * (10 + buckets.BURST)


def test_a_long_text_passes_a_small_bucket_and_leaves_it_in_debt(now, db):
    route = make_route(rate=0.1)
    queue(now, 2, body="a" * 400)
    assert len(claim(route, uuid4(), now)) == 1
    assert RouteBucket.objects.get().tokens == -2
    assert claim(route, uuid4(), now + timedelta(seconds=29)) == []
    assert len(claim(route, uuid4(), now + timedelta(seconds=30))) == 1


def test_urgent_texts_leave_first_and_a_lease_keeps_others_away(now, db):
    route = make_route(rate=0.4)
    queue(now, 3, priority=50)
    queue(now, key="urgent", priority=1)
    queue(now, key="not yet", priority=0, send_after=now + timedelta(hours=1))
    lease = uuid4()
    rows = claim(route, lease, now)
    assert rows[0].key == "urgent"
    assert len(rows) == 2
    later = now + timedelta(seconds=60)
    assert all(row.key.startswith("test") for row in claim(route, uuid4(), later))
    release(route, lease)
    assert claim(route, uuid4(), later + timedelta(seconds=60))[0].key == "urgent"


def test_a_paused_route_claims_nothing(now, route):
    queue(now)
    claim(route, uuid4(), now - timedelta(days=1))
    route.health.paused = True
    route.health.save()
    assert claim(route, uuid4(), now) == []
