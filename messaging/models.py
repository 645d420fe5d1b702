"""The tables of the gateway. A number is its only idea of a person, `key` its only idea of a caller."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.secrets import EncryptedJSONField
from messaging.statuses import Status


class MessageClass(models.TextChoices):
    """The legal class of a text (Decree 91/2020/ND-CP); it decides label, hours and route."""

    SERVICE = "service", _("Service")
    SOCIAL = "social", _("Social policy")
    PROMOTIONAL = "promotional", _("Promotional")
    EMERGENCY = "emergency", _("Emergency")


class Route(models.Model):
    """One way out to the operators: a provider with a sender, its price and its speed."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    provider = models.CharField(_("provider"), max_length=20)
    sender = models.CharField(_("sender"), max_length=20, blank=True, help_text=_("Brand name or number."))
    settings = EncryptedJSONField(_("settings"), default=dict, blank=True)
    prefixes = models.JSONField(
        _("number prefixes"), default=list, blank=True, help_text=_("Like +8491; empty: every number.")
    )
    message_classes = models.JSONField(_("message classes"), default=list, blank=True, help_text=_("Empty: all."))
    rate = models.FloatField(_("segments per second"), default=20)
    concurrency = models.PositiveSmallIntegerField(_("calls at a time"), default=16)
    price = models.DecimalField(_("price per segment"), max_digits=10, decimal_places=4, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    report_timeout = models.PositiveIntegerField(_("hours until a text without a report counts as unknown"), default=72)
    priority = models.SmallIntegerField(_("order"), default=10, help_text=_("The smallest is tried first."))
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0), name="route_rate_above_zero"),
            models.CheckConstraint(condition=Q(concurrency__gte=1), name="route_concurrency_above_zero"),
        ]

    def __str__(self) -> str:
        return self.name


class RouteBucket(models.Model):
    """The token bucket of a route, in segments (D6). May be in debt."""

    route = models.OneToOneField(Route, models.CASCADE, primary_key=True, related_name="bucket")
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(null=True)


class RouteHealth(models.Model):
    """How a route is: since when it fails, until when it rests, whether a person paused it."""

    route = models.OneToOneField(Route, models.CASCADE, primary_key=True, related_name="health")
    paused = models.BooleanField(_("paused"), default=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)


class OutboundMessage(models.Model):
    """One text to one number, for life. The row is the queue (D5); `status` only moves forward (D8)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=80, unique=True, help_text="The caller's name for it: idempotency.")
    to = models.CharField(_("to"), max_length=16)
    body = models.TextField(_("text"))
    encoding = models.CharField(_("encoding"), max_length=5)
    segments = models.PositiveSmallIntegerField(_("segments"))
    message_class = models.CharField(_("class"), max_length=12, choices=MessageClass, default=MessageClass.SERVICE)
    priority = models.SmallIntegerField(_("priority"), default=50)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices(), default=Status.QUEUED)
    route = models.ForeignKey(Route, models.PROTECT, related_name="messages")
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    provider_id = models.CharField(_("provider's id"), max_length=80, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_detail = models.CharField(_("error in the provider's words"), max_length=300, blank=True)
    operator = models.CharField(_("operator in the report"), max_length=20, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=4, null=True)
    send_after = models.DateTimeField(_("not before"))
    expires_at = models.DateTimeField(_("not after"), null=True)
    queued_at = models.DateTimeField(_("queued at"))
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    final_at = models.DateTimeField(_("final at"), null=True)

    class Meta:
        verbose_name = _("outbound message")
        verbose_name_plural = _("outbound messages")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(Status)), name="outbound_status_known"),
            models.CheckConstraint(condition=Q(to__startswith="+"), name="outbound_to_is_e164"),
            models.CheckConstraint(condition=Q(segments__gte=1), name="outbound_has_text"),
        ]
        indexes = [
            models.Index(
                fields=["route", "priority", "send_after"], condition=Q(status="queued"), name="outbound_to_claim"
            ),
            models.Index(fields=["leased_until"], condition=Q(status="sending"), name="outbound_in_doubt"),
            models.Index(fields=["sent_at"], condition=Q(status="sent"), name="outbound_awaiting_report"),
            models.Index(fields=["route", "provider_id"], condition=~Q(provider_id=""), name="outbound_by_provider_id"),
            models.Index(fields=["to", "queued_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.to}"


class Receipt(models.Model):
    """A delivery report as it came. Stored first, understood later; never changed but for being applied.

    `received_at` may lie ahead for reports that the sandbox hands over early; they are applied when it has come.
    """

    route = models.ForeignKey(Route, models.PROTECT, related_name="receipts")
    payload = models.JSONField()
    message_id_given = models.UUIDField(null=True, help_text="Our id, when the address or payload carried it.")
    provider_id = models.CharField(max_length=80, blank=True)
    message = models.ForeignKey(OutboundMessage, models.PROTECT, null=True, related_name="receipts")
    status = models.CharField(max_length=12, blank=True)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery receipt")
        verbose_name_plural = _("delivery receipts")
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at=None), name="receipt_to_apply"),
            models.Index(fields=["route", "provider_id"], condition=Q(message=None), name="receipt_unmatched"),
        ]


class InboundMessage(models.Model):
    """A text from a number, stored once."""

    route = models.ForeignKey(Route, models.PROTECT, related_name="inbound")
    number = models.CharField(_("from"), max_length=16)
    to = models.CharField(_("to"), max_length=16, blank=True)
    body = models.TextField(_("text"))
    provider_id = models.CharField(max_length=80)
    received_at = models.DateTimeField(_("received at"))
    action = models.CharField(_("understood as"), max_length=16, blank=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("inbound message")
        verbose_name_plural = _("inbound messages")
        constraints = [models.UniqueConstraint(fields=["route", "provider_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at=None), name="inbound_to_handle"),
            models.Index(fields=["number", "received_at"]),
        ]


class OptOut(models.Model):
    """A closed number. Open again when `ended_at` is set; the history stays."""

    number = models.CharField(_("number"), max_length=16)
    source = models.CharField(_("how"), max_length=10)
    started_at = models.DateTimeField(_("closed at"))
    ended_at = models.DateTimeField(_("open again at"), null=True, blank=True)

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [models.UniqueConstraint(fields=["number"], condition=Q(ended_at=None), name="opt_out_once")]


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

    prefix = models.CharField(_("prefix"), max_length=8, help_text="E.164, like +8491.")
    operator = models.CharField(_("operator"), max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("operator prefix")
        verbose_name_plural = _("operator prefixes")
        constraints = [models.UniqueConstraint(fields=["prefix", "valid_from"], name="operator_prefix_once")]
