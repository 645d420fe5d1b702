"""Visits and session dates: anchors of reminders, facts that silence them; and what a station has to do."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recipients.models.people import Child, Person, Pregnancy
from recipients.models.places import Facility


class Visit(models.Model):
    """A planned or attended contact with a health facility, of one pregnancy or one child.

    `rescheduled` counts how often another day was agreed: reminders of the new day are an occasion of their own.
    """

    class Type(models.TextChoices):
        ANC1 = "anc1", _("Antenatal visit 1")
        ANC2 = "anc2", _("Antenatal visit 2")
        ANC3 = "anc3", _("Antenatal visit 3")
        ANC4 = "anc4", _("Antenatal visit 4")
        ANC_MORE = "anc_more", _("Further antenatal visit")
        DELIVERY = "delivery", _("Delivery")
        POSTNATAL = "postnatal", _("Postnatal visit")
        IMMUNISATION = "immunisation", _("Immunisation")
        GROWTH = "growth", _("Growth check")

    pregnancy = models.ForeignKey(
        Pregnancy, models.CASCADE, null=True, blank=True, related_name="visits", verbose_name=_("pregnancy")
    )
    child = models.ForeignKey(
        Child, models.CASCADE, null=True, blank=True, related_name="visits", verbose_name=_("child")
    )
    type = models.CharField(_("type"), max_length=14, choices=Type)
    planned_date = models.DateField(_("planned on"), null=True, blank=True)
    rescheduled = models.PositiveSmallIntegerField(_("rescheduled"), default=0, editable=False)
    attended_date = models.DateField(_("attended on"), null=True, blank=True)
    canceled_on = models.DateField(_("canceled on"), null=True, blank=True)
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, verbose_name=_("facility"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["planned_date", "attended_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pregnancy=None, child__isnull=False) | Q(pregnancy__isnull=False, child=None),
                name="visit_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=Q(planned_date__isnull=False) | Q(attended_date__isnull=False), name="visit_has_a_date"
            ),
            models.CheckConstraint(
                condition=Q(attended_date=None) | Q(canceled_on=None), name="visit_attended_or_canceled"
            ),
        ]
        indexes = [
            models.Index(fields=["pregnancy", "type"]),
            models.Index(fields=["child", "type"]),
            models.Index(
                fields=["planned_date"], condition=Q(attended_date=None, canceled_on=None), name="visit_to_come"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}"


class Session(models.Model):
    """A day on which a station offers a service to all children who are old enough."""

    class Service(models.TextChoices):
        IMMUNISATION = "immunisation", _("Immunisation")
        VITAMIN_A = "vitamin_a", _("Vitamin A")
        GROWTH = "growth", _("Weighing and measuring")

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="sessions", verbose_name=_("facility"))
    service = models.CharField(_("service"), max_length=14, choices=Service)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["facility", "service", "day"], name="session_once")]

    def __str__(self) -> str:
        return f"{self.get_service_display()}, {self.day:%d/%m/%Y}"


class Task(models.Model):
    """Something that the station has to do for a person. Opened and closed by verbs (recipients.worklist).

    While a task of the kind LOSS_TOLD is open, nothing routine about the person leaves, to anybody.
    """

    class Kind(models.TextChoices):
        LOSS_TOLD = "loss_told", _("A loss was told by SMS")
        LOSS = "loss", _("Visit after a loss")
        CALL_BACK = "call_back", _("Asks to be called")
        BIRTH_TOLD = "birth_told", _("A birth was told by SMS")
        WRONG_NUMBER = "wrong_number", _("Wrong number: ask for the right one")
        DEAD_NUMBER = "dead_number", _("Texts no longer arrive at the number")
        OVERDUE = "overdue", _("Past the due date, no birth recorded")
        ASK_AGAIN = "ask_again", _("Ask whether messages are still wanted")
        TELL = "tell", _("Tell face to face")
        CONFIRM = "confirm", _("Confirm the number")
        MISSED_VISIT = "missed_visit", _("A planned visit was missed")

    person = models.ForeignKey(Person, models.PROTECT, related_name="tasks", verbose_name=_("person"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("to be done until"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )
    note = models.CharField(_("result"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], condition=Q(done_at=None), name="open_task_once"),
        ]
        indexes = [models.Index(fields=["kind"], condition=Q(done_at=None), name="open_tasks_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"
