"""A loss that was told by SMS and not yet looked into: while the station's task is open, nothing routine leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns.models import Pause, ScheduledMessage
from messaging.models import MessageClass
from recipients.models import Caregiver, Person, Task


def held(rows: Sequence[ScheduledMessage], to: Mapping[int, Person], at: datetime | None = None) -> dict[int, Pause]:
    """The rows (from `facts.with_facts`; `to` says who receives each) that are held, each with a pause in words.

    - For a woman with an open task LOSS_TOLD: what is about her, to whomever it goes; what goes to her; what goes to
      those who care for her pregnancy or child, whatever it is about; and what goes to anybody on her phone.
    - An emergency is not held. The pause follows from the task and is not stored: it ends with the task, when the loss
      is recorded or the station says that it was a mistake.
    - `at`: as it was at a moment in the past.
    Three queries when such a task is open anywhere, one when none is.
    """
    open_then = Q(done_at=None) if at is None else Q(opened_at__lte=at) & (Q(done_at=None) | Q(done_at__gte=at))
    tasks = Task.objects.filter(open_then, kind=Task.Kind.LOSS_TOLD).order_by("pk")
    told: dict[int, datetime] = dict(tasks.values_list("person", "opened_at"))
    if not told:
        return {}
    people, phones = _household(told)
    found = {}
    for row in rows:
        if row.campaign.message_class == MessageClass.EMERGENCY:
            continue
        reader = to[row.pk]
        since = told.get(getattr(row, "mother", None) or 0) or people.get(row.person_id) or people.get(reader.pk)
        since = since or phones.get(reader.phone or "")
        if since is not None:
            found[row.pk] = Pause(person=row.person, why=_("A loss was told by SMS"), started_at=since)
    return found


def is_told(pause: Pause) -> bool:
    """Whether a pause is one of these, not one that somebody made."""
    return pause.pk is None


def _household(told: Mapping[int, datetime]) -> tuple[dict[int, datetime], dict[str, datetime]]:
    """Since when nothing goes to whom, by person and by number."""
    people = dict(told)
    carers = Caregiver.objects.filter(
        Q(pregnancy__mother__in=told) | Q(child__mother__in=told), ended_on=None
    ).annotate(mother=Coalesce("pregnancy__mother", "child__mother"))
    for person, mother in carers.values_list("person", "mother"):
        people.setdefault(person, told[mother])
    mothers = Person.objects.filter(pk__in=told, phone__isnull=False).values_list("pk", "phone")
    return people, {str(phone): told[pk] for pk, phone in mothers}
