"""PostgreSQL ends every connection of a worker in mid-batch: no answer is lost, and nothing leaves twice."""

import time

import pytest
from django.db import connection
from django.utils import timezone

from messaging.models import OutboundMessage
from tests.fake_twilio import FakeTwilio
from tests.messaging.faults.far_end import carry_on, every_text_once, states, time_passes, until, worker
from tests.messaging.texts import make_route, queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
COUNT, BREAKS = 120, 6
OTHERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_worker_goes_on_with_a_new_connection(settings):
    settings.LIVE_SENDING = True
    with FakeTwilio(latency=0.1) as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(timeout=10), sender="MAM", concurrency=8)
        queue(timezone.now(), COUNT)
        ended = 0
        for _pass in range(8):
            one = worker(settings)
            before = len(twilio.accepted)
            try:
                until(lambda before=before, one=one: len(twilio.accepted) > before or one.poll() is not None)
                while one.poll() is None and ended < BREAKS:
                    with connection.cursor() as cursor:
                        cursor.execute(OTHERS)
                        ended += cursor.fetchone()[0]
                    time.sleep(0.15)
                one.communicate(timeout=60)
            finally:
                one.kill()
            assert one.returncode == 0, "the worker has died"
            time_passes()
            if ended >= BREAKS and not OutboundMessage.objects.filter(status="queued").exists():
                break
        assert ended >= BREAKS
        assert states()["sending"] == 0, "an answer was lost with its connection"
        carry_on()
        assert states() == {"sent": COUNT}
        every_text_once(twilio, COUNT)
    assert set(OutboundMessage.objects.values_list("attempts", flat=True)) == {1}
