"""What was done to a revision, by whom, when: written by the verbs of content, never rewritten."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.content import Revision


class ReviewEvent(models.Model):
    """One thing that somebody (or a pass, then `by` is empty) did to a revision.

    `step_key` and `old` / `new` where words or fields of one step changed; `comment` where somebody said why.
    """

    class What(models.TextChoices):
        DRAFTED = "drafted", _("Draft made")
        CHANGED = "changed", _("Step changed")
        ADDED = "added", _("Step added")
        REMOVED = "removed", _("Step removed")
        SUBMITTED = "submitted", _("Review asked for")
        WITHDRAWN = "withdrawn", _("Taken back by a writer")
        RETURNED = "returned", _("Returned to draft")
        APPROVED = "approved", _("Approved")
        SECONDED = "seconded", _("Approved by a second person")
        SCHEDULED = "scheduled", _("Publication set to a date")
        UNSCHEDULED = "unscheduled", _("Date of publication taken away")
        PUBLISHED = "published", _("Published")
        HELD = "held", _("Not published on its date")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="events", verbose_name=_("revision"))
    what = models.CharField(_("what"), max_length=12, choices=What)
    step_key = models.CharField(_("step"), max_length=60, blank=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    old = models.JSONField(_("before"), default=dict)
    new = models.JSONField(_("after"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("event of a revision")
        verbose_name_plural = _("events of revisions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.revision}: {self.get_what_display()}"
