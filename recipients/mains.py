"""Who receives, in a mother's place, the texts about a child."""

from __future__ import annotations

from django.db.models import QuerySet

from recipients.models import Caregiver


def main_caregivers() -> QuerySet[Caregiver]:
    """The living main caregivers whose care goes on: one at most for each child."""
    return Caregiver.objects.filter(is_main=True, ended_on=None, person__died_on=None)
