"""`kill -9` at moments nobody chose: what the provider took and what we have are the same texts, each once (D7)."""

import random

import pytest
from django.utils import timezone

from messaging.models import OutboundMessage
from tests.fake_twilio import FakeTwilio
from tests.messaging.faults.far_end import (
    carry_on,
    every_text_once,
    replayed_reports_end_the_same,
    states,
    time_passes,
    until,
    worker,
)
from tests.messaging.texts import make_route, queue

pytestmark = pytest.mark.django_db(transaction=True)
COUNT, KILLS, SEED = 120, 4, 3


def test_each_text_is_taken_once(settings):
    settings.LIVE_SENDING = True
    draw = random.Random(SEED)
    with FakeTwilio(latency=0.1) as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(timeout=10), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        died_in_flight = 0
        for _kill in range(KILLS):
            one = worker(settings)
            enough = len(twilio.accepted) + draw.randint(4, 20)
            try:
                until(lambda enough=enough, one=one: len(twilio.accepted) >= enough or one.poll() is not None)
            finally:
                one.kill()
                one.communicate()
            died_in_flight += states()["sending"]
            time_passes()
        assert died_in_flight, "no kill hit a text between the call and its saving"
        assert len(twilio.accepted) < COUNT
        carry_on()
        assert states() == {"sent": COUNT}
        every_text_once(twilio, COUNT)
        replayed_reports_end_the_same(twilio, times=2, seed=SEED)
    assert OutboundMessage.objects.filter(attempts__gt=2).count() == 0
