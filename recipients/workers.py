"""Staff who get notices about the people of a unit: appointed and dismissed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.history import record
from recipients.locks import lock
from recipients.models import AdminUnit, ChangeEvent, Person, User, Worker
from recipients.names import clean_text


@transaction.atomic
def appoint(
    person: Person, *, role: str, unit: AdminUnit, village: str = "", now: datetime, source: str,
    by: User | None = None,
) -> Worker:  # fmt: skip
    """From now on she hears of the people of the unit; with `village`, of that village only.

    Appointed for the same already: the row comes back as it is. Whether she receives texts is her own consent.
    Refusals: invalid, unit_ended, died.
    """
    lock(person)
    if person.died_on is not None:
        raise Refusal("died", _("A death is recorded for this person. Choose somebody else."), conflict=True)
    if unit.valid_to is not None and unit.valid_to < local_day(now):
        raise Refusal("unit_ended", _("This commune no longer exists. Choose the one it became part of."), field="unit")
    village = clean_text(village)
    present = Worker.objects.filter(person=person, role=role, unit=unit, village=village, ended_on=None).first()
    if present is not None:
        return present
    worker = Worker(person=person, role=role, unit=unit, village=village, registered_at=now)
    clean_or_refuse(worker, ["role", "village"])
    worker.save(force_insert=True)
    new = {"role": role, "unit": unit.code, "village": village}
    record(ChangeEvent.What.WORKER, person, now=now, source=source, by=by, new=new)
    return worker


@transaction.atomic
def dismiss(worker: Worker, *, now: datetime, source: str, by: User | None = None) -> Worker:
    """She no longer works there; no more notices from today on. Dismissed already: nothing."""
    person = lock(worker.person)
    lock(worker)
    if worker.ended_on is None:
        worker.ended_on = local_day(now)
        worker.save(update_fields=["ended_on"])
        old = {"role": worker.role, "unit": worker.unit.code, "village": worker.village, "ended_on": None}
        new = {"ended_on": worker.ended_on}
        record(ChangeEvent.What.WORKER, person, now=now, source=source, by=by, old=old, new=new)
    return worker
