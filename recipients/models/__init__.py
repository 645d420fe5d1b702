"""The tables of recipients, one subject a file."""

from recipients.models.care import Session, Task, Visit
from recipients.models.consent import ChangeEvent, Consent
from recipients.models.people import Caregiver, Child, Person, Pregnancy, Worker
from recipients.models.places import AdminUnit, Facility
from recipients.models.users import User

__all__ = [
    "AdminUnit",
    "Caregiver",
    "ChangeEvent",
    "Child",
    "Consent",
    "Facility",
    "Person",
    "Pregnancy",
    "Session",
    "Task",
    "User",
    "Visit",
    "Worker",
]
