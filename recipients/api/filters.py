"""Filters that several lists share."""

from __future__ import annotations

from typing import Any

import django_filters

LARGEST_ID = 2**63 - 1
"""What a row's id can be; a larger number would not fit the database's own."""


class IdFilter(django_filters.NumberFilter):
    """Narrows a list to what belongs to one row, by its id."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, min_value=1, max_value=LARGEST_ID, decimal_places=0, **kwargs)
