"""PostgreSQL crashes and comes back while texts are on their way: each is taken once, none is lost or unexplained."""

import pytest
from django.db import connection
from django.utils import timezone

from messaging.models import Attempt, OutboundMessage
from tests.fake_twilio import FakeTwilio
from tests.messaging.faults.far_end import (
    carry_on,
    every_text_once,
    states,
    time_passes,
    until,
    worker,
)
from tests.messaging.faults.own_postgresql import own_postgresql
from tests.messaging.texts import make_route, queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.needs("postgresql")]
COUNT, RESTARTS = 120, 2


def test_each_text_is_taken_once(settings):
    settings.LIVE_SENDING = True
    with own_postgresql() as server, FakeTwilio(latency=0.15) as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(timeout=10), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        restarts = 0
        for _pass in range(6):
            one = worker(settings)
            try:
                while one.poll() is None:
                    enough = len(twilio.accepted) + 15
                    until(lambda enough=enough, one=one: len(twilio.accepted) >= enough or one.poll() is not None)
                    if one.poll() is None and restarts < RESTARTS:
                        assert len(twilio.accepted) < COUNT
                        server.restart()
                        restarts += 1
                one.communicate(timeout=60)
            finally:
                one.kill()
            assert one.returncode == 0, "the worker has died"
            connection.close()  # ours is broken too
            assert states()["sent"] == len(twilio.accepted), "what was answered is stored"
            time_passes()
            if restarts == RESTARTS:
                break
        assert restarts == RESTARTS
        carry_on()
        assert states() == {"sent": COUNT}
        every_text_once(twilio, COUNT)
        again = OutboundMessage.objects.filter(attempts__gt=1).count()
        assert again <= RESTARTS * 8, "at most what was being written down when the server went"
        assert not Attempt.objects.exists(), "no call failed"
