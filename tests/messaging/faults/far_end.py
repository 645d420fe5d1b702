"""What the fault tests have in common: time that passes, the operator's reports, and the count at the far end."""

import random
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import OutboundMessage, RouteBucket, RouteHealth
from messaging.outgoing import dispatch, settle
from tests.fake_twilio import FakeTwilio
from tests.messaging import elsewhere


def worker(settings) -> "elsewhere.subprocess.Popen[str]":
    """Another process that makes one pass over every route, now."""
    live = {"LIVE_SENDING": "1", "SECRET_KEY": settings.SECRET_KEY, "PUBLIC_URL": settings.PUBLIC_URL}
    return elsewhere.start("dispatch", timezone.now().isoformat(), **live)


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def time_passes() -> None:
    """Every lease, hold, rest and wait is over, as after some minutes. The moments of the calls stay as they are, for
    the far end keeps the real time."""
    past = timezone.now() - timedelta(seconds=1)
    OutboundMessage.objects.filter(leased_until__isnull=False).update(leased_until=past)
    OutboundMessage.objects.filter(status="queued", send_after__gt=past).update(send_after=past)
    RouteBucket.objects.filter(held_until__isnull=False).update(held_until=past)
    RouteHealth.objects.filter(resting_until__isnull=False).update(resting_until=past)


def carry_on() -> None:
    """What healthy workers do afterwards until nothing is left to do: look up, send again, look up."""
    time.sleep(1)  # what a worker had written when it was killed has arrived: minutes have passed, as is said next
    later = timezone.now() + timedelta(minutes=20)  # the provider's list is complete
    for _pass in range(80):
        time_passes()
        settle.settle_doubtful(later)
        dispatch.dispatch_all(timezone.now())
        if not OutboundMessage.objects.filter(status__in=["queued", "sending"]).exists():
            return
    raise AssertionError(states())


def states() -> "Counter[str]":
    return Counter(OutboundMessage.objects.values_list("status", flat=True))


def every_text_once(twilio: FakeTwilio, count: int) -> None:
    """Accepted texts = rows sent, duplicates 0, lost 0."""
    bodies = Counter(text.body for text in twilio.accepted)
    assert bodies == Counter(OutboundMessage.objects.values_list("body", flat=True)), "lost, or there twice"
    assert len(bodies) == count
    ids = dict(OutboundMessage.objects.values_list("body", "provider_id"))
    known = {text.body: text.sid for text in twilio.accepted if ids[text.body]}
    assert known == {body: sid for body, sid in ids.items() if sid}


def replayed_reports_end_the_same(twilio: FakeTwilio, times: int, seed: int) -> None:
    """Each report comes `times` times, all in one random order; then every text is delivered, by its own id."""
    client = Client()
    calls = [(text, word) for text in twilio.accepted for word in ("sent", "delivered")] * times
    random.Random(seed).shuffle(calls)
    for text, word in calls:
        params = twilio.callback(text, word)
        there = urlsplit(text.callback)
        answer = client.post(
            f"{there.path}?{there.query}", params, HTTP_X_TWILIO_SIGNATURE=twilio.sign(text.callback, params)
        )
        assert answer.status_code == 204
    receipts.fold(timezone.now() + timedelta(minutes=1))
    assert states() == {"delivered": len(twilio.accepted)}
    ids = {text.body: text.sid for text in twilio.accepted}
    assert dict(OutboundMessage.objects.values_list("body", "provider_id")) == ids
