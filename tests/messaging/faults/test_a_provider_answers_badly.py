"""Late answers, 429, 500, nonsense and broken connections, mixed at random: each text is taken once, or explained."""

import random

import pytest
from django.utils import timezone

from messaging.models import Attempt, OutboundMessage
from messaging.outgoing import dispatch
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
    Fault("hang", seconds=4),
    Fault("status", 429, 20429, {"Retry-After": "1"}),
    Fault("status", 500, body="<html>Bad gateway</html>"),
    Fault("status", 503, body="{}", headers={"Retry-After": "1"}),
    Fault("malformed"),
    Fault("malformed", body="[]"),
    Fault("drop"),
    Fault("drop_before"),
    Fault("none"),
]


@pytest.mark.parametrize("seed", [1, 2])
def test_each_text_is_taken_once(settings, seed):
    settings.LIVE_SENDING = True
    draw = random.Random(seed)
    with FakeTwilio() as twilio:
        twilio.script(draw.choice(FAULTS) for _ in range(COUNT + 20))
        make_route("twilio", "twilio", settings=twilio.settings(timeout=2), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        for _pass in range(6):
            dispatch.dispatch_all(timezone.now())
            time_passes_for_the_queued_only()
        carry_on()
        assert states() == {"sent": COUNT}
        every_text_once(twilio, COUNT)
        replayed_reports_end_the_same(twilio, times=10, seed=seed)
    codes = set(Attempt.objects.values_list("code", "taken"))
    assert {("throttled", "no"), ("timeout", "maybe"), ("provider_error", "maybe")} <= codes, codes
    tried_again = OutboundMessage.objects.filter(attempts__gt=1)
    assert tried_again.exists()
    assert not tried_again.filter(failed_attempts=None).exists(), "each further call is explained by the one before"


def time_passes_for_the_queued_only() -> None:
    """What is in doubt stays in doubt, so that it is all looked up at the end."""
    doubtful = dict(OutboundMessage.objects.filter(status="sending").values_list("id", "leased_until"))
    time_passes()
    for pk, until in doubtful.items():
        OutboundMessage.objects.filter(pk=pk).update(leased_until=until)
