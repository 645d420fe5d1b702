"""Enrollment, the ledger of due messages, and the planner's memory."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.content import Campaign, Revision, Step
from messaging.models import OutboundMessage
from recipients.models import AdminUnit, Child, Facility, Person, Pregnancy


class Reason(models.TextChoices):
    """Why a due message waits or was not sent. The first block ends the row, the rest pass with time."""

    ENDED_LOSS = "ended_loss", _("A loss was recorded")
    ENDED_BIRTH = "ended_birth", _("The child is born")
    ENDED_DEATH = "ended_death", _("A death was recorded")
    ENDED_AGE = "ended_age", _("The child is five years old")
    ENDED_UNKNOWN = "ended_unknown", _("The pregnancy was closed, its outcome is not known")
    ENDED_CARE = "ended_care", _("The caregiver no longer cares for the child")
    VISIT_DONE = "visit_done", _("The visit has taken place")
    LATE = "late", _("Its last day has passed")
    LATE_ENTRY = "late_entry", _("Registered after its day")
    SUPERSEDED = "superseded", _("A later text of the topic goes instead")
    COVERED = "covered", _("The same text already goes to this number")

    REDATED = "redated", _("Its day is being counted again")
    HOLD = "hold", _("Past the due date without a recorded outcome")
    OPTED_OUT = "opted_out", _("The number is closed")
    NO_CONSENT = "no_consent", _("No consent")
    NO_PHONE = "no_phone", _("No mobile number")
    TOPIC_EXCLUDED = "topic_excluded", _("This topic is excluded for the person")
    PAUSED = "paused", _("The campaign is paused")
    STEP_REMOVED = "step_removed", _("The step is no longer in the campaign")
    NO_TEXT = "no_text", _("There is no text in a language that applies")
    NO_PARAMETER = "no_parameter", _("A value in the text is not set for the unit")
    NO_ROUTE = "no_route", _("No route takes this message")
    QUIET_HOURS = "quiet_hours", _("Outside the sending hours")
    HOLIDAY = "holiday", _("A holiday")
    FREQUENCY_CAP = "frequency_cap", _("Enough texts for a while; it waits its turn")
    NUMBER_CHANGED = "number_changed", _("The number has changed")


class Enrollment(models.Model):
    """A person follows a campaign for one pregnancy or one child. Derived from facts, never typed in.

    `planned_anchor` and `planned_revision` are what the planner has caught up with; where they differ from the
    present ones the enrollment is planned again.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrollments")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments")
    role = models.CharField(max_length=12, choices=Step.Role)
    pregnancy = models.ForeignKey(Pregnancy, models.PROTECT, null=True, related_name="enrollments")
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="enrollments")
    anchor_date = models.DateField()
    planned_anchor = models.DateField(null=True)
    planned_revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+")
    active = models.BooleanField(default=True)
    ended_reason = models.CharField(max_length=16, choices=Reason, blank=True)
    enrolled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        constraints = [
            models.CheckConstraint(
                condition=Q(pregnancy=None, child__isnull=False) | Q(pregnancy__isnull=False, child=None),
                name="enrollment_for_exactly_one",
            ),
            models.UniqueConstraint(
                fields=["person", "campaign", "pregnancy"],
                condition=Q(pregnancy__isnull=False),
                name="enrollment_once_a_pregnancy",
            ),
            models.UniqueConstraint(
                fields=["person", "campaign", "child"], condition=Q(child__isnull=False), name="enrollment_once_a_child"
            ),
            models.CheckConstraint(
                condition=Q(active=True, ended_reason="") | (Q(active=False) & ~Q(ended_reason="")),
                name="enrollment_ended_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "anchor_date"], condition=Q(active=True), name="enrollment_to_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.campaign}"


class ScheduledMessage(models.Model):
    """The ledger (D3): one row for life for every due message, whatever became of it.

    Waiting rows carry their present reason and `not_before`. A released row points to the text in the gateway and
    is never planned again. Where it was due, for whom, in which stage: copied when planned, so that a report about
    March stays a report about March. `release_number` counts how often it was handed over again after the last
    check took it back, so that each hand-over has a key of its own.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RELEASED = "released", _("Released")
        SKIPPED = "skipped", _("Skipped")

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="ledger")
    step_key = models.CharField(max_length=60)
    occurrence = models.PositiveIntegerField(default=0)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    step = models.ForeignKey(Step, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="ledger")
    unit = models.ForeignKey(AdminUnit, models.PROTECT, related_name="+")
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=5)
    topic = models.CharField(max_length=20)
    stage = models.CharField(max_length=16)
    due_on = models.DateField()
    due_at = models.DateTimeField()
    last_day = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    not_before = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    release_number = models.PositiveSmallIntegerField(default=0)
    sms = models.OneToOneField(OutboundMessage, models.PROTECT, null=True, related_name="scheduled")

    class Meta:
        verbose_name = _("due message")
        verbose_name_plural = _("due messages")
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "step_key", "occurrence"], name="due_once_for_life"),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(sms__isnull=False, reason=""), name="released_means_handed_over"
            ),
            models.CheckConstraint(condition=~Q(state="skipped") | ~Q(reason=""), name="skipped_with_a_reason"),
            models.CheckConstraint(condition=~Q(state="waiting") | Q(sms=None), name="waiting_is_not_handed_over"),
            models.CheckConstraint(condition=Q(last_day__gte=models.F("due_on")), name="last_day_after_due"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="ledger_to_release"),
            models.Index(fields=["due_on", "unit"], name="ledger_by_day"),
            models.Index(fields=["person", "due_on"], name="ledger_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.step_key}, {self.due_on:%d/%m/%Y}"

    @property
    def key(self) -> str:
        """The gateway's key for the present hand-over: `scheduled:<id>`, after a take-back `scheduled:<id>.<n>`."""
        return f"scheduled:{self.pk}" + (f".{self.release_number}" if self.release_number else "")


class PlannerState(models.Model):
    """Through which local day the ledger is planned. One row; locking it is the planner's lease."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    planned_through = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_planner_state")]


class Holiday(models.Model):
    """A local day on which nothing routine is sent."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"
