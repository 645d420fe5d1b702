"""The states of an outgoing message and the only direction in which they move: forward (design D8)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """State of one message, or of one part of it."""

    QUEUED = "queued"  # ours alone; nobody outside knows of it
    SENDING = "sending"  # the call to the provider may have started
    UNKNOWN = "unknown"  # the provider may have it and will not tell; never sent again blindly
    SENT = "sent"  # the provider has it
    FAILED = "failed"  # it did not leave the provider, or the provider would not take it
    UNDELIVERED = "undelivered"  # it left and did not arrive
    EXPIRED = "expired"  # its time was over before it arrived
    DELIVERED = "delivered"  # a report says that every part arrived
    CANCELED = "canceled"  # ended before any call: by the last check or by a person


RANK: Final[Mapping[str, int]] = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.UNKNOWN: 2,
    Status.SENT: 3,
    Status.FAILED: 4,
    Status.UNDELIVERED: 4,
    Status.EXPIRED: 4,
    Status.DELIVERED: 5,
    Status.CANCELED: 6,
}
"""A change is legal only when it raises the rank; `canceled` besides only from `queued`."""

NOT_ARRIVED: Final = frozenset({Status.FAILED, Status.UNDELIVERED, Status.EXPIRED})
FINAL: Final = NOT_ARRIVED | {Status.CANCELED, Status.DELIVERED}
"""Nothing more is expected. A late report may still raise one of `NOT_ARRIVED` to `delivered`."""

# Classes for reach, with `NOT_ARRIVED`. Every status is in exactly one of the five; `canceled` is a skip of the ledger,
# not a result.
DELIVERED: Final = frozenset({Status.DELIVERED})
UNKNOWN: Final = frozenset({Status.UNKNOWN})
PENDING: Final = frozenset({Status.QUEUED, Status.SENDING, Status.SENT})
CANCELED: Final = frozenset({Status.CANCELED})


def can_move(old: str, new: str) -> bool:
    """Whether a message in state `old` may become `new`.

    - Only to a strictly higher rank: a second or older report changes nothing, `sent` never overwrites `delivered`,
      and `delivered` corrects `failed`, `undelivered` and `expired`.
    - `canceled` only from `queued`, and nothing follows it: no call was ever made.
    - A word that is no status moves nothing and is never moved.

    Giving a claimed row back to the queue after a fault that the provider certainly did not take is no move of this
    kind: it undoes `sending` under the same lease.
    """
    if old not in RANK or new not in RANK:
        return False
    if new == Status.CANCELED:
        return old == Status.QUEUED
    return RANK[old] < RANK[new]


def fold(parts: Iterable[str], expected: int) -> Status:
    """State of a message of `expected` parts, from the states of the parts that were reported.

    - `delivered` only when all expected parts are.
    - Otherwise the worst end of a part (`failed`, then `undelivered`, then `expired`): a text with a hole was not
      received. A later `delivered` of that part lifts the message again.
    - Otherwise `sent` as soon as anything beyond `unknown` was reported, and `unknown` without any report.
    """
    seen = [Status(part) for part in parts]
    if expected > 0 and sum(part == Status.DELIVERED for part in seen) >= expected:
        return Status.DELIVERED
    for end in (Status.FAILED, Status.UNDELIVERED, Status.EXPIRED):
        if end in seen:
            return end
    if any(RANK[Status.SENT] <= RANK[part] <= RANK[Status.DELIVERED] for part in seen):
        return Status.SENT
    return Status.UNKNOWN
