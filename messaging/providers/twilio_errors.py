"""What Twilio's refusals and lost answers mean for a text: ours or gone, for good or to be tried again."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from twilio.http.response import Response

from messaging.providers.base import SendError


class _Error(NamedTuple):
    code: str
    permanent: bool
    opted_out: bool


def _read_errors() -> dict[int, _Error]:
    path = Path(__file__).parent.parent / "data" / "twilio_errors.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            int(row["twilio_code"]): _Error(row["code"], row["permanent"] == "yes", row["opted_out"] == "yes")
            for row in csv.DictReader(lines)
        }


ERRORS = _read_errors()

_SENTENCES: Mapping[str, str] = {
    "auth_failed": "Twilio did not accept the account's sign-in. Check account_sid and auth_token of the route.",
    "route_misconfigured": "Twilio cannot send with this route as it is set up. Check its sender and its account.",
    "bad_number": "Twilio does not know this as a number that receives SMS. Ask for the right number.",
    "landline": "The number is a landline and cannot receive SMS. Ask for a mobile number.",
    "opted_out": "The holder of the number has told Twilio to stop. Send nothing more to it.",
    "throttled": "Twilio asks for fewer texts at a time. The text will be tried again.",
    "too_long": "Twilio does not take a text of this length. Make it shorter.",
}


class Answer(Exception):
    """An answer that is not a yes, before the client turns it into an exception without headers."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.status = int(response.status_code)
        self.text = str(response.text or "")
        self.headers: Mapping[str, str] = response.headers or {}


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
    repaired it or its time is over. An error number that the table does not know is permanent only with HTTP 400.
    """
    number, detail = _read_error(answer.text)
    wait = _retry_after(answer.headers.get("Retry-After"), now)
    raw = {"http": answer.status, "code": number, "message": detail[:300]}
    if answer.status >= 500:
        if answer.status == 503 and (number is not None or wait is not None):
            return SendError(
                "Twilio is busy and did not take the text. It will be tried again.",
                "provider_busy",
                retry_after=wait,
                raw=raw,
            )
        return lost(f"HTTP {answer.status}", "provider_error", raw)
    known = ERRORS.get(number) if number is not None else None
    if known is None and answer.status in (401, 403):
        known = ERRORS[20003]
    elif known is None and answer.status == 404:
        known = ERRORS[20404]
    elif answer.status == 429:
        known = ERRORS[20429]
    elif known is None:
        said_no = number is not None and answer.status == 400
        known = _Error(error_code(number) if number is not None else "provider_refused", said_no, False)
    sentence = _SENTENCES.get(known.code) or (
        f"Twilio refused the text (HTTP {answer.status}, error {number or 'none'}: {detail[:120] or 'no reason'}). "
        "Look the error up in Twilio's dictionary of errors, or ask the administrator."
    )
    return SendError(
        sentence, known.code, permanent=known.permanent, retry_after=wait, opted_out=known.opted_out, raw=raw
    )


def lost(what: str, code: str, raw: dict[str, Any] | None = None) -> SendError:
    """The error for a text that Twilio may have: in doubt."""
    return SendError(
        f"Twilio's answer was lost or could not be read ({what}), so it may have the text. "
        "It will not be sent again; a delivery report will tell.",
        code,
        taken="maybe",
        raw=raw or {"error": what},
    )


def code_of(error: BaseException) -> str:
    """Our word for a fault of the connection after the request may have left."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "connection_lost"
    return "unreadable_answer"


def _read_error(text: str) -> tuple[int | None, str]:
    """Twilio's error number and sentence in the body of a refusal; (None, "") when it is not Twilio's JSON."""
    try:
        body = json.loads(text)
        number = int(body["code"])
    except (ValueError, TypeError, KeyError):
        return None, ""
    return number, str(body.get("message") or body.get("title") or "")


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110: seconds or a date), never negative; None when absent or unreadable."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
