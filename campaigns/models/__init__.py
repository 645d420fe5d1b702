"""The tables of campaigns: what to say (content), when it was due and what became of it (schedule)."""

from campaigns.models.content import Campaign, Parameter, Revision, Step, StepText
from campaigns.models.schedule import Enrollment, Holiday, PlannerState, Reason, ScheduledMessage

__all__ = [
    "Campaign",
    "Enrollment",
    "Holiday",
    "Parameter",
    "PlannerState",
    "Reason",
    "Revision",
    "ScheduledMessage",
    "Step",
    "StepText",
]
