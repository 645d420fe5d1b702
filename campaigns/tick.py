"""One pass of every verb in one process: what the workers do, in an order in which each sees what came before."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime

from campaigns import dead_numbers, stopping, telling
from campaigns.content import review
from campaigns.schedule import enrollment, planner, release
from messaging import callbacks, outages, phones
from messaging.incoming import inbound, receipts
from messaging.outgoing import dispatch, settle
from recipients import worklist


def tick(now: datetime) -> dict[str, int]:
    """Does everything that can be done at `now` and counts it, as "verb.what".

    - Inbound texts come first: a STOP that has arrived is obeyed before anything is sent.
    - Receipts are folded after the dispatch, since the sandbox reports in the same moment.
    """
    counts: dict[str, int] = {}
    for name, verb in (
        ("inbound", inbound.handle),
        ("closed_numbers", stopping.follow),
        ("publish", review.publish_scheduled),
        ("derive", enrollment.derive),
        ("plan", planner.plan),
        ("release", release.release_due),
        ("tell", telling.open_tasks),
        ("worklist", worklist.refresh),
        ("dispatch", dispatch.dispatch_all),
        ("receipts", receipts.fold),
        ("settle", settle.settle_doubtful),
        ("expire", settle.expire_silent),
        ("operators", outages.watch_operators),
        ("numbers", phones.count_failures),
        ("dead_numbers", dead_numbers.open_tasks),
        ("reports", callbacks.gather),
        ("callers", lambda at: callbacks.tell(lambda: at)),
    ):
        counts |= _flat(name, verb(now))
    return counts


def _flat(verb: str, result: object) -> dict[str, int]:
    """A count as it is, named counts each with the verb before its name."""
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    if isinstance(result, Mapping):
        return {f"{verb}.{name}": int(count) for name, count in result.items()}
    return {verb: int(result)}  # type: ignore[call-overload]
