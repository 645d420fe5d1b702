"""What Twilio's refusals mean for a text: for good or to be tried again."""

import json
from datetime import datetime

from messaging.providers.base import SendError
from messaging.providers.errors import Known, failure, read_table
from messaging.providers.http import Answer, lost, retry_after

NAME = "Twilio"
ERRORS = {int(number): known for number, known in read_table("twilio").items()}


class Refused(Exception):
    """An answer that is not a yes, before the client turns it into an exception without headers."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def error_code(twilio_code: object) -> str:
    """Our word for one of Twilio's error numbers; "twilio_<number>" when the table has none; empty for none."""
    text = str(twilio_code or "").strip()
    if text in ("", "0"):
        return ""
    known = ERRORS.get(int(text)) if text.isascii() and text.isdigit() else None
    return known.code if known else f"twilio_{text}"[:40]


def refusal(answer: Answer, now: datetime) -> SendError:
    """What an HTTP answer other than 2xx means.

    A fault of the account or the route (sign-in, sender, country) is not permanent: the text waits until a person has
    repaired it or its time is over. An error number that the table does not know is taken for such a fault too: one
    that condemns every text of a queue would be dearer than one that is tried a few times in vain.
    """
    number, detail = _read_error(answer.text)
    wait = retry_after(answer.headers.get("Retry-After"), now)
    raw = {"http": answer.status, "code": number, "message": detail[:300]}
    if answer.status >= 500:
        if answer.status == 503 and (number is not None or wait is not None):
            return failure(NAME, Known("provider_busy", False), retry_after=wait, raw=raw)
        return lost(NAME, f"HTTP {answer.status}", "provider_error", raw)
    known = ERRORS.get(number) if number is not None else None
    if known is None and answer.status in (401, 403):
        known = ERRORS[20003]
    elif known is None and answer.status == 404:
        known = ERRORS[20404]
    elif answer.status == 429:
        known = ERRORS[20429]
    elif known is None:
        known = Known(error_code(number) if number is not None else "provider_refused", False)
    said = f"HTTP {answer.status}, error {number or 'none'}: {detail[:120] or 'no reason'}"
    return failure(NAME, known, said=said, retry_after=wait, raw=raw)


def _read_error(text: str) -> tuple[int | None, str]:
    """Twilio's error number and sentence in the body of a refusal; (None, "") when it is not Twilio's JSON."""
    try:
        body = json.loads(text)
        number = int(body["code"])
    except (ValueError, TypeError, KeyError, OverflowError):
        return None, ""
    return number, str(body.get("message") or body.get("title") or "")
