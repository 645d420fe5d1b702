"""Long lists in pieces that every database takes in one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """`items` in lists of at most `size`, in their order."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece
