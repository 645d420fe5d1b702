"""The local calendar day of a moment: registers, births and weeks are counted in the deployment's zone."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def local_day(now: datetime) -> date:
    """The date in the deployment's time zone (settings.TIME_ZONE) at `now`, which is aware."""
    return timezone.localdate(now, timezone.get_default_timezone())
