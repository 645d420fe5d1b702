"""Records how pregnancies ended, as a register says it, and tells where the record says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.events.rules import lock_pregnancy
from recipients.gestation import edd_of
from recipients.matching import SAME_PREGNANCY_DAYS
from recipients.models import Child, Pregnancy, User
from recipients.register_import.endings import Ending
from recipients.register_import.result import Doubt, RowResult

Outcome = Pregnancy.Outcome

SAME_DATES_DAYS = 6
"""Two datings of one pregnancy that lie nearer than a week are two reckonings, and move no message by a week."""


def record_outcomes(
    results: Iterable[RowResult], *, now: datetime, source: str, by: User | None, dry_run: bool
) -> list[RowResult]:
    """Records what the rows of a chunk say of the end of a pregnancy, after the chunk is written.

    - One transaction of events.birth or events.loss for each row, so that no lock of one mother waits for another's.
    - The pregnancy meant is the nearest of the person within 140 days of the row's anchor. Open, or closed without a
      known outcome: the outcome is recorded. The same outcome on record: nothing is written, but that a weight or
      gestation at birth that nobody knew is filled in. Another one, or a refusal of the verb: nothing is written and
      the row gets a doubt. A loss without a day counts from the day of the import.
    - A known row that dates an open pregnancy a week or more differently never dates it again, since registers are
      stale and do not say when a scan was made: doubt `dates_differ`.
    - A dry run asks the verbs too and takes back what they wrote.
    Doubts: outcome_differs, outcome_refused, outcome_unplaced, outcome_elsewhere, dates_differ.
    """
    rows = list(results)
    asked = {row.person_id for row in rows if row.person_id and (row.parsed.ending or row.verdict == "known")}
    pregnancies: dict[int, list[Pregnancy]] = defaultdict(list)
    for pregnancy in Pregnancy.objects.filter(mother_id__in=asked).prefetch_related("children").order_by("pk"):
        pregnancies[pregnancy.mother_id].append(pregnancy)
    clerk = _Clerk(now, source, by, dry_run)
    return [clerk.settle(row, pregnancies.get(row.person_id or 0, [])) for row in rows]


@dataclass(frozen=True)
class _Clerk:
    now: datetime
    source: str
    by: User | None
    dry_run: bool

    def settle(self, row: RowResult, pregnancies: list[Pregnancy]) -> RowResult:
        ending = row.parsed.ending
        if row.verdict == "refused" or (ending is None and row.verdict != "known"):
            return row
        if row.elsewhere:
            return replace(row, doubts=(_elsewhere(),)) if ending else row
        if self.dry_run and (row.person_id is None or row.verdict == "accepted"):
            return replace(row, recorded=ending.kind) if ending and row.verdict == "accepted" else row
        assert row.parsed.anchor_date is not None
        pregnancy = _meant(pregnancies, row.parsed.anchor_date)
        if ending is None:
            doubt = _dates_differ(row, pregnancy)
        elif pregnancy is None:
            doubt = None if _child_on_record(row.person_id, ending) else _unplaced()
        elif not _is_news(pregnancy, ending):
            doubt = _differs(pregnancy, ending)
        else:
            return self._record(row, pregnancy, ending)
        return replace(row, doubts=(doubt,)) if doubt else row

    def _record(self, row: RowResult, pregnancy: Pregnancy, ending: Ending) -> RowResult:
        """Compares once more under the lock, since somebody may have been faster, and calls the verb."""
        try:
            with transaction.atomic():
                lock_pregnancy(pregnancy)
                pregnancy = Pregnancy.objects.get(pk=pregnancy.pk)
                if not _is_news(pregnancy, ending):
                    doubt = _differs(pregnancy, ending)
                    return replace(row, doubts=(doubt,)) if doubt else row
                was_open = _is_open(pregnancy)
                self._call(pregnancy, ending)
                transaction.set_rollback(self.dry_run)
        except Refusal as refusal:
            sentence = _("How the pregnancy ended was not recorded. %(why)s") % {"why": refusal.sentence}
            return replace(row, doubts=(Doubt("outcome_refused", sentence),))
        return replace(row, recorded=ending.kind) if was_open else row

    def _call(self, pregnancy: Pregnancy, ending: Ending) -> None:
        if ending.is_birth:
            assert ending.day is not None
            children = [events.Newborn(weight=weight, gestation=ending.gestation) for weight in ending.weights]
            events.birth(pregnancy, born_on=ending.day, children=children, now=self.now, source=self.source, by=self.by)
        else:
            on = ending.day or local_day(self.now)
            events.loss(pregnancy, kind=ending.kind, on=on, now=self.now, source=self.source, by=self.by)


def _meant(pregnancies: list[Pregnancy], anchor: date) -> Pregnancy | None:
    near = [one for one in pregnancies if abs((one.anchor_date - anchor).days) <= SAME_PREGNANCY_DAYS]
    return min(near, key=lambda one: abs((one.anchor_date - anchor).days), default=None)


def _is_open(pregnancy: Pregnancy) -> bool:
    """Ongoing, or closed without anybody knowing how."""
    return pregnancy.outcome in (Outcome.ONGOING, Outcome.UNKNOWN)


def _is_news(pregnancy: Pregnancy, ending: Ending) -> bool:
    """Whether there is something for the verb to write: the outcome, or what was not known of the same birth."""
    if _is_open(pregnancy):
        return True
    if not (_is_same(pregnancy, ending) and ending.is_birth):
        return False
    children = sorted(pregnancy.children.all(), key=lambda child: child.birth_order)
    unweighed = any(weight and not child.birth_weight for child, weight in zip(children, ending.weights, strict=False))
    return unweighed or any(ending.gestation and not child.gestation_at_birth for child in children)


def _is_same(pregnancy: Pregnancy, ending: Ending) -> bool:
    if pregnancy.outcome != ending.kind or (ending.day and pregnancy.outcome_date != ending.day):
        return False
    return not ending.is_birth or len(ending.weights) <= len(pregnancy.children.all())


def _child_on_record(person_id: int | None, ending: Ending) -> bool:
    """A child registered without its pregnancy."""
    if not ending.is_birth or ending.day is None:
        return False
    return Child.objects.filter(mother_id=person_id, date_of_birth=ending.day).exists()


def _differs(pregnancy: Pregnancy, ending: Ending) -> Doubt | None:
    if _is_same(pregnancy, ending):
        return None
    sentence = _(
        "On record is: %(on_record)s; the file says: %(in_file)s. Nothing was changed; check on her page which of them "
        "is right."
    )
    children = pregnancy.children.all()
    on_record = _said(pregnancy.outcome, pregnancy.outcome_date, len(children))
    return Doubt(
        "outcome_differs",
        sentence % {"on_record": on_record, "in_file": _said(ending.kind, ending.day, len(ending.weights))},
    )


def _said(outcome: str, day: date | None, children: int) -> str:
    """ "Live birth, 05/11/2026, 2 children", as far as it is known."""
    said = [str(Outcome(outcome).label), f"{day:%d/%m/%Y}" if day else ""]
    if children > 1:
        said.append(_("%(count)s children") % {"count": children})
    return ", ".join(part for part in said if part)


def _dates_differ(row: RowResult, pregnancy: Pregnancy | None) -> Doubt | None:
    """Only of an ongoing pregnancy, and of an LMP or EDD: weeks at a visit are counted roughly."""
    anchor = row.parsed.anchor_date
    if pregnancy is None or pregnancy.outcome or anchor is None or row.parsed.anchor_source == "visit":
        return None
    if abs((pregnancy.anchor_date - anchor).days) <= SAME_DATES_DAYS:
        return None
    sentence = _(
        "On record she is due on %(on_record)s, by the file on %(in_file)s. Nothing was changed; if the file is right, "
        "date the pregnancy again on her page."
    )
    due = {"on_record": f"{edd_of(pregnancy.anchor_date):%d/%m/%Y}", "in_file": f"{edd_of(anchor):%d/%m/%Y}"}
    return Doubt("dates_differ", sentence % due)


def _unplaced() -> Doubt:
    return Doubt(
        "outcome_unplaced",
        _("The pregnancy of this row is not on record, so how it ended was not recorded. Check on her page."),
    )


def _elsewhere() -> Doubt:
    return Doubt(
        "outcome_elsewhere",
        _(
            "She is registered at another place, so how the pregnancy ended was not recorded. Ask that station or the "
            "province to record it."
        ),
    )
