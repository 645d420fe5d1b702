"""Planning at 100,000 and at 1,000,000 enrollments in one run: rows per second beside a bare INSERT ... SELECT of as
many rows into the same table, and how much a due message costs more in the larger province.

    .venv/bin/python -m tests.benchmarks.bench_planner [ENROLLMENTS ...]

The bare limit copies the rows that the planner has just made from a table without indexes into the ledger, with all
its constraints and indexes: no join, no arithmetic. Both run three times, by turns; the ratio of the medians counts.
"""

import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta

from tests.benchmarks.database import own_database

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
DAYS = 5


def fill(count: int) -> None:
    """`count` women, each 0 to 279 days pregnant, enrolled in one campaign and caught up."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recipients_adminunit (code, name, search_name, level, path, valid_from) "
            "VALUES ('29551', 'Xã An Bình', 'xa an binh', 'commune', '/1/', '2025-07-01') RETURNING id"
        )
        unit = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO recipients_person (name, name_key, search_name, phone, phone_holder, contact_phone, language,"
            " script, discreet, can_read, shift_times, occupation, unit_id, village, programme_tags, excluded_topics,"
            " note, registered_at) SELECT 'W' || n, 'w' || n, 'w' || n, '+849' || n, 'own', '', 'vi', 'plain', false,"
            " true, '[]', '', %s, '', '[]', '[]', '', %s FROM generate_series(1, %s) n",
            [unit, NOW, count],
        )
        cursor.execute(
            "INSERT INTO recipients_pregnancy (mother_id, dating, anchor_date, risk_flags, outcome, registered_at)"
            " SELECT id, 'lmp', %s::date - (id %% 280)::int, '[]', '', %s FROM recipients_person",
            [TODAY, NOW],
        )
        cursor.execute(
            "INSERT INTO campaigns_enrollment (person_id, campaign_id, role, anchor, pregnancy_id, occurrence,"
            " anchor_date, laid, planned_revision_id, active, ended_reason, enrolled_at) SELECT mother_id,"
            " c.id, 'mother', c.anchor, p.id, 0, anchor_date, true, r.id, true, '', %s FROM"
            " recipients_pregnancy p, campaigns_campaign c, campaigns_revision r",
            [NOW],
        )
        cursor.execute("VACUUM ANALYZE")


def empty() -> None:
    """An empty ledger; deleted rows would stay in table and indexes until a vacuum, and burden whoever comes next."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE campaigns_scheduledmessage")


def planned() -> float:
    """Seconds that the planner needs for DAYS days of a campaign with forty steps."""
    from campaigns.models import PlannerState
    from campaigns.schedule import planner

    empty()
    PlannerState.objects.update_or_create(id=1, defaults={"planned_through": TODAY + timedelta(days=1 - DAYS)})
    start = time.perf_counter()
    planner.plan(NOW)
    return time.perf_counter() - start


def bare(first: bool) -> float:
    """Seconds that a bare copy of the same rows into the same table takes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if first:
            cursor.execute("CREATE TABLE bare_rows AS SELECT * FROM campaigns_scheduledmessage ORDER BY id")
        empty()
        start = time.perf_counter()
        cursor.execute("INSERT INTO campaigns_scheduledmessage SELECT * FROM bare_rows")
        return time.perf_counter() - start


def measure(count: int) -> tuple[float, float]:
    """Prints what planning for `count` enrollments costs; returns the seconds for each due message, and for each row
    of the bare limit."""
    with own_database("mam_bench_planner"):
        from campaigns.models import ScheduledMessage
        from tests.timelines import Line, publish

        publish([Line(f"week-{week}", day=week * 7, topic=f"t{week}") for week in range(40)])
        fill(count)
        ours, limit = [], []
        for turn in range(3):
            ours.append(planned())
            rows = ScheduledMessage.objects.count()
            limit.append(bare(turn == 0))
    mine, theirs = rows / statistics.median(ours), rows / statistics.median(limit)
    print(f"{count:,} enrollments, {DAYS} days, 40 steps: {rows:,} rows")
    print(f"planner {mine:,.0f} rows/s, bare INSERT ... SELECT {theirs:,.0f} rows/s, ratio {mine / theirs:.2f}")
    return 1 / mine, 1 / theirs


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or [100_000, 1_000_000]
    costs = [measure(size) for size in sizes]
    if len(costs) > 1:
        ours, limit = (costs[-1][n] / costs[0][n] for n in (0, 1))
        print(f"a due message at {sizes[-1]:,} costs {ours:.2f} of one at {sizes[0]:,}, a bare row {limit:.2f}", end="")
        print(f": {ours / limit:.2f} beside the bare database work")


if __name__ == "__main__":
    main()
