"""Enrollment, the ledger of due messages, and the planner's memory."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.content import Campaign, Revision, Step
from messaging.models import OutboundMessage
from recipients.models import AdminUnit, Child, Facility, Person, Pregnancy, Visit


class Reason(models.TextChoices):
    """Why a due message waits or was not sent. The first block ends the row, the rest pass with time."""

    ENDED_LOSS = "ended_loss", _("A loss was recorded")
    ENDED_BIRTH = "ended_birth", _("The child is born")
    ENDED_DEATH = "ended_death", _("A death was recorded")
    ENDED_AGE = "ended_age", _("The child is five years old")
    ENDED_UNKNOWN = "ended_unknown", _("The pregnancy was closed, its outcome is not known")
    ENDED_CARE = "ended_care", _("The caregiver no longer cares for the child")
    ENDED_VISIT = "ended_visit", _("The visit was canceled")
    ENDED_UNDONE = "ended_undone", _("The loss was taken back")
    ENDED_BROADCAST = "ended_broadcast", _("The broadcast was stopped")
    RESCHEDULED = "rescheduled", _("Another day was agreed for the visit")
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
    DEAD_NUMBER = "dead_number", _("Texts no longer arrive at the number")
    NOT_AGREED = "not_agreed", _("The mother has not agreed that he receives texts")
    MOTHERS_OWN = "mothers_own", _("Words for the mother herself, and somebody else receives her texts now")
    CANNOT_READ = "cannot_read", _("Cannot read texts; to be told face to face")
    UNCONFIRMED = "unconfirmed", _("The first text to this number, which nobody has confirmed, has not gone yet")
    TOPIC_EXCLUDED = "topic_excluded", _("This topic is excluded for the person")
    PAUSED = "paused", _("Paused")
    NOT_MEANT = "not_meant", _("The step is for other children")
    STEP_REMOVED = "step_removed", _("The step is no longer in the campaign")
    NO_TEXT = "no_text", _("There is no text in a language that applies")
    NO_PARAMETER = "no_parameter", _("A value in the text is not set for the unit")
    NO_ROUTE = "no_route", _("No route takes this message")
    NOT_REGISTERED = "not_registered", _("The words are not registered with the operator")
    NO_TAIL = "no_tail", _("It has to say how to stop, and no words are set for that")
    PREFERRED_TIME = "preferred_time", _("Waits for the preferred time of day")
    QUIET_HOURS = "quiet_hours", _("Outside the sending hours")
    HOLIDAY = "holiday", _("A holiday")
    FREQUENCY_CAP = "frequency_cap", _("Enough texts for a while; it waits its turn")
    NUMBER_CAP = "number_cap", _("Enough texts to this number within 24 hours")
    NUMBER_CHANGED = "number_changed", _("The number has changed")


class Enrollment(models.Model):
    """A person follows a campaign for one pregnancy, child or visit. Derived from facts, never typed in.

    A broadcast may reach somebody who has neither. `anchor` is the campaign's, kept here for the constraints: one
    welcomes a person once, and a broadcast goes to a person once. `occurrence` counts how often a visit was
    rescheduled, so that the reminders of the new day are due again.

    `laid`: it stands on the calendar, counted from its present `anchor_date`; who moves that date takes the mark away,
    and the planner lays it anew. So it does where `planned_revision`, the edition by which it was laid, is another.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrollments", verbose_name=_("person"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments", verbose_name=_("campaign"))
    role = models.CharField(_("role"), max_length=14, choices=Step.Role)
    anchor = models.CharField(_("anchor"), max_length=10, choices=Campaign.Anchor)
    pregnancy = models.ForeignKey(
        Pregnancy, models.PROTECT, null=True, related_name="enrollments", verbose_name=_("pregnancy")
    )
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="enrollments", verbose_name=_("child"))
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="enrollments", verbose_name=_("visit"))
    occurrence = models.PositiveIntegerField(_("occurrence"), default=0)
    anchor_date = models.DateField(_("anchor date"))
    laid = models.BooleanField(_("laid"), default=False)
    planned_revision = models.ForeignKey(
        Revision, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("planned revision")
    )
    active = models.BooleanField(_("active"), default=True)
    ended_reason = models.CharField(_("ended reason"), max_length=16, choices=Reason, blank=True)
    enrolled_at = models.DateTimeField(_("enrolled at"))

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        constraints = [
            models.CheckConstraint(
                condition=Q(pregnancy__isnull=False, child=None, visit=None)
                | Q(pregnancy=None, child__isnull=False, visit=None)
                | Q(pregnancy=None, child=None, visit__isnull=False)
                | Q(pregnancy=None, child=None, visit=None, anchor="broadcast"),
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
            models.UniqueConstraint(
                fields=["person", "campaign", "visit"], condition=Q(visit__isnull=False), name="enrollment_once_a_visit"
            ),
            models.UniqueConstraint(
                fields=["person", "campaign"],
                condition=Q(anchor__in=["enrollment", "broadcast"]),
                name="enrollment_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(active=True, ended_reason="") | (Q(active=False) & ~Q(ended_reason="")),
                name="enrollment_ended_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "anchor_date"], condition=Q(active=True), name="enrollment_to_plan"),
            models.Index(fields=["id"], condition=Q(active=True, laid=False), name="enrollment_to_lay"),
            models.Index(fields=["campaign", "planned_revision"], condition=Q(active=True), name="enrollment_edited"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.campaign}"


class ScheduledMessage(models.Model):
    """The ledger (D3): one row for life for every due message, whatever became of it.

    Waiting rows carry their present reason and `not_before`. A released row points to the text in the gateway and
    is never planned again. Where it was due, for whom, in which stage: copied when planned, so that a report about
    March stays a report about March. `release_number` counts how often it was handed over again after the last
    check took it back, so that each hand-over has a key of its own.
    The same words due to one number on one day (twins) leave once: the rows share the text, whose key is that of the
    row that carried it.
    Each index costs at every write, and most writes only say anew why a row waits (`reason`, `not_before`,
    `decided_at`): none of these is in an index, so PostgreSQL changes no index for them.
    `reader`: who received it in the person's place, a child's main caregiver; None where it went to the person.
    `due_on` is the day that follows from the facts; `due_at` lies earlier where that day and all its window are
    holidays.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RELEASED = "released", _("Released")
        TOLD = "told", _("Told face to face")
        SKIPPED = "skipped", _("Skipped")

    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="ledger", db_index=False, verbose_name=_("enrollment")
    )
    step_key = models.CharField(_("step key"), max_length=60)
    occurrence = models.PositiveIntegerField(_("occurrence"), default=0)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name=_("campaign"))
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", db_index=False, verbose_name=_("revision"))
    # With an index: it is asked when a step of a draft is taken out.
    step = models.ForeignKey(Step, models.PROTECT, related_name="+", verbose_name=_("step"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="ledger", db_index=False, verbose_name=_("person"))
    unit = models.ForeignKey(
        AdminUnit, models.PROTECT, related_name="+", db_index=False, verbose_name=_("administrative unit")
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("facility")
    )
    reader = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="read_for_others", db_index=False, verbose_name=_("reader")
    )
    language = models.CharField(_("language"), max_length=5)
    topic = models.CharField(_("topic"), max_length=20)
    stage = models.CharField(_("stage"), max_length=20)
    due_on = models.DateField(_("due on"))
    due_at = models.DateTimeField(_("due at"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    release_number = models.PositiveSmallIntegerField(_("release number"), default=0)
    sms = models.ForeignKey(OutboundMessage, models.PROTECT, null=True, related_name="scheduled", verbose_name=_("sms"))

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
            models.CheckConstraint(condition=~Q(state="told") | Q(sms=None, reason=""), name="told_is_no_text"),
            models.CheckConstraint(condition=Q(reader=None) | Q(state="released"), name="read_means_handed_over"),
            models.CheckConstraint(condition=Q(last_day__gte=models.F("due_on")), name="last_day_after_due"),
        ]
        indexes = [
            models.Index(fields=["not_before", "due_at"], condition=Q(state="waiting"), name="ledger_to_release"),
            models.Index(fields=["due_on", "unit"], name="ledger_by_day"),
            models.Index(fields=["person", "last_day"], name="ledger_by_person"),
            models.Index(fields=["reader", "last_day"], condition=Q(reader__isnull=False), name="ledger_by_reader"),
        ]

    def __str__(self) -> str:
        return f"{self.step_key}, {self.due_on:%d/%m/%Y}"

    @property
    def key(self) -> str:
        """The gateway's key for the present hand-over: `scheduled:<id>`, after a take-back `scheduled:<id>.<n>`."""
        return f"scheduled:{self.pk}" + (f".{self.release_number}" if self.release_number else "")


class PlannerState(models.Model):
    """What the passes have done. One row; locking it is the planner's lease.

    Through which local day the ledger is planned; when that was done last, on which local day and with which editions,
    sessions and holidays (`planned_for`).

    When every enrollment was compared with the facts last: on which local day, for which live revisions and workers,
    and up to which change of the facts; and through which change those were compared about whom something was
    recorded since, with the runs of numbers below it that nobody had seen yet (`uncompared`).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    planned_through = models.DateField(null=True)
    planned_on = models.DateField(null=True)
    planned_for = models.CharField(max_length=64, blank=True)
    derived_on = models.DateField(null=True)
    derived_for = models.CharField(max_length=64, blank=True)
    derived_event = models.BigIntegerField(default=0)
    compared_event = models.BigIntegerField(default=0)
    uncompared = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_planner_state")]


class Woken(models.Model):
    """Up to where `wake.wake` has looked. One row: on which local day at all that sleeps, and at which moment through
    which changes and statements of consent."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    on = models.DateField()
    at = models.DateTimeField()
    event = models.BigIntegerField()
    consent = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_woken")]


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


class Pause(models.Model):
    """Nothing that matches leaves from `started_at` until `ended_at`. Every scope that is set must match.

    `unit`: it and all below. `substitute`: the key of a step of a live campaign that is sent by hand only, whose
    reviewed words go out instead, once to a person.
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, blank=True, related_name="pauses", verbose_name=_("campaign")
    )
    step_key = models.CharField(_("step"), max_length=60, blank=True)
    topic = models.CharField(_("topic"), max_length=20, blank=True)
    unit = models.ForeignKey(
        AdminUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("administrative unit")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="pauses", verbose_name=_("person")
    )
    substitute = models.CharField(_("text instead"), max_length=60, blank=True)
    why = models.CharField(_("why"), max_length=200)
    started_at = models.DateTimeField(_("since"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(campaign__isnull=False) | ~Q(topic="") | Q(unit__isnull=False) | Q(person__isnull=False),
                name="pause_of_something",
            ),
            models.CheckConstraint(
                condition=Q(step_key="") | Q(campaign__isnull=False), name="paused_step_has_a_campaign"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="pause_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.why


class Broadcast(models.Model):
    """What makes a campaign of the anchor "broadcast": to whom, on which local day, and in an emergency why.

    `audience` is a structured filter (campaigns.schedule.audience).
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="broadcast", verbose_name=_("campaign"))
    send_on = models.DateField(_("day"))
    audience = models.JSONField(_("audience"), default=dict)
    reason = models.CharField(_("reason of the emergency"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        ordering = ["-send_on"]

    def __str__(self) -> str:
        return f"{self.campaign}, {self.send_on:%d/%m/%Y}"
