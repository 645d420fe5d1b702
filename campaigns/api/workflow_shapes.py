"""What goes in and comes out of the REST of revisions; a step has the fields of a campaign file, spelled alike."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from campaigns.content import checking, editions, nextsteps, review
from campaigns.content.fields import LANGUAGES
from campaigns.content.files import CONFIDENCES, StepFile
from campaigns.content.spelled import table_of
from campaigns.models import Campaign, ReviewEvent, Revision, Step
from recipients.models import User

_SEEN = "The fingerprint that came with the words: shows what you have read."


def _optional(most: int, help_text: str = "") -> serializers.CharField:
    return serializers.CharField(required=False, max_length=most, allow_blank=True, help_text=help_text)


def _step_fields() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "from": _optional(10, 'First day, counted from the anchor of the campaign: "12w6d", "1m20d", "-2d".'),
        "until": _optional(10, "Last day on which it may leave, counted alike."),
        "time": serializers.CharField(max_length=5, help_text='Local, "11:45".'),
        "role": serializers.ChoiceField(Step.Role.choices, required=False),
        "catch_up": serializers.ChoiceField(Step.CatchUp.choices, required=False),
        "topic": serializers.CharField(max_length=20),
        "group": _optional(40), "visit": _optional(14), "condition": _optional(30), "indicator": _optional(20),
        "source": serializers.CharField(max_length=60),
        "confidence": serializers.ChoiceField(CONFIDENCES),
        "month_day": _optional(5), "service": _optional(14), "age_from": _optional(10), "age_until": _optional(10),
        "without_mother": serializers.BooleanField(required=False),
        "goes_first": serializers.BooleanField(
            required=False, help_text="Before the other steps of its campaign where the limits leave no room for all."
        ),
    }  # fmt: skip
    for language in LANGUAGES:
        fields[language] = _optional(1000)
        fields[f"{language}_discreet"] = _optional(1000, 'For phones that others read; "=" repeats the other words.')
    return fields


class _Step(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | _step_fields()


class StepIn(_Step):
    """A new step. Which fields there are follows from the campaign's anchor, as in campaign files."""

    key = serializers.CharField(max_length=60, help_text="Never changes: small letters, digits, hyphens.")


class StepChangeIn(_Step):
    """A step whole, as it shall be."""

    seen = serializers.CharField(max_length=64, help_text=_SEEN)


class StepOut(StepIn):
    """A step with its fingerprint."""

    seen = serializers.CharField(help_text=_SEEN)

    @staticmethod
    def of(step: StepFile, anchor: str) -> dict[str, Any]:
        """One step as it is shown."""
        return table_of(step, anchor) | {"seen": editions.fingerprint_of(step)}


class RevisionOut(serializers.ModelSerializer[Revision]):
    """A revision and where it stands. People by their sign-in names."""

    campaign = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    author = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    reviewer = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    second_reviewer = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)

    class Meta:
        model = Revision
        fields = (
            "id", "campaign", "number", "state", "based_on", "author", "reviewer", "second_reviewer", "created_at",
            "approved_at", "publish_on", "live_at", "retired_at",
        )  # fmt: skip
        read_only_fields = fields


class FindingOut(serializers.Serializer[Any]):
    """What the rules say of a step; with `blocks` review cannot be asked for."""

    step = serializers.CharField()
    rule = serializers.CharField()
    sentence = serializers.CharField(help_text="In English.")
    blocks = serializers.BooleanField()


class RevisionWords(RevisionOut):
    """The same with its words."""

    seen = serializers.CharField(help_text=_SEEN)
    may = serializers.ListField(child=serializers.CharField(), help_text="What your account may do next.")
    steps = StepOut(many=True)
    findings = FindingOut(many=True)

    class Meta(RevisionOut.Meta):
        fields = (*RevisionOut.Meta.fields, "seen", "may", "steps", "findings")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


def words_of(revision: Revision, user: User) -> dict[str, Any]:
    """A revision as RevisionWords describes it."""
    file = editions.file_of(revision)
    return RevisionOut(revision).data | {
        "seen": editions.fingerprint(file),
        "may": sorted(nextsteps.possible(revision, user)),
        "steps": [StepOut.of(step, file.anchor) for step in file.steps],
        "findings": [
            {
                "step": each.step, "rule": each.rule, "sentence": each.sentence,
                "blocks": each.rule in checking.BLOCKING,
            }
            for each in checking.findings(file)
        ],
    }  # fmt: skip


class CampaignOut(serializers.ModelSerializer[Campaign]):
    """A campaign and its revisions, the newest first."""

    revisions = RevisionOut(many=True, read_only=True)

    class Meta:
        model = Campaign
        fields = ("code", "name", "topic", "anchor", "message_class", "priority", "revisions")


class EventOut(serializers.ModelSerializer[ReviewEvent]):
    """One line of the history; `by` is null for what a pass did by itself."""

    revision = serializers.IntegerField(source="revision.number")
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)

    class Meta:
        model = ReviewEvent
        fields = ("at", "by", "revision", "what", "step_key", "comment", "old", "new")


class FieldChangeOut(serializers.Serializer[Any]):
    """A plain field."""

    name = serializers.CharField()
    old = serializers.CharField(allow_blank=True)
    new = serializers.CharField(allow_blank=True)


class PieceOut(serializers.Serializer[Any]):
    """Words in a row: `same`, `added` or `removed`."""

    kind = serializers.CharField()
    words = serializers.CharField()


class TextChangeOut(serializers.Serializer[Any]):
    """One wording in one language."""

    language = serializers.CharField()
    discreet = serializers.BooleanField()
    kind = serializers.CharField()
    old = serializers.CharField(allow_blank=True)
    new = serializers.CharField(allow_blank=True)
    pieces = PieceOut(many=True)


class StepDifference(serializers.Serializer[Any]):
    """A step that differs from the live revision: `added`, `removed` or `changed`."""

    key = serializers.CharField()
    kind = serializers.CharField()
    plain = FieldChangeOut(many=True)
    texts = TextChangeOut(many=True)


class DraftIn(serializers.Serializer[Any]):
    """From which revision; without one from the live one, else from the newest."""

    revision = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**53)


class CommentIn(serializers.Serializer[Any]):
    """Why it comes back."""

    comment = serializers.CharField(max_length=review.LONGEST_COMMENT, help_text="What should change.")


class ApproveIn(serializers.Serializer[Any]):
    """What was read."""

    seen = serializers.CharField(max_length=64, help_text=_SEEN)


class ScheduleIn(serializers.Serializer[Any]):
    """The local day on which it goes live."""

    publish_on = serializers.DateField()
