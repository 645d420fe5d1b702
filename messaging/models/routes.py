"""Routes to the operators, with what they charge, take and how they are."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.secrets import EncryptedJSONField


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
    operators = models.JSONField(
        _("operators"), default=list, blank=True, help_text=_('Like "Viettel"; empty: every operator.')
    )
    encodings = models.JSONField(
        _("encodings"), default=list, blank=True, help_text=_('"GSM-7", "UCS-2"; empty: both.')
    )
    most_segments = models.PositiveSmallIntegerField(
        _("most segments"), null=True, blank=True, help_text=_("A longer text takes another route. Empty: no limit.")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=0,
        help_text=_("Of routes with the same order those with a weight share the texts by it; without, the cheapest."),
    )
    registered_only = models.BooleanField(
        _("registered texts only"), default=False, help_text=_("The operator sends only texts registered with it.")
    )
    tail = models.CharField(
        _("how to stop"),
        max_length=70,
        blank=True,
        help_text=_(
            "Words at the end of a text that say how to stop; empty: those of the deployment. {hotline} stands for the "
            "number of the person's own area."
        ),
    )
    tails = models.JSONField(
        _("how to stop, in other languages"),
        default=dict,
        blank=True,
        help_text=_('By the language of the text, like {"en": "To stop, call 1800 1234"}; else the words above.'),
    )
    report_trust = models.JSONField(
        _("trust in delivery reports"),
        default=dict,
        blank=True,
        help_text=_('By operator, "*" for the others: "handset", "network" or "none"; empty: handset.'),
    )
    resend_doubtful = models.BooleanField(
        _("send doubtful texts again"), default=False, help_text=_("A second copy is then possible.")
    )
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
    holder = models.UUIDField(null=True, help_text="The pass that sends on the route now.")
    held_until = models.DateTimeField(null=True)


class RouteHealth(models.Model):
    """How a route is: since when it fails, until when it rests, whether a person paused it."""

    route = models.OneToOneField(Route, models.CASCADE, primary_key=True, related_name="health")
    paused = models.BooleanField(_("paused"), default=False, help_text=_("Nothing leaves by it."))
    draining = models.BooleanField(
        _("draining"), default=False, help_text=_("It takes no new text and sends what it has.")
    )
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)


class RouteTemplate(models.Model):
    """A text as registered with the operators of a route; parameters are written {1}, {2}, {3}."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        REGISTERED = "registered", _("registered")
        REJECTED = "rejected", _("rejected")
        EXPIRED = "expired", _("expired")

    route = models.ForeignKey(Route, models.CASCADE, related_name="templates", verbose_name=_("route"))
    name = models.CharField(_("name"), max_length=80, help_text=_("Ours: which text it is."))
    code = models.CharField(_("operator's code"), max_length=60, blank=True)
    body = models.TextField(
        _("text"), help_text=_("The whole text, label and tail too, with {1}, {2}, {3} where values stand.")
    )
    samples = models.JSONField(_("samples"), default=list, blank=True, help_text=_("A value for each place."))
    message_class = models.CharField(_("class"), max_length=12, choices=MessageClass, default=MessageClass.SERVICE)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SUBMITTED)
    note = models.CharField(_("operator's answer"), max_length=200, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    valid_to = models.DateField(_("registered until"), null=True, blank=True)

    class Meta:
        verbose_name = _("registered text")
        verbose_name_plural = _("registered texts")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["route", "body"], name="template_once")]

    def __str__(self) -> str:
        return self.name
