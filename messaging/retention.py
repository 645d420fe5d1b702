"""Raw rows that have done their work are deleted after a while. Texts, opt-outs and inbound texts are kept."""

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from messaging.models import Callback, Receipt
from messaging.statuses import FINAL

BATCH = 1000
MOST = 100_000
"""About so many rows one pass deletes from a table, so that it ends before the next beat."""


def forget(now: datetime) -> Counter[str]:
    """Delete what is finished and old. Returns how many `callbacks` and `receipts` went.

    - Reports to other systems that were taken or given up, CALLBACK_KEEP_DAYS after they were made. Nothing is told
      again for that: a text carries the state that was told last, and a text from a phone is looked for 3 days.
    - With RECEIPT_KEEP_DAYS, delivery reports as they came: applied, of texts that have ended (what they said
      stands in the text), or about no text of ours.
    - What is unfinished stays, however old. In batches by key, so that nobody waits for a lock; safe side by side.
    """
    counts: Counter[str] = Counter(callbacks=0, receipts=0)
    finished = Callback.objects.exclude(done_at=None, given_up_at=None)
    before = now - timedelta(days=settings.CALLBACK_KEEP_DAYS)
    counts["callbacks"] = _delete(Callback.objects.all(), "made_at", before, finished)
    if settings.RECEIPT_KEEP_DAYS:
        applied = Receipt.objects.filter(Q(message=None) | Q(message__status__in=FINAL, applied_at__isnull=False))
        before = now - timedelta(days=settings.RECEIPT_KEEP_DAYS)
        counts["receipts"] = _delete(Receipt.objects.all(), "received_at", before, applied)
    return counts


def _delete(rows: QuerySet, moment: str, before: datetime, finished: QuerySet) -> int:
    """The oldest stand first in the table, so no index is needed to find them: the walk ends at the first batch that
    has a younger row. It goes past what stays, however much that is."""
    deleted, last = 0, 0
    while deleted < MOST:
        some = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", moment)[:BATCH])
        old = [pk for pk, at in some if at < before]
        deleted += finished.filter(pk__in=old).delete()[0]
        if len(old) < BATCH:
            break
        last = old[-1]
    return deleted
