"""The two answers that are the gateway's own: a STOP was heard, a wrong number is used no more."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings

from messaging.models import OutboundMessage
from messaging.registration.texts import AUTOMATIC, Wording

STOPPED = {
    "vi": (
        "Da nhan yeu cau dung tin luc {time}. Chung toi ngung gui tin ngay. "
        "Muon nhan lai, hay lien he noi da dang ky."
    ),
    "en": (
        "Your request to stop was received at {time}. We send nothing more. "
        "To receive messages again, contact the place where you registered."
    ),
}  # fmt: skip
"""The confirmation of a STOP (Decree 91/2020/ND-CP, art. 16: that and when it was received): one segment, any phone.

It names no keyword: START only opens the number, while consent has to be given again where the person registered (D9).
"""
REMOVED = {
    "vi": "Da xoa so nay luc {time}. Chung toi khong nhan tin den so nay nua. Xin loi da lam phien.",
    "en": "This number was removed at {time}. We send nothing more to it. We are sorry for the trouble.",
}
"""The answer to "wrong number": it says nothing about anybody, since whoever reads it is not the one we know."""
CLOSES: Mapping[str, tuple[str, Mapping[str, str]]] = {"stop": ("sms", STOPPED), "wrong_number": ("wrong", REMOVED)}
"""Action -> how the number counts as closed, and the one answer that it still receives, by language."""
_MOMENTS = {"vi": "%H:%M ngay %d/%m/%Y", "en": "%H:%M on %d/%m/%Y"}
FIRST = "vi"
"""What is registered with operators under the bare name of the action."""


def said(words: Mapping[str, str], number: str, now: datetime) -> str:
    """The answer as it leaves at `now`, with the local time: in the language of the last text that left to the number,
    else in that of the deployment."""
    language = _language(words, number)
    return words[language].format(time=_moment(now, language))


def wordings() -> Iterator[Wording]:
    """These answers as they are registered with an operator."""
    at = datetime(2026, 11, 21, 10, tzinfo=settings.ZONE)
    for action, (_source, words) in CLOSES.items():
        for language, sentence in words.items():
            name = action if language == FIRST else f"{action}/{language}"
            yield Wording(f"{AUTOMATIC}{name}", sentence.format(time="{1}"), (_moment(at, language),))


def _language(words: Mapping[str, str], number: str) -> str:
    left = OutboundMessage.objects.filter(to=number, sending_at__isnull=False).exclude(language="")
    read = left.order_by("-queued_at").values_list("language", flat=True).first() or ""
    return next((each for each in (read, str(settings.DEFAULT_LANGUAGE_OF_TEXTS)) if each in words), FIRST)


def _moment(at: datetime, language: str) -> str:
    return at.astimezone(settings.ZONE).strftime(_MOMENTS[language])
