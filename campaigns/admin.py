"""The plain administration of campaigns: reading words and ledger, setting holidays."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from campaigns.models import (
    Broadcast,
    Campaign,
    Enrollment,
    Holiday,
    Parameter,
    Pause,
    ReviewEvent,
    Revision,
    ScheduledMessage,
    Step,
    StepText,
    Target,
)


class ReadOnly(admin.ModelAdmin):
    """Looked at, never typed into: the rows are written by verbs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ["code", "__str__", "anchor", "message_class", "priority"]
    readonly_fields = ["code", "name", "description", "topic", "anchor", "message_class"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Revision)
class RevisionAdmin(ReadOnly):
    """Written, reviewed and published on the campaigns' pages, by the verbs."""

    list_display = ["campaign", "number", "state", "author", "reviewer", "second_reviewer", "created_at", "live_at"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign", "author", "reviewer", "second_reviewer"]


@admin.register(ReviewEvent)
class ReviewEventAdmin(ReadOnly):
    list_display = ["revision", "what", "step_key", "comment", "by", "at"]
    list_filter = ["what", "revision__campaign"]
    list_select_related = ["revision__campaign", "by"]
    date_hierarchy = "at"


@admin.register(Step)
class StepAdmin(ReadOnly):
    list_display = ["key", "revision", "role", "topic", "send_time", "catch_up"]
    list_filter = ["revision__campaign", "revision__state", "role"]
    list_select_related = ["revision__campaign"]
    search_fields = ["key"]


@admin.register(StepText)
class StepTextAdmin(ReadOnly):
    list_display = ["step", "language", "body"]
    list_filter = ["language", "step__revision__campaign", "step__revision__state"]
    list_select_related = ["step"]
    search_fields = ["body", "step__key"]


@admin.register(Parameter)
class ParameterAdmin(ReadOnly):
    """Set and ended on the page "Parameters", by the verbs."""

    list_display = ["name", "unit", "value", "valid_from", "valid_to", "set_by"]
    list_filter = ["name"]
    list_select_related = ["unit", "set_by"]
    search_fields = ["name", "unit__name", "unit__code", "value"]


@admin.register(Target)
class TargetAdmin(ReadOnly):
    """Loaded from its file by load_reference."""

    list_display = ["indicator", "name_vi", "area", "plan", "year", "comparator", "value", "unit"]
    list_filter = ["plan", "area"]


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    list_display = ["day", "name"]
    date_hierarchy = "day"


@admin.register(Pause)
class PauseAdmin(ReadOnly):
    """Made and ended on the page "Pauses", by the verbs."""

    list_display = ["why", "campaign", "step_key", "topic", "unit", "started_at", "started_by", "ended_at"]
    list_filter = ["topic", "campaign"]
    list_select_related = ["campaign", "unit", "started_by"]
    date_hierarchy = "started_at"


@admin.register(Broadcast)
class BroadcastAdmin(ReadOnly):
    """Written, reviewed and stopped on the page "Broadcasts", by the verbs."""

    list_display = ["campaign", "send_on", "reason", "made_by", "stopped_at"]
    list_select_related = ["campaign", "made_by"]
    date_hierarchy = "send_on"


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnly):
    list_display = ["campaign", "role", "anchor_date", "active", "ended_reason"]
    list_filter = ["campaign", "role", "active", "ended_reason"]
    list_select_related = ["campaign"]


@admin.register(ScheduledMessage)
class ScheduledMessageAdmin(ReadOnly):
    list_display = ["step_key", "due_at", "state", "reason", "unit", "language"]
    list_filter = ["state", "reason", "campaign", "language"]
    list_select_related = ["unit"]
    date_hierarchy = "due_on"
