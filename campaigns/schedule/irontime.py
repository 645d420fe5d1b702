"""Until when texts about iron leave after a birth, where somebody has set that."""

from collections.abc import Sequence
from datetime import date

from campaigns.local import rules
from campaigns.models import ScheduledMessage
from recipients.models import Child


def over(rows: Sequence[ScheduledMessage], day: date | None = None) -> set[int]:
    """The rows about iron and a child that come too late after the birth on a local day, or on their own days. Two
    queries, where there are such rows and a rule."""
    asked = {row: row.enrollment.child_id for row in rows if row.topic == rules.IRON_TOPIC and row.enrollment.child_id}
    here = rules.load() if asked else rules.NOTHING
    if rules.IRON not in here.values:
        return set()
    children = Child.everything.filter(pk__in=asked.values())  # one that was taken back is asked about too
    born = {pk: (on, path) for pk, on, path in children.values_list("pk", "date_of_birth", "mother__unit__path")}
    return {row.pk for row, child in asked.items() if here.iron_is_over(row.topic, *born[child], day or row.due_on)}
