"""Release (gates, rendering, hand-over) in messages a second, beside the bare database work for the same messages.

    .venv/bin/python -m tests.benchmarks.bench_release [PEOPLE ...]

The bare work is one INSERT ... SELECT of the same texts into the gateway's table and one UPDATE of the same rows of
the ledger, with all constraints and indexes: nothing is asked, nothing rendered. Both run three times, by turns; the
ratio of the medians counts. Then the same number of due messages among ten times as many people: what one costs must
not grow with the register.
"""

import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from tests.benchmarks.database import copies, own_database

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
"""13:00 in Vietnam."""
FIRST = 1000
"""The number of the first copy comes after it."""
DUE = 10_000
MOST = 1.25
"""What a due message may cost at the largest register, as a multiple of what it costs at the smallest."""
WORDS = "Chị {ten} ơi, chị nhớ uống viên sắt mỗi ngày và khám thai tại {coso}, gọi {sdt} nếu cần hỏi."


def begin():
    """Lan, 20 weeks pregnant, with what is due to her today: whom all others are copied from."""
    from campaigns.models import Enrollment, ScheduledMessage
    from campaigns.schedule.enrollment import derive
    from campaigns.schedule.planner import plan
    from messaging.outgoing.routing import ensure_sandbox_route
    from recipients.models import Consent
    from tests import people
    from tests.timelines import Line, publish

    ensure_sandbox_route()
    unit = people.commune()
    people.station(unit)
    publish([Line(f"week-{week}", day=week * 7, topic=f"t{week}", texts={"vi": WORDS}) for week in range(4, 41)])
    pregnancy = people.lan(unit, NOW - timedelta(days=1), lmp=NOW.date() - timedelta(weeks=20))
    derive(NOW)
    plan(NOW)
    due = ScheduledMessage.objects.filter(due_on=NOW.date()).get()
    return pregnancy, Consent.objects.get(person=pregnancy.mother), Enrollment.objects.get(person=due.person), due


def grow(rows, first: int, last: int) -> None:
    """Copies the first woman with all that belongs to her, from number `first` to `last`."""
    from django.db import connection

    pregnancy, consent, enrollment, due = rows
    copies(pregnancy.mother, first, last, phone="'+849' || lpad(n::text, 8, '0')", name_key="'lan ' || n")
    copies(pregnancy, first, last, mother_id="n")
    copies(consent, first, last, person_id="n")
    copies(enrollment, first, last, person_id="n", pregnancy_id="n")
    copies(
        due, first, last, person_id="n", enrollment_id="n", state="'skipped'", reason="'late'",
        due_on="t.due_on - 60", due_at="t.due_at - interval '60 days'", last_day="t.due_on - 50",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def make_due(people: int, due) -> None:
    """`DUE` messages are due, to people spread over the whole register; all others are past."""
    from django.db import connection

    waiting = "UPDATE campaigns_scheduledmessage SET state = %s, reason = %s, due_on = %s, due_at = %s, last_day = %s"
    past = timedelta(days=60)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{waiting} WHERE state = 'waiting' AND id > %s",
            ["skipped", "late", due.due_on - past, due.due_at - past, due.last_day - past, FIRST],
        )
        cursor.execute(
            f"{waiting} WHERE id > %s AND id %% %s = 0",
            ["waiting", "", due.due_on, due.due_at, due.last_day, FIRST, people // DUE],
        )


def begin_again() -> None:
    """Nothing has been released."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_scheduledmessage SET state = 'waiting', sms_id = NULL, decided_at = NULL"
            " WHERE state = 'released'"
        )
        cursor.execute("DELETE FROM messaging_outboundmessage")
        cursor.execute("VACUUM ANALYZE messaging_outboundmessage, campaigns_scheduledmessage")


def released() -> float:
    """Seconds that release needs for what is due."""
    from campaigns.schedule.release import release_due

    start = time.perf_counter()
    counts = release_due(NOW)
    took = time.perf_counter() - start
    assert counts["released"] >= DUE, counts
    return took


def bare() -> float:
    """Seconds for the same rows in one statement each."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_texts, bare_rows")
        cursor.execute("CREATE TABLE bare_texts AS SELECT * FROM messaging_outboundmessage")
        cursor.execute("CREATE TABLE bare_rows AS SELECT * FROM campaigns_scheduledmessage WHERE state = 'released'")
    begin_again()
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute("INSERT INTO messaging_outboundmessage SELECT * FROM bare_texts")
        cursor.execute(
            "UPDATE campaigns_scheduledmessage t SET state = b.state, reason = b.reason, not_before = b.not_before,"
            " sms_id = b.sms_id, decided_at = b.decided_at, revision_id = b.revision_id, step_id = b.step_id,"
            " language = b.language FROM bare_rows b WHERE t.id = b.id"
        )
        return time.perf_counter() - start


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]
    with own_database("mam_bench_release"):
        rows = begin()
        cost, present = [], FIRST
        for people in sizes:
            grow(rows, present + 1, FIRST + people)
            present = FIRST + people
            make_due(people, rows[-1])
            ours, limit = [], []
            for _turn in range(3):
                begin_again()
                ours.append(released())
                limit.append(bare())
            mine, theirs = DUE / statistics.median(ours), DUE / statistics.median(limit)
            begin_again()
            cost.append(statistics.median(ours) / DUE)
            print(f"{people:,} people, {DUE:,} messages due")
            print(f"release {mine:,.0f} messages/s, bare work {theirs:,.0f} messages/s, ratio {mine / theirs:.3f}")
        grown = cost[-1] / cost[0]
        print(f"cost of a due message at {sizes[-1]:,} people: {grown:.2f} times that at {sizes[0]:,}")
        if grown > MOST:
            sys.exit(f"A due message may cost {MOST} times as much at most.")


if __name__ == "__main__":
    main()
