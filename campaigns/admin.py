"""The plain administration of campaigns: reading the ledger, setting holidays, moving a revision on."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.content import review
from campaigns.models import (
    Broadcast,
    Campaign,
    Enrollment,
    Holiday,
    Parameter,
    Pause,
    Revision,
    ScheduledMessage,
    Step,
    StepText,
    Target,
)
from recipients.errors import Refusal
from recipients.models import User

Verb = Callable[[Revision, User, datetime], Revision]


class ReadOnly(admin.ModelAdmin):
    """Looked at, never typed into: the rows are written by verbs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SeenByReviewers(admin.ModelAdmin):
    """Officers and clinical reviewers with staff status see it without a permission of their own: by their role."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or _reviews(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) or _reviews(request)


def _reviews(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.role in (User.Role.OFFICER, User.Role.CLINICAL)


class OfDraft(SeenByReviewers):
    """Words: open while the revision is a draft, then for reading only; a deletion is a new revision without them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, Step | StepText) and obj.revision_state() != Revision.State.DRAFT:
            return False
        return super().has_change_permission(request, obj)


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ["code", "__str__", "anchor", "message_class", "priority"]
    readonly_fields = ["code", "name", "description", "topic", "anchor", "message_class"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Revision)
class RevisionAdmin(SeenByReviewers, ReadOnly):
    list_display = ["campaign", "number", "state", "author", "reviewer", "second_reviewer", "created_at", "live_at"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign", "author", "reviewer", "second_reviewer"]
    actions = ["submit", "send_back", "approve", "second", "publish", "retire"]

    @admin.action(description=_("Ask for review"))
    def submit(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.submit)

    @admin.action(description=_("Return to draft"))
    def send_back(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.return_)

    @admin.action(description=_("Approve"))
    def approve(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.approve)

    @admin.action(description=_("Approve as the second person (emergency)"))
    def second(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.second)

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.publish)

    @admin.action(description=_("Retire"))
    def retire(self, request: HttpRequest, revisions: QuerySet[Revision]) -> None:
        self._each(request, revisions, review.retire)

    def _each(self, request: HttpRequest, revisions: QuerySet[Revision], verb: Verb) -> None:
        assert isinstance(request.user, User)
        for revision in revisions:
            try:
                moved = verb(revision, request.user, timezone.now())
            except Refusal as refusal:
                self.message_user(request, f"{revision}: {refusal.sentence}", messages.ERROR)
            else:
                self.message_user(request, f"{moved}: {moved.get_state_display()}", messages.SUCCESS)


@admin.register(Step)
class StepAdmin(OfDraft):
    list_display = ["key", "revision", "role", "topic", "send_time", "catch_up"]
    list_filter = ["revision__campaign", "revision__state", "role"]
    list_select_related = ["revision__campaign"]
    search_fields = ["key"]
    readonly_fields = ["revision", "key", "position"]


@admin.register(StepText)
class StepTextAdmin(OfDraft):
    list_display = ["step", "language", "body"]
    list_filter = ["language", "step__revision__campaign", "step__revision__state"]
    list_select_related = ["step"]
    search_fields = ["body", "step__key"]
    readonly_fields = ["step", "language"]


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
