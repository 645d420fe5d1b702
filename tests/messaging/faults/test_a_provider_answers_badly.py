"""Late answers, 429, 500, nonsense and broken connections, mixed at random: each text is taken once, or explained."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import Attempt, OutboundMessage
from messaging.outgoing import dispatch
from tests.fake_kannel import FakeKannel
from tests.fake_twilio import FakeTwilio, Fault
from tests.messaging.faults.far_end import (
    carry_on,
    every_text_once,
    replayed_reports_end_the_same,
    states,
    time_passes,
)
from tests.messaging.texts import make_route, queue

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 40
FAULTS = [
    Fault("hang", seconds=2.5),
    Fault("status", 429, 20429, {"Retry-After": "1"}),
    Fault("status", 500, body="<html>Bad gateway</html>"),
    Fault("status", 503, body="{}", headers={"Retry-After": "1"}),
    Fault("malformed"),
    Fault("malformed", body="[]"),
    Fault("drop"),
    Fault("drop_before"),
    Fault("none"),
]


def script(draw: random.Random) -> list[Fault]:
    """Each fault at least four times, in random order."""
    faults = [fault for fault in FAULTS for _time in range(4)] + [draw.choice(FAULTS) for _text in range(COUNT // 2)]
    draw.shuffle(faults)
    return faults


@pytest.mark.parametrize("seed", [1, 2])
def test_each_text_is_taken_once(settings, seed):
    settings.LIVE_SENDING = True
    draw = random.Random(seed)
    with FakeTwilio() as twilio:
        twilio.script(script(draw))
        make_route("twilio", "twilio", settings=twilio.settings(timeout=1.5), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        for _pass in range(6):
            dispatch.dispatch_all(timezone.now())
            time_passes_for_the_queued_only()
        carry_on()
        assert states() == {"sent": COUNT}
        every_text_once(twilio, COUNT)
        replayed_reports_end_the_same(twilio, times=10, seed=seed)
    codes = set(Attempt.objects.values_list("code", "taken"))
    wanted = {("throttled", "no"), ("timeout", "maybe"), ("unreadable_answer", "maybe")}
    wanted |= {("provider_error", "no")}  # in doubt, until its list said that it has nothing
    assert wanted <= codes, codes
    tried_again = OutboundMessage.objects.filter(attempts__gt=1)
    assert tried_again.exists()
    assert not tried_again.filter(failed_attempts=None).exists(), "each further call is explained by the one before"


def test_where_nobody_can_be_asked_no_text_goes_twice_and_each_is_explained(settings):
    """Kannel keeps no list: what it may have is `unknown` for good, until a report tells."""
    settings.LIVE_SENDING = True
    faults = [fault for fault in script(random.Random(3)) if fault.body is None or fault.kind == "status"]
    with FakeKannel() as kannel:
        kannel.script(faults)
        route = make_route("kannel", "kannel", settings=kannel.settings(timeout=1.5), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        carry_on()
        there = Counter(text.body for text in kannel.accepted)
        rows = {row.body: row for row in OutboundMessage.objects.prefetch_related("failed_attempts")}
    assert set(there.values()) == {1}, "no text is there twice"
    assert set(states()) == {"sent", "unknown"}
    for body, row in rows.items():
        last = row.failed_attempts.last()
        if row.status == "sent":
            assert body in there
            assert not row.failed_attempts.filter(taken="maybe").exists(), "never again after a doubt"
        else:
            assert (last.taken, bool(row.error_code)) == ("maybe", True), "why nobody knows is written down"
    lost = set(there) - set(rows)
    assert not lost
    for text in kannel.accepted:
        payload = {"id": str(rows[text.body].id), "type": "1", "ans": ""}
        for _time in range(10):
            receipts.store(route, payload, message_id=rows[text.body].id, now=timezone.now())
    receipts.fold(timezone.now() + timedelta(minutes=1))
    assert states()["delivered"] == len(there), "a report tells what happened, for those in doubt too"


def time_passes_for_the_queued_only() -> None:
    """What is in doubt stays in doubt, so that it is all looked up at the end."""
    doubtful = dict(OutboundMessage.objects.filter(status="sending").values_list("id", "leased_until"))
    time_passes()
    for pk, until in doubtful.items():
        OutboundMessage.objects.filter(pk=pk).update(leased_until=until)
