"""A campaign as shipped with its live revision, and the people who write, review and publish."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.content import editions, review
from campaigns.content.spelled import table_of
from campaigns.models import Campaign, Revision
from recipients.errors import Refusal
from recipients.models import User
from tests import people
from tests.shipped import load_some

CODE = "iron"


@pytest.fixture
def loaded(db, now: datetime) -> Campaign:
    """The campaign about iron, freshly loaded: one draft that nobody has touched."""
    load_some(now, CODE)
    return Campaign.objects.get(code=CODE)


@pytest.fixture
def campaign(loaded: Campaign, duyet: User, now: datetime) -> Campaign:
    """The same, live."""
    review.approve_everything(duyet, now)
    return loaded


@pytest.fixture
def huong(db) -> User:
    """A communication officer."""
    return people.user(User.Role.OFFICER, people.province(), "huong")


@pytest.fixture
def nga(db) -> User:
    """Another communication officer."""
    return people.user(User.Role.OFFICER, people.province(), "nga")


@pytest.fixture
def duyet(db) -> User:
    """A clinical reviewer."""
    return people.user(User.Role.CLINICAL, people.province(), "duyet")


@pytest.fixture
def minh(db) -> User:
    """Another clinical reviewer."""
    return people.user(User.Role.CLINICAL, people.province(), "minh")


def live(campaign: Campaign) -> Revision:
    return campaign.revisions.get(state=Revision.State.LIVE)


def table(revision: Revision, key: str, /, **changes: Any) -> dict[str, Any]:
    """A step as it stands, with some of it typed over."""
    step = editions.step_file(revision.steps.get(key=key))
    return table_of(step, revision.campaign.anchor) | changes


def mark(revision: Revision, key: str) -> str:
    return editions.fingerprint_of(editions.step_file(revision.steps.get(key=key)))


def refused(code: str, verb: Any, *arguments: Any, **named: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        verb(*arguments, **named)
    assert caught.value.code == code, caught.value.sentence
    assert caught.value.sentence.endswith(".")
    return caught.value
