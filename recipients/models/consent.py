"""What a person agreed to, and every change that a verb made: two append-only tables."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.people import Child, Person, Pregnancy


class Source(models.TextChoices):
    """By which door a fact came in."""

    PAGE = "page", _("A page")
    API = "api", _("Another system")
    IMPORT = "import", _("A spreadsheet")
    KEYWORD = "keyword", _("An SMS")
    ADMIN = "admin", _("The administration")
    COMMAND = "command", _("A command")


class Consent(models.Model):
    """One statement about one purpose; the newest row of a person and purpose is in force.

    No row at all means not asked: silence is not consent (Law 91/2025/QH15).
    """

    class Purpose(models.TextChoices):
        MESSAGES = "messages", _("Receive messages")
        HEALTH_DATA = "health_data", _("Use of health stage data")

    class State(models.TextChoices):
        GIVEN = "given", _("Given")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ASK_AGAIN = "ask_again", _("To be asked again")

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents", verbose_name=_("person"))
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, default=Purpose.MESSAGES)
    state = models.CharField(_("state"), max_length=10, choices=State)
    method = models.CharField(_("method"), max_length=10, choices=Source)
    wording_version = models.CharField(_("version of the wording"), max_length=20, default="2026-11")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "purpose", "-id"], name="consent_in_force"),
            models.Index(
                fields=["person"],
                condition=models.Q(purpose="messages", state="ask_again"),
                name="consent_to_ask_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.get_state_display()}"


class ChangeEvent(models.Model):
    """What a verb changed: the old and the new facts, by which door, by whom, when."""

    class What(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        PREGNANCY = "pregnancy", _("Pregnancy added")
        CHILD = "child", _("Child added")
        CAREGIVER = "caregiver", _("Caregiver added")
        DETAILS = "details", _("Details changed")
        REDATED = "redated", _("Gestation dated again")
        BIRTH = "birth", _("Birth")
        LOSS = "loss", _("Loss")
        DEATH = "death", _("Death")
        NUMBER = "number", _("Number changed")
        STOPPED = "stopped", _("Messages stopped")
        RESUMED = "resumed", _("Messages resumed")
        VISIT = "visit", _("Visit recorded")
        PLANNED = "planned", _("Visit planned")
        CANCELED = "canceled", _("Visit canceled")
        UNDONE = "undone", _("Taken back")
        MOVED = "moved", _("Moved to another commune")
        LANGUAGE = "language", _("Language of the texts changed")
        CARE_ENDED = "care_ended", _("Care ended")
        MAIN = "main", _("Main recipient changed")
        CONFIRMED = "confirmed", _("Number confirmed")
        WORKER = "worker", _("Staff role changed")
        TOLD = "told", _("Told face to face")
        TASK = "task", _("Task done")
        CONDOLENCE = "condolence", _("Condolence offered")
        ANSWERED = "answered", _("Answered by SMS")

    what = models.CharField(_("what"), max_length=12, choices=What)
    person = models.ForeignKey(Person, models.PROTECT, related_name="changes", verbose_name=_("person"))
    pregnancy = models.ForeignKey(
        Pregnancy, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("pregnancy")
    )
    child = models.ForeignKey(
        Child, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("child")
    )
    old = models.JSONField(_("before"), default=dict)
    new = models.JSONField(_("after"), default=dict)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_what_display()}, {self.at:%d/%m/%Y}"
