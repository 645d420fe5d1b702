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
    """The stage of the pregnancy or child (of the visit, too); a day before its beginning counts as the first."""
    subject = enrollment.visit or enrollment
    if subject.pregnancy is not None:
        return pregnancy_stage(subject.pregnancy.anchor_date, max(day, subject.pregnancy.anchor_date))
    if subject.child is not None:
        return child_stage(subject.child.date_of_birth, max(day, subject.child.date_of_birth))
    return NONE


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
