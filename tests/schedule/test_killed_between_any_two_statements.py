"""The process dies before each statement of derive, plan and release; the next pass ends in the same ledger."""

from datetime import timedelta

import pytest

from campaigns.models import ScheduledMessage
from tests.schedule.busy_day import DAY, NOON, Snapshot, enrolled, happened, ledger, passes, until_killed

LATER = NOON + timedelta(minutes=20)


def afterwards() -> tuple[dict, set]:
    """What the ledger holds after another pass of the same day."""
    passes(LATER)
    return ledger(), enrolled()


@pytest.mark.django_db(transaction=True)
def test_the_ledger_is_that_of_an_undisturbed_run_wherever_it_dies():
    happened()
    before = Snapshot()
    statements = until_killed(None, NOON)
    undisturbed = afterwards()
    assert statements > 40
    assert ScheduledMessage.objects.filter(state="released", decided_at__gte=NOON).exists()
    assert {row["fate"][1] for row in undisturbed[0].values()} >= {"", "ended_loss", "no_consent", "paused"}
    wrong = []
    for at in range(statements):
        before.restore()
        assert until_killed(at, NOON) <= at
        if afterwards() != undisturbed:
            wrong.append(at)
    assert wrong == []


@pytest.mark.django_db(transaction=True)
def test_dying_again_and_again_still_gets_there():
    happened()
    before = Snapshot()
    statements = until_killed(None, NOON)
    passes(LATER)
    passes(LATER + DAY)
    undisturbed = ledger(), enrolled()
    before.restore()
    for at in range(5, statements, 9):
        until_killed(at, NOON)
    passes(LATER)
    passes(LATER + DAY)
    assert (ledger(), enrolled()) == undisturbed
