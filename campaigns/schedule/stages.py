"""The stage of care on a day, for the reports: of one enrollment, and as an expression over many."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Case, CharField, Q, Value, When

from campaigns.models import Enrollment
from campaigns.schedule.timeline import Offset, latest_anchor
from recipients.gestation import (
    MAX_GESTATION_DAYS,
    SECOND_TRIMESTER_DAYS,
    THIRD_TRIMESTER_DAYS,
    child_stage,
    pregnancy_stage,
)

PREGNANCIES = ("pregnancy__anchor_date", "visit__pregnancy__anchor_date")
CHILDREN = ("child__date_of_birth", "visit__child__date_of_birth")
NONE = ""
"""The stage of somebody whom a broadcast reaches without a pregnancy or child."""


def stage_on(enrollment: Enrollment, day: date) -> str:
    """The stage of the pregnancy or child (of the visit, too)."""
    subject = enrollment.visit or enrollment
    pregnancy, child = subject.pregnancy, subject.child
    return stage_of(
        None if pregnancy is None else pregnancy.anchor_date, None if child is None else child.date_of_birth, day
    )


def stage_of(counted: date | None, born: date | None, day: date) -> str:
    """By the date that a pregnancy is counted from, or a child's date of birth; a day before it counts as the first."""
    if counted is not None:
        return pregnancy_stage(counted, max(day, counted))
    return NONE if born is None else child_stage(born, max(day, born))


def stages_on(day: date, pregnancies: tuple[str, ...] = PREGNANCIES, children: tuple[str, ...] = CHILDREN) -> Case:
    """The same over a queryset of enrollments. The fields lead to the dates; where a campaign is counted from one of
    them, it is the enrollment's own anchor date, and no join is needed."""
    whens = [
        *(when for field in pregnancies for when in _by_dates(field, day, _PREGNANCY, pregnancy_stage)),
        *(when for field in children for when in _by_dates(field, day, _CHILD, child_stage)),
    ]
    return Case(*whens, default=Value(NONE), output_field=CharField())


_PREGNANCY = [
    Offset(days=MAX_GESTATION_DAYS),
    Offset(days=THIRD_TRIMESTER_DAYS),
    Offset(days=SECOND_TRIMESTER_DAYS),
]
_CHILD = [Offset(months=60), Offset(months=24), Offset(months=12), Offset(months=6)]


def _by_dates(field: str, day: date, borders: list[Offset], name: Callable[[date, date], str]) -> list[When]:
    """One WHEN for each stage, the oldest first: reached by everybody whose date is not after a border."""
    whens = []
    for border in borders:
        last = latest_anchor(day, border)
        whens.append(When(Q(**{f"{field}__lte": last}), then=Value(name(last, day))))
    whens.append(When(Q(**{f"{field}__isnull": False}), then=Value(name(day - timedelta(days=1), day))))
    return whens
