"""What the gateway knows about numbers: closed ones, operators, words that people send."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OptOut(models.Model):
    """A closed number. Open again when `ended_at` is set; the history stays."""

    number = models.CharField(_("number"), max_length=16)
    source = models.CharField(_("how"), max_length=10)
    started_at = models.DateTimeField(_("closed at"))
    ended_at = models.DateTimeField(_("open again at"), null=True, blank=True)
    followed_at = models.DateTimeField(
        _("followed at"),
        null=True,
        editable=False,
        help_text=_("When the application above has drawn what follows from the closing."),
    )

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [models.UniqueConstraint(fields=["number"], condition=Q(ended_at=None), name="opt_out_once")]
        indexes = [models.Index(fields=["id"], condition=Q(followed_at=None), name="opt_out_to_follow")]


class Keyword(models.Model):
    """A word that a text may begin with, and what it asks for. Upper case, no diacritics, single spaces."""

    word = models.CharField(_("word"), max_length=30, unique=True)
    action = models.CharField(_("action"), max_length=16)
    language = models.CharField(_("language"), max_length=5)

    class Meta:
        verbose_name = _("keyword")
        verbose_name_plural = _("keywords")


class OperatorPrefix(models.Model):
    """Which operator was given a number prefix. A guess only: numbers are portable since 2018-11-16."""

    prefix = models.CharField(_("prefix"), max_length=8, help_text=_("E.164, like +8491."))
    operator = models.CharField(_("operator"), max_length=20)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("operator prefix")
        verbose_name_plural = _("operator prefixes")
        constraints = [models.UniqueConstraint(fields=["prefix", "valid_from"], name="operator_prefix_once")]


class Phone(models.Model):
    """What delivery reports told about a number: whose network it is on, and whether texts still arrive."""

    number = models.CharField(_("number"), max_length=16, primary_key=True)
    operator = models.CharField(_("operator in the reports"), max_length=20, blank=True)
    operator_at = models.DateTimeField(_("operator at"), null=True)
    failures = models.PositiveSmallIntegerField(
        _("days with a failure for good"), default=0, help_text=_("In a row, at most one a day.")
    )
    failed_on = models.DateField(_("failed on"), null=True)
    last_error = models.CharField(_("last error"), max_length=40, blank=True)
    dead_since = models.DateTimeField(_("dead since"), null=True, blank=True)
    proven_at = models.DateTimeField(
        _("works, as of"), null=True, help_text=_("By a delivery, a text from it or a person; older failures are void.")
    )

    class Meta:
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        indexes = [models.Index(fields=["dead_since"], condition=Q(dead_since__isnull=False), name="phone_dead")]

    def __str__(self) -> str:
        return self.number


class OperatorOutage(models.Model):
    """A time in which nearly everything to one operator failed: nothing is held against its numbers."""

    operator = models.CharField(_("operator"), max_length=20)
    started_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    tried = models.PositiveIntegerField(_("tried"), default=0)

    class Meta:
        verbose_name = _("outage of an operator")
        verbose_name_plural = _("outages of operators")
        constraints = [models.UniqueConstraint(fields=["operator"], condition=Q(ended_at=None), name="outage_once")]
