"""The order of states, whatever the order of reports."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.statuses import (
    CANCELED,
    DELIVERED,
    FINAL,
    NOT_ARRIVED,
    PENDING,
    RANK,
    UNKNOWN,
    Status,
    can_move,
    fold,
)

S = Status


def after(start: str, words: tuple[str, ...]) -> str:
    for word in words:
        if can_move(start, word):
            start = word
    return start


def test_every_move_raises_the_rank() -> None:
    for old, new in product(Status, Status):
        if can_move(old, new):
            assert RANK[new] > RANK[old]
    assert set(RANK) == set(Status)


def test_nothing_overwrites_delivered() -> None:
    assert [new for new in Status if can_move(S.DELIVERED, new)] == []


def test_a_late_report_still_counts() -> None:
    for old in (S.SENDING, S.UNKNOWN, S.SENT, *NOT_ARRIVED):
        assert can_move(old, S.DELIVERED)
    for end in NOT_ARRIVED:
        assert can_move(S.UNKNOWN, end)
        assert not any(can_move(end, other) for other in NOT_ARRIVED), "the first end stands until it is corrected"


def test_only_a_queued_text_is_canceled() -> None:
    assert [old for old in Status if can_move(old, S.CANCELED)] == [S.QUEUED]
    assert [new for new in Status if can_move(S.CANCELED, new)] == []


def test_a_strange_word_moves_nothing() -> None:
    assert not can_move("sent", "teleported")
    assert not can_move("teleported", "delivered")


@pytest.mark.parametrize("words", list(permutations(["sent", "undelivered", "delivered", "sent", "unknown"])))
def test_any_order_of_reports_ends_the_same(words: tuple[str, ...]) -> None:
    assert after(S.SENDING, words) == "delivered"


def test_each_status_has_one_class() -> None:
    classes = [DELIVERED, NOT_ARRIVED, UNKNOWN, PENDING, CANCELED]
    for status in Status:
        assert sum(status in one for one in classes) == 1
    assert set().union(*classes) == set(Status)
    assert set(Status) - PENDING - UNKNOWN == FINAL


def test_delivered_means_all_parts() -> None:
    assert fold(["delivered", "delivered"], 2) == "delivered"
    assert fold(["delivered"], 2) == "sent"
    assert fold(["delivered", "sent"], 2) == "sent"
    assert fold(["delivered", "undelivered"], 2) == "undelivered"
    assert fold(["failed", "expired", "undelivered"], 3) == "failed"
    assert fold([], 2) == "unknown"
    assert fold(["unknown"], 1) == "unknown"


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 3), st.sampled_from(sorted(Status))), max_size=30))
def test_a_text_is_delivered_exactly_when_all_parts_are(expected: int, reports: list[tuple[int, Status]]) -> None:
    parts: dict[int, str] = {}
    text: str = S.SENT
    for part, word in reports:
        old = parts.get(part, S.SENT)
        if part < expected and word != S.CANCELED and can_move(old, word):
            parts[part] = word
            before, now = text, fold(parts.values(), expected)
            text = now if can_move(before, now) else before
            assert RANK[text] >= RANK[before]
        all_there = [parts.get(part) for part in range(expected)] == [S.DELIVERED] * expected
        assert (text == S.DELIVERED) == all_there
