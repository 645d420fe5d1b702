"""Between the last check and the call there is no queue: a chunk is at the provider at once (D4)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.outgoing import dispatch
from tests.fake_twilio import FakeTwilio
from tests.messaging.texts import make_route, queue

pytestmark = pytest.mark.django_db
ANSWER_AFTER = 2.0  # seconds
CHUNK = 110  # more than the 100 connections that the HTTP client would have of itself


@pytest.mark.parametrize(("chunk", "more"), [(4, {"connections": 1}), (CHUNK, {})])
def test_a_whole_chunk_arrives_before_the_first_answer(settings, chunk, more):
    settings.LIVE_SENDING = True
    with FakeTwilio(latency=ANSWER_AFTER) as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(**more), concurrency=chunk, sender="MAM")
        queue(timezone.now(), chunk)
        counts = dispatch.dispatch_all(timezone.now())
        assert counts["sent"] == chunk == len(twilio.accepted)
        arrived = [text.at - timedelta(seconds=ANSWER_AFTER) for text in twilio.accepted]
        assert max(arrived) - min(arrived) < timedelta(seconds=ANSWER_AFTER)
