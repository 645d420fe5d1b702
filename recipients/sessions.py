"""The days on which a station offers a service to all children who are old enough."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from recipients.errors import Refusal
from recipients.models import Facility, Session


@transaction.atomic
def set_session(facility: Facility, *, service: str, day: date) -> Session:
    """The station offers the service on the day. The same again comes back as it is.

    Refusals: invalid (an unknown service), facility_ended (the facility no longer exists on that day).
    """
    if service not in Session.Service:
        raise Refusal("invalid", _("This service is not known. Choose one of the list."), field="service")
    if day < facility.valid_from or (facility.valid_to is not None and day > facility.valid_to):
        raise Refusal(
            "facility_ended", _("This facility does not exist on that day. Choose another one."), field="facility"
        )
    session, _made = Session.objects.get_or_create(facility=facility, service=service, day=day)
    return session


@transaction.atomic
def cancel_session(session: Session) -> None:
    """The session does not take place. What was to remind of it counts from the next one."""
    session.delete()


def upcoming(facility: Facility, today: date) -> QuerySet[Session]:
    """The sessions of a facility from `today` on, the nearest first."""
    return Session.objects.filter(facility=facility, day__gte=today).order_by("day", "service")
