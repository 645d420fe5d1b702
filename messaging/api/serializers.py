"""What the gateway's API takes and says."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from messaging import submissions
from messaging.models import MessageClass, OutboundMessage
from messaging.models.texts import STATUS_NAMES
from messaging.statuses import FINAL

MOST = 1000
"""Texts, ids or keys in one call."""
LONGEST = 2000
"""Characters of one text; what a route takes of them is its own matter."""


class TextIn(serializers.Serializer[Any]):
    """A text to send. The same `key` again answers the text as it stands and sends nothing."""

    key = serializers.CharField(
        max_length=submissions.LONGEST_KEY, help_text="Your own name for it, unique among your texts, for ever."
    )
    to = serializers.CharField(max_length=40, help_text="The number as people write it: 0912 345 678, +84912345678.")
    text = serializers.CharField(max_length=LONGEST, help_text="Diacritics stay; the answer says how many segments.")
    message_class = serializers.ChoiceField(MessageClass.choices, default=MessageClass.SERVICE.value)
    language = serializers.RegexField(
        r"^[a-z]{2,3}$", required=False, default="", allow_blank=True,
        help_text="Of the text, like `vi` or `en`: the words that say how to stop are in it, where the route has them.",
    )  # fmt: skip
    priority = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="The smallest goes first.")
    send_after = serializers.DateTimeField(required=False, allow_null=True, default=None)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="After this moment it must not arrive."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        until, since = attrs["expires_at"], attrs["send_after"]
        if until is not None and until <= max(timezone.now(), since or until.min.replace(tzinfo=until.tzinfo)):
            raise serializers.ValidationError(
                {"expires_at": _("The text would be over before it may leave. Give it a later end.")}
            )
        return attrs


class MessageOut(serializers.ModelSerializer[OutboundMessage]):
    """A text of yours and what has become of it."""

    key = serializers.SerializerMethodField()
    text = serializers.CharField(source="body", help_text="As it goes out, label and how to stop included.")
    status = serializers.ChoiceField(STATUS_NAMES)
    final = serializers.SerializerMethodField(help_text="Nothing more is expected, but a late report may correct it.")
    cost_estimate = serializers.SerializerMethodField(help_text="By the price of the route, in `currency`.")
    currency = serializers.CharField(source="route.currency")

    class Meta:
        model = OutboundMessage
        fields = (
            "id", "key", "to", "text", "message_class", "priority", "status", "final", "encoding", "segments",
            "cost_estimate", "cost", "currency", "error_code", "operator", "send_after", "expires_at", "queued_at",
            "sent_at", "final_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_key(self, message: OutboundMessage) -> str:
        return submissions.own_key(message)

    def get_final(self, message: OutboundMessage) -> bool:
        return message.status in FINAL

    def get_cost_estimate(self, message: OutboundMessage) -> str:
        return f"{submissions.estimate(message):f}"


class BatchIn(serializers.Serializer[Any]):
    messages = TextIn(many=True, allow_empty=False, max_length=MOST)  # type: ignore[call-arg]


class BatchResult(serializers.Serializer[Any]):
    """What became of one text of a batch; `status_code` is what it would have been answered alone."""

    key = serializers.CharField(allow_null=True)
    status_code = serializers.ChoiceField([200, 201, 400, 409, 422])
    message = MessageOut(allow_null=True)
    code = serializers.CharField(help_text="Empty where it was taken.")
    sentence = serializers.CharField()
    field = serializers.CharField(allow_null=True)


class BatchOut(serializers.Serializer[Any]):
    results = BatchResult(many=True)


class WhichIn(serializers.Serializer[Any]):
    """Texts of yours, by the ids that we gave or by your own keys; at most 1,000 together."""

    ids = serializers.ListField(child=serializers.UUIDField(), default=list, max_length=MOST)
    keys = serializers.ListField(
        child=serializers.CharField(max_length=submissions.LONGEST_KEY), default=list, max_length=MOST
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not 0 < len(attrs["ids"]) + len(attrs["keys"]) <= MOST:
            raise serializers.ValidationError(_("Name 1 to 1,000 texts, by ids or by keys."))
        return attrs


class FoundOut(serializers.Serializer[Any]):
    messages = MessageOut(many=True)
    missing_ids = serializers.ListField(child=serializers.UUIDField())
    missing_keys = serializers.ListField(child=serializers.CharField())
