"""Campaigns, their revisions, steps and texts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.sealed import SealedRow
from messaging.models import MessageClass
from recipients.models import Session, Visit


class Campaign(models.Model):
    """A timeline of texts about one topic, counted from one kind of date."""

    class Anchor(models.TextChoices):
        """What the days of a campaign are counted from."""

        GESTATION = "gestation", _("Weeks of gestation")
        BIRTH = "birth", _("Age of the child")
        CORRECTED = "corrected", _("Corrected age of the child")
        VISIT = "visit", _("Planned date of a visit")
        CALENDAR = "calendar", _("Days of the year, for children of an age")
        SESSION = "session", _("The station's next session day")
        ENROLLMENT = "enrollment", _("The day of registration")
        BROADCAST = "broadcast", _("One day, once")
        HAND = "hand", _("Nothing: sent by hand only")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.JSONField(_("name"), help_text=_("By language."))
    description = models.JSONField(_("description"), default=dict, blank=True)
    topic = models.CharField(_("topic"), max_length=20)
    anchor = models.CharField(_("counted from"), max_length=10, choices=Anchor)
    message_class = models.CharField(_("class"), max_length=12, choices=MessageClass, default=MessageClass.SERVICE)
    priority = models.SmallIntegerField(_("priority"), default=50, help_text=_("The smallest goes first."))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["priority", "code"]

    def __str__(self) -> str:
        return self.name.get("vi") or self.code

    def newest(self) -> "Revision | None":
        """Its latest revision that nobody has discarded."""
        return self.revisions.exclude(state=Revision.State.DISCARDED).order_by("-number").first()


class Revision(SealedRow, models.Model):
    """One edition of a campaign. Once live it never changes; a change is the next revision.

    `based_on`: the revision that a draft was copied from. `publish_on`: the local day on which an approved one goes
    live by itself. A discarded draft stays, as everything that somebody wrote.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        LIVE = "live", _("Live")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="revisions", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("based on")
    )
    checksum = models.CharField(
        _("checksum"), max_length=64, help_text=_("Of the file that it was loaded from."), blank=True
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewer")
    )
    second_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("An emergency needs two."), verbose_name=_("second reviewer"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    publish_on = models.DateField(_("to be published on"), null=True, blank=True)
    live_at = models.DateTimeField(_("live since"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["campaign", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["campaign"], condition=Q(state="live"), name="one_live_revision"),
            models.CheckConstraint(
                condition=Q(publish_on=None) | Q(state="approved"), name="only_the_approved_has_a_date"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "live", "retired"]) | Q(reviewer__isnull=False),
                name="approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(reviewer=None) | ~Q(author=F("reviewer")),
                name="not_approved_by_its_author",
            ),
            models.CheckConstraint(
                condition=Q(second_reviewer=None) | (~Q(second_reviewer=F("reviewer")) & Q(reviewer__isnull=False)),
                name="two_reviewers_are_two",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(second_reviewer=None) | ~Q(author=F("second_reviewer")),
                name="not_seconded_by_its_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} #{self.number}"

    def revision_state(self) -> str:
        return Revision.objects.values_list("state", flat=True).get(pk=self.pk)


class Step(SealedRow, models.Model):
    """One place on the timeline. The day is `from_months` calendar months and then `from_days` days after the
    anchor (gestation: days only; before it: negative days); `until_*`, counted alike, is the last day on which it may
    still leave.

    A step of a calendar campaign has its `month_day`, the anchor within each year, one of a session campaign its
    `service`. Both say for children of which age: from `age_from_months` and `age_from_days` on, and before
    `age_until_months` (0: no end), on that day.
    `without_mother`: the words name neither mother nor breastfeeding, so they may go on after her death.
    `goes_first`: where not everything of its campaign finds room in a day and a week, before the other steps.
    """

    class Role(models.TextChoices):
        MOTHER = "mother", _("Mother")
        HUSBAND = "husband", _("Husband")
        GRANDMOTHER = "grandmother", _("Grandmother")
        OTHER = "other", _("Other caregiver")
        VILLAGE_WORKER = "village_worker", _("Village health worker")
        STATION = "station", _("Station staff")

    class CatchUp(models.TextChoices):
        SKIP = "skip", _("Skip it")
        SEND_LATEST = "send_latest", _("Send the latest of its topic")
        ALWAYS = "always", _("Send it always")

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="steps", verbose_name=_("revision"))
    key = models.SlugField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    from_months = models.PositiveSmallIntegerField(_("from months"), default=0)
    from_days = models.SmallIntegerField(_("from days"), default=0)
    until_months = models.PositiveSmallIntegerField(_("until months"), default=0)
    until_days = models.SmallIntegerField(_("until days"), default=0)
    month_day = models.CharField(_("day of the year"), max_length=5, blank=True, help_text=_("MM-DD"))
    service = models.CharField(_("service"), max_length=14, choices=Session.Service, blank=True)
    age_from_months = models.PositiveSmallIntegerField(_("age from months"), default=0)
    age_from_days = models.PositiveSmallIntegerField(_("age from days"), default=0)
    age_until_months = models.PositiveSmallIntegerField(_("age until months"), default=0)
    without_mother = models.BooleanField(_("may go on after the mother's death"), default=False)
    goes_first = models.BooleanField(_("goes first where not all find room"), default=False)
    send_time = models.TimeField(_("time of day"))
    role = models.CharField(_("to whom"), max_length=14, choices=Role, default=Role.MOTHER)
    catch_up = models.CharField(_("for late entrants"), max_length=12, choices=CatchUp, default=CatchUp.SKIP)
    topic = models.CharField(_("topic"), max_length=20)
    group = models.CharField(_("group"), max_length=40, blank=True)
    visit_type = models.CharField(_("visit that silences it"), max_length=14, choices=Visit.Type, blank=True)
    condition = models.CharField(_("condition"), max_length=30, blank=True)
    indicator = models.CharField(_("indicator"), max_length=20, blank=True)
    source = models.CharField(_("source of the clinical rule"), max_length=60, blank=True)
    confidence = models.CharField(_("confidence"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["revision", "position"]
        constraints = [models.UniqueConstraint(fields=["revision", "key"], name="step_key_once")]

    def __str__(self) -> str:
        return self.key

    def revision_state(self) -> str:
        return Revision.objects.values_list("state", flat=True).get(pk=self.revision_id)


class StepText(SealedRow, models.Model):
    """The words of a step in one language. The form without diacritics is derived, never stored."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="texts", verbose_name=_("step"))
    language = models.CharField(_("language"), max_length=5)
    body = models.TextField(_("text"))
    discreet_body = models.TextField(_("discreet text"), blank=True)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(fields=["step", "language"], name="text_once_a_language"),
            models.CheckConstraint(condition=~Q(body=""), name="text_not_empty"),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    def revision_state(self) -> str:
        return Revision.objects.values_list("state", flat=True).get(steps=self.step_id)
