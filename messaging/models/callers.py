"""Other systems that send through the gateway, and what they are told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.secrets import EncryptedJSONField


class ApiToken(models.Model):
    """The key of another system. The token itself is shown once; only its digest is kept.

    `prefix` is the first part of the token, public: it names the token in logs and begins the keys of its texts.
    """

    class Scope(models.TextChoices):
        SEND = "send", _("send texts")
        READ = "read", _("read what became of its texts")
        OPT_OUTS = "opt_outs", _("read and close numbers")
        HEALTH = "health", _("read how the routes are")

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Of the other system."))
    prefix = models.CharField(_("beginning of the token"), max_length=12, unique=True, editable=False)
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    scopes = models.JSONField(_("may"), default=list)
    per_minute = models.PositiveIntegerField(_("calls a minute"), default=600)
    spent_until = models.DateTimeField(
        _("spent until"),
        null=True,
        editable=False,
        help_text=_("When its allowance of calls is whole again, if it makes no more."),
    )
    callback_url = models.URLField(
        _("address for reports"), blank=True, help_text=_("https; told about every final state and inbound text.")
    )
    inbound_prefixes = models.JSONField(
        _("inbound keywords"),
        default=list,
        blank=True,
        help_text=_("Texts that begin with one of these words are told to it too."),
    )
    secrets = EncryptedJSONField(_("secrets"), default=dict, blank=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.CharField(_("made by"), max_length=150, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("access of another system")
        verbose_name_plural = _("accesses of other systems")

    def __str__(self) -> str:
        return self.name


class Callback(models.Model):
    """Something that a caller is to be told, until its server says that it has it. The row is the queue (D5)."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="callbacks", verbose_name=_("token"))
    kind = models.CharField(_("kind"), max_length=10)
    about = models.CharField(_("about"), max_length=80, help_text=_("The id of the text and its state: told once."))
    payload = models.JSONField(_("payload"))
    made_at = models.DateTimeField(_("made at"))
    next_at = models.DateTimeField(_("next at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("report to another system")
        verbose_name_plural = _("reports to other systems")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["status", "inbound"]), name="callback_kind_known"),
            models.UniqueConstraint(fields=["token", "kind", "about"], name="callback_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at=None, given_up_at=None), name="callback_to_tell")
        ]
