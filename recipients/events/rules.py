"""What the verbs of a life have in common: the locks, the end of a pregnancy, the refusals that several give."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal
from recipients.locks import lock
from recipients.models import ChangeEvent, Child, Person, Pregnancy, User

UNDO_WITHIN = timedelta(hours=24)
"""How long whoever works with the person may undo what was recorded by mistake; later only an administrator."""


def lock_pregnancy(pregnancy: Pregnancy) -> Person:
    """The mother, then the pregnancy. Returns the mother."""
    mother = lock(pregnancy.mother)
    lock(pregnancy)
    pregnancy.mother = mother
    return mother


def lock_child(child: Child) -> Person:
    """The mother, then the child. Returns the mother."""
    mother = lock(child.mother)
    lock(child)
    child.mother = mother
    return mother


def end(pregnancy: Pregnancy, outcome: str, on: date | None, told: datetime | None) -> None:
    """Saves the outcome of a pregnancy; "" and None make it ongoing again."""
    pregnancy.outcome, pregnancy.outcome_date, pregnancy.outcome_recorded_at = outcome, on, told
    pregnancy.save(update_fields=["outcome", "outcome_date", "outcome_recorded_at"])


def closed_as_unknown(pregnancy: Pregnancy) -> ChangeEvent | None:
    """The event by which a pregnancy was closed without a known outcome, before anybody told it; None: it was not."""
    closed = ChangeEvent.objects.filter(
        pregnancy=pregnancy, what=ChangeEvent.What.PREGNANCY, new__outcome=Pregnancy.Outcome.UNKNOWN
    )
    return closed.order_by("id").last()


def end_as_before(pregnancy: Pregnancy, closed: ChangeEvent | None) -> None:
    """What ended it is taken back: it is ongoing again, or of unknown outcome as it was (`closed_as_unknown`)."""
    if closed is None:
        end(pregnancy, Pregnancy.Outcome.ONGOING, None, None)
    else:
        end(pregnancy, Pregnancy.Outcome.UNKNOWN, date.fromisoformat(closed.new["outcome_date"]), closed.at)


def may_undo(since: datetime | None, now: datetime, by: User | None) -> bool:
    """Whether what was first recorded at `since` (None: nobody knows) may still be taken back."""
    administrator = by is not None and (by.is_superuser or by.role == User.Role.ADMIN)
    return administrator or (since is not None and now - since <= UNDO_WITHIN)


def refuse_future(day: date, now: datetime, field: str) -> None:
    if day > local_day(now):
        raise Refusal("in_the_future", _("This date lies in the future. Correct it."), field=field)


def refuse_before(day: date, subject: Pregnancy | Child, field: str) -> None:
    """A day before the pregnancy began or the child was born: Refusal before_pregnancy or before_birth."""
    if isinstance(subject, Pregnancy) and day < subject.anchor_date:
        raise Refusal(
            "before_pregnancy", _("This date lies before the pregnancy began. Correct the date."), field=field
        )
    if isinstance(subject, Child) and day < subject.date_of_birth:
        raise Refusal("before_birth", _("This date lies before the birth. Correct the date."), field=field)


def outcome_recorded(pregnancy: Pregnancy) -> Refusal:
    sentence = _("This pregnancy has ended already (%(outcome)s, %(day)s). Open her page to see what is recorded.")
    day = f"{pregnancy.outcome_date:%d/%m/%Y}"
    return Refusal(
        "outcome_recorded", sentence % {"outcome": pregnancy.get_outcome_display(), "day": day}, conflict=True
    )


def died() -> Refusal:
    return Refusal("died", _("A death is recorded for this person. Nothing can be sent."), conflict=True)
