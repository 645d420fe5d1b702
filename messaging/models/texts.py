"""Texts that go out, what is reported about them, and texts that come in."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from messaging.models.callers import ApiToken
from messaging.models.routes import MessageClass, Route, RouteTemplate
from messaging.statuses import FINAL, Status

STATUS_NAMES = [
    (Status.QUEUED.value, _("Queued")),
    (Status.SENDING.value, _("Sending")),
    (Status.UNKNOWN.value, _("Not known")),
    (Status.SENT.value, _("Sent")),
    (Status.FAILED.value, _("Failed")),
    (Status.UNDELIVERED.value, _("Undelivered")),
    (Status.EXPIRED.value, _("Expired")),
    (Status.DELIVERED.value, _("Delivered")),
    (Status.CANCELED.value, _("Canceled")),
]
TOLD_OF = sorted(status.value for status in (*FINAL, Status.UNKNOWN))
"""The states of its texts that another system is told of: every end, and that nobody can say any more."""


class OutboundMessage(models.Model):
    """One text to one number, for life. The row is the queue (D5); `status` only moves forward (D8)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=80, help_text=_("The caller's name for it: idempotency."))
    to = models.CharField(_("to"), max_length=16)
    body = models.TextField(_("text"))
    tail = models.CharField(
        _("tail"), max_length=80, blank=True, default="", help_text=_("What the gateway put after the caller's words.")
    )
    says_stop = models.BooleanField(
        _("says stop"), default=False, help_text=_("It says how to stop, in the tail or in its own words.")
    )
    language = models.CharField(
        _("language"), max_length=5, blank=True, default="", help_text=_("Of the caller's words: for the tail.")
    )
    stop_values = models.JSONField(
        _("stop values"), null=True, help_text=_("What the caller gave for the places in a tail.")
    )
    encoding = models.CharField(_("encoding"), max_length=5)
    segments = models.PositiveSmallIntegerField(_("segments"))
    message_class = models.CharField(_("class"), max_length=12, choices=MessageClass, default=MessageClass.SERVICE)
    priority = models.SmallIntegerField(_("priority"), default=50)
    status = models.CharField(_("status"), max_length=12, choices=STATUS_NAMES, default=Status.QUEUED)
    route = models.ForeignKey(Route, models.PROTECT, related_name="messages", db_index=False, verbose_name=_("route"))
    template = models.ForeignKey(
        RouteTemplate, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("template")
    )
    caller = models.ForeignKey(
        ApiToken, models.PROTECT, null=True, related_name="messages", db_index=False, verbose_name=_("caller")
    )
    lease = models.UUIDField(_("lease"), null=True)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    provider_id = models.CharField(_("provider's id"), max_length=80, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_detail = models.CharField(_("error in the provider's words"), max_length=300, blank=True)
    operator = models.CharField(_("operator in the report"), max_length=20, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=4, null=True)
    send_after = models.DateTimeField(_("not before"))
    expires_at = models.DateTimeField(_("not after"), null=True)
    queued_at = models.DateTimeField(_("queued at"))
    sending_at = models.DateTimeField(_("sending at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    final_at = models.DateTimeField(_("final at"), null=True)
    told = models.CharField(
        _("told"), max_length=12, blank=True, default="", help_text=_("The last state that its caller was told.")
    )

    class Meta:
        verbose_name = _("outbound message")
        verbose_name_plural = _("outbound messages")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="outbound_key_once"),
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
            models.Index(fields=["final_at"], condition=Q(final_at__isnull=False), name="outbound_ended"),
            models.Index(
                fields=["caller", "-queued_at", "-id"], condition=Q(caller__isnull=False), name="outbound_of_caller"
            ),
            models.Index(
                fields=["caller", "id"],
                condition=Q(caller__isnull=False, status__in=TOLD_OF) & ~Q(told=F("status")),
                name="outbound_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.to}"

    @property
    def words(self) -> str:
        """What the caller wanted said: the text without what the gateway put after it."""
        return words_of(self.body, self.tail)


def words_of(body: str, tail: str) -> str:
    """A text without the tail that the gateway put after it."""
    return body.removesuffix(tail) if tail else body


class Attempt(models.Model):
    """One call to a provider that was not answered with a yes. The yes is the text itself (`sent_at`, `route`)."""

    message = models.ForeignKey(
        OutboundMessage, models.CASCADE, related_name="failed_attempts", verbose_name=_("message")
    )
    route = models.ForeignKey(Route, models.PROTECT, related_name="+", verbose_name=_("route"))
    at = models.DateTimeField(_("at"))
    code = models.CharField(_("error"), max_length=40)
    detail = models.CharField(_("error in the provider's words"), max_length=300, blank=True)
    answer = models.TextField(_("answer of the provider"), blank=True, help_text=_("As it came, in JSON; perhaps cut."))
    taken = models.CharField(_("whether the provider has it"), max_length=5, help_text=_('"no" or "maybe"'))

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("failed attempts")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(taken__in=["no", "maybe"]), name="attempt_taken_known")]

    def __str__(self) -> str:
        return self.code


class Receipt(models.Model):
    """A delivery report as it came. Stored first, understood later; never changed but for being applied.

    `received_at` may lie ahead for reports that the sandbox hands over early; they are applied when it has come.
    """

    route = models.ForeignKey(Route, models.PROTECT, related_name="receipts", db_index=False, verbose_name=_("route"))
    payload = models.JSONField(_("payload"))
    message_id_given = models.UUIDField(
        _("message id given"), null=True, help_text=_("Our id, when the address or payload carried it.")
    )
    provider_id = models.CharField(_("provider id"), max_length=80, blank=True)
    message = models.ForeignKey(
        OutboundMessage, models.PROTECT, null=True, related_name="receipts", verbose_name=_("message")
    )
    status = models.CharField(_("status"), max_length=12, blank=True)
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        verbose_name = _("delivery receipt")
        verbose_name_plural = _("delivery receipts")
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at=None), name="receipt_to_apply"),
            models.Index(fields=["route", "provider_id"], condition=Q(message=None), name="receipt_unmatched"),
        ]


class InboundMessage(models.Model):
    """A text from a number, stored once."""

    route = models.ForeignKey(Route, models.PROTECT, related_name="inbound", verbose_name=_("route"))
    number = models.CharField(_("from"), max_length=16)
    to = models.CharField(_("to"), max_length=16, blank=True)
    body = models.TextField(_("text"))
    provider_id = models.CharField(_("provider id"), max_length=80)
    received_at = models.DateTimeField(_("received at"))
    action = models.CharField(_("understood as"), max_length=16, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True)
    for_staff = models.BooleanField(_("for staff"), default=False, help_text=_("A person has to read it."))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=150, blank=True, help_text=_("A user's name."))
    note = models.CharField(_("what came of it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("inbound message")
        verbose_name_plural = _("inbound messages")
        constraints = [models.UniqueConstraint(fields=["route", "provider_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at=None), name="inbound_to_handle"),
            models.Index(
                fields=["received_at"], condition=Q(for_staff=True, settled_at=None), name="inbound_for_staff"
            ),
            models.Index(fields=["number", "received_at"]),
            models.Index(fields=["received_at"], name="inbound_by_time"),
        ]
