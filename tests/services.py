"""What a test does without a service that it needs."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Under CI a missing service is a failure; elsewhere the test is skipped with `what` is missing and what to do."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
