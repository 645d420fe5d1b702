"""What every test may use: a fixed clock, the people, and files of their own."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from campaigns.schedule.live import steps_of
from tests.emptied import empty_tables
from tests.services import can_run

if os.environ.get("CI"):  # the same examples in every run, so that a failure is of the change; elsewhere new ones
    settings.register_profile("ci", derandomize=True)
    settings.load_profile("ci")


LONGEST = {
    "test_simulation_notices_every_missing_guard", "test_release_equals_the_oracle",
    "test_killed_between_any_two_statements", "test_every_anchor_equals_the_oracle",
    "test_around_one_phone_release_equals_the_oracle",
}  # fmt: skip
"""Files with tests of a minute: they begin, so that no process waits at the end for another's last."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On SQLite all but what only a server has; on PostgreSQL, which comes second, what touches a database again. How
    a page looks in a browser is the same on both, so that is looked at once; what pages answer is asked on both."""
    if connection.vendor == "postgresql":
        database = {"db", "transactional_db", "live_server"}
        fixtures = {item: set(getattr(item, "fixturenames", ())) for item in items}
        here = [
            item for item in items
            if (item.get_closest_marker("django_db") or database & fixtures[item])
            and "browse" not in fixtures[item]
            and not item.get_closest_marker("once")
        ]  # fmt: skip
    else:
        here = [item for item in items if not item.get_closest_marker("postgresql")]
    here = [item for item in here if can_run(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in here])
    items[:] = sorted(here, key=lambda item: item.path.stem not in LONGEST)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """PostgreSQL does not wait for the disk at each commit of this process. Workers that tests start as processes of
    their own wait as deployed ones do, so that what they have written outlasts the crash that a test brings about."""
    if connection.vendor == "postgresql":
        said = connection.settings_dict["OPTIONS"]
        connection.settings_dict["OPTIONS"] = said | {"options": f"{said['options']} -c synchronous_commit=off"}


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture
def now() -> datetime:
    """21 November 2026, 10:00 in Vietnam: a Saturday in the sending hours."""
    return datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """The next test's database gives the same numbers to other revisions and changes."""
    steps_of.cache_clear()
