"""The tables of campaigns: what to say (content), when it was due and what became of it (schedule)."""

from campaigns.models.content import Campaign, Revision, Step, StepText
from campaigns.models.history import ReviewEvent
from campaigns.models.local import Parameter, Target
from campaigns.models.schedule import (
    Broadcast,
    Enrollment,
    Holiday,
    Pause,
    PlannerState,
    Reason,
    ScheduledMessage,
    Woken,
)

__all__ = [
    "Broadcast",
    "Campaign",
    "Enrollment",
    "Holiday",
    "Parameter",
    "Pause",
    "PlannerState",
    "Reason",
    "ReviewEvent",
    "Revision",
    "ScheduledMessage",
    "Step",
    "StepText",
    "Target",
    "Woken",
]
