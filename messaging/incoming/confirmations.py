"""The two answers that are the gateway's own: a STOP was heard, a wrong number is used no more."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from messaging.registration.texts import AUTOMATIC, Wording

STOPPED = (
    "Da nhan yeu cau dung tin luc {time}. Chung toi ngung gui tin ngay. "
    "Muon nhan lai, hay lien he noi da dang ky."
)  # fmt: skip
"""The confirmation of a STOP (Decree 91/2020/ND-CP, art. 16: that and when it was received): one segment, any phone.

It names no keyword: START only opens the number, while consent has to be given again where the person registered (D9).
"""
REMOVED = "Da xoa so nay luc {time}. Chung toi khong nhan tin den so nay nua. Xin loi da lam phien."
"""The answer to "wrong number": it says nothing about anybody, since whoever reads it is not the one we know."""
CLOSES = {"stop": ("sms", STOPPED), "wrong_number": ("wrong", REMOVED)}
"""Action -> how the number counts as closed, and the one answer that it still receives."""


def said(words: str, now: datetime) -> str:
    """The answer as it leaves at `now`, with the local time."""
    return words.format(time=_moment(now))


def wordings() -> Iterator[Wording]:
    """These answers as they are registered with an operator."""
    example = _moment(datetime(2026, 11, 21, 10, tzinfo=settings.ZONE))
    for action, (_source, words) in CLOSES.items():
        yield Wording(f"{AUTOMATIC}{action}", words.format(time="{1}"), (example,))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(settings.ZONE):%H:%M ngay %d/%m/%Y}"
