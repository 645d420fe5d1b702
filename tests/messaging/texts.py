"""Routes and texts that the tests of the gateway send. The numbers belong to nobody."""

from datetime import datetime, timedelta
from typing import Any

from messaging.models import OutboundMessage, Route
from messaging.outgoing import dispatch, gateway


def number(n: int) -> str:
    return f"+8491{n:07d}"


def make_route(name: str = "sandbox", provider: str = "sandbox", *, secret: str = "s3cret", **more: Any) -> Route:
    settings = {"secret": secret} | more.pop("settings", {})
    return Route.objects.create(
        name=name, provider=provider, settings=settings, **({"rate": 1000, "concurrency": 10, "price": 400} | more)
    )


def queue(now: datetime, count: int = 1, **more: Any) -> list[OutboundMessage]:
    """`count` texts with the keys test:0, test:1 ..., to a number each."""
    texts = [
        gateway.Text(**({"to": number(n), "body": f"Lời nhắn số {n}", "key": f"test:{n}"} | more)) for n in range(count)
    ]
    rows = gateway.send_many(texts, now)
    assert all(isinstance(row, OutboundMessage) for row in rows.values()), rows
    return list(rows.values())  # type: ignore[arg-type]


def send_all(now: datetime, seconds: float = 0) -> Any:
    """One pass at `now` + `seconds`, with a clock that stands still."""
    at = now + timedelta(seconds=seconds)
    return dispatch.dispatch_all(at, lambda: at)


def state(key: str = "test:0") -> str:
    return OutboundMessage.objects.get(key=key).status


def route_form(**more: str) -> dict[str, str]:
    """What the administration posts for a new route."""
    return {
        "name": "twilio", "provider": "twilio", "sender": "MAM", "open_settings": '{"account_sid": "AC1"}',
        "prefixes": "[]", "message_classes": "[]", "rate": "20", "concurrency": "16", "price": "400", "currency": "VND",
        "report_timeout": "72", "priority": "10", "weight": "0", "enabled": "on",
        "health-TOTAL_FORMS": "0", "health-INITIAL_FORMS": "0",
    } | more  # fmt: skip
