"""What the error codes of providers mean, and the sentences that tell it; one set of our words for all of them."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from messaging.providers.base import SendError


class Known(NamedTuple):
    """Meaning of one error code of a provider."""

    code: str  # ours
    permanent: bool
    opted_out: bool = False
    taken: Literal["no", "maybe"] = "no"


OURS: Final[Mapping[str, Known]] = {
    known.code: known
    for known in (
        Known("auth_failed", False),
        Known("bad_number", True),
        Known("blocked", True),
        Known("dead_number", True),
        Known("empty_text", True),
        Known("expired", True),
        Known("filtered", True),
        Known("landline", True),
        Known("no_credit", False),
        Known("no_route", True),
        Known("not_registered", True),
        Known("opted_out", True, opted_out=True),
        Known("provider_busy", False),
        Known("provider_error", False, taken="maybe"),
        Known("provider_refused", False),
        Known("route_misconfigured", False),
        Known("sender_unregistered", False),
        Known("throttled", False),
        Known("too_long", True),
        Known("unreachable", False),
    )
}
"""The words of ours to which a route's own table may translate (`http_json`)."""

_SENTENCES: Final[Mapping[str, str]] = {
    "auth_failed": "{name} did not accept the account's sign-in. Check the route's account and its secrets.",
    "bad_number": "{name} does not know this as a number that receives SMS. Ask for the right number.",
    "blocked": "{name} blocks this number. Ask the provider why, or reach the person in another way.",
    "duplicate_request": "{name} has had a text with this id before, so it may have it. It will not be sent again.",
    "landline": "The number is a landline and cannot receive SMS. Ask for a mobile number.",
    "no_credit": "The account at {name} has no money left. Top it up; the text will be tried again.",
    "no_route": "{name} has no way to this number from this sender. Use another route for it.",
    "not_registered": "{name} sends only registered texts, and this one is not. Have it registered.",
    "opted_out": "The holder of the number has told {name} to stop. Send nothing more to it.",
    "provider_busy": "{name} is busy and did not take the text. It will be tried again.",
    "route_misconfigured": "{name} cannot send with this route as it is set up. Check its sender and its account.",
    "sender_unregistered": "The brand name is not registered at {name} for this operator. Have it registered.",
    "throttled": "{name} asks for fewer texts at a time. The text will be tried again.",
    "too_long": "{name} does not take a text of this length. Make it shorter.",
}


def read_table(name: str) -> dict[str, Known]:
    """The table data/<name>_errors.csv: the provider's code -> its meaning."""
    path = Path(__file__).parent.parent / "data" / f"{name}_errors.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row[f"{name}_code"]: Known(
                row["code"],
                row["permanent"] == "yes",
                row.get("opted_out") == "yes",
                "maybe" if row.get("taken") == "maybe" else "no",
            )
            for row in csv.DictReader(lines)
        }


def sentence(code: str, name: str) -> str:
    """What our `code` means and what to do, for the provider `name`; empty when no sentence is known."""
    return _SENTENCES.get(code, "").format(name=name)


def failure(
    name: str, known: Known, *, said: str = "", retry_after: float | None = None, raw: dict[str, Any] | None = None
) -> SendError:
    """The refusal that `known` means. `said`: the provider's own code and words, shown where we have none."""
    if known.taken == "maybe":
        default = f"{name} may have the text ({said or known.code}). A delivery report will tell."
    else:
        default = f"{name} refused the text ({said or 'no reason given'}). Ask the provider, or the administrator."
    return SendError(
        sentence(known.code, name) or default,
        known.code,
        permanent=known.permanent,
        taken=known.taken,
        retry_after=retry_after,
        opted_out=known.opted_out,
        raw=raw,
    )


def foreign(provider: str, code: object) -> str:
    """Our word for a code of `provider` that no table knows; empty for none."""
    clean = "".join(c if c.isalnum() and c.isascii() else "_" for c in str(code).strip().lower()).strip("_")
    return f"{provider}_{clean}"[:40] if clean else ""
