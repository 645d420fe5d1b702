"""What is typed for one step of a draft: its words and its plain fields, in the spelling of campaign files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.content.clocks import BIRTH, CALENDAR, CORRECTED, ENROLLMENT, FAMILY, GESTATION, HAND, ROLES, SESSION
from campaigns.content.files import CONDITIONS, FLAGS
from campaigns.content.spelled import TEXTS
from campaigns.content.targets import indicators
from campaigns.models import Campaign, Step
from campaigns.pages.stepwords import FIELDS, wording_name
from campaigns.pages.wording import TOPICS
from recipients.models import Session, Visit

_OFFSETS: dict[str, Promise] = {
    GESTATION: _("Weeks and days of pregnancy, like 12w6d."),
    BIRTH: _("Age: 10d, 2m or 1m20d (months, then days)."),
    CORRECTED: _("Age as if born on the due date, where born before 37 weeks: 2m or 1m20d (months, then days)."),
    ENROLLMENT: _("Days since registration, like 0d or 3d."),
}
_AROUND = _("Days from the day itself, like 2d; before it -2d.")
_HELP: dict[str, Promise] = {
    "key": _("A short name that never changes: small letters, digits and hyphens, like iron-start."),
    "month_day": _("Month and day, like 06-01."),
    "age_from": _("Age on that day, like 6m."),
    "age_until": _("In months, like 36m."),
    "time": _("From 07:30 to 20:30, like 11:45."),
    "group": _("Texts of one group stop together when the visit is recorded. Empty: none."),
    "source": _("Where the rule is written; the reviewer looks it up."),
    "goes_first": _("When the texts a week are too few for all of the campaign, this one goes before the others."),
}
_SIZES = {"source": 60, "group": 40, "key": 60}
_CONDITIONS = {"": _("Everybody"), "low_birth_weight": _("Children born small")}
_CONFIDENCES = (("S", _("The source says it")), ("GK", _("General knowledge, to be confirmed")))


class StepForm(forms.Form):
    """One step. Which fields it has follows from what the campaign is counted from; the verbs decide what is right."""

    def __init__(self, *args: Any, campaign: Campaign, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anchor = campaign.anchor
        readers = FAMILY if anchor in (ENROLLMENT, HAND) else ROLES
        roles = [(role, Step.Role(role).label) for role in readers]
        topics = {campaign.topic: TOPICS.get(campaign.topic, campaign.topic)} | TOPICS
        if is_new:
            self._line("key")
        for name in TEXTS:
            self._words(name)
        if anchor != HAND:
            for name in ("from", "until"):
                self._line(name, _OFFSETS.get(anchor, _AROUND))
        if anchor == CALENDAR:
            self._line("month_day")
        if anchor == SESSION:
            self._choice("service", Session.Service.choices)
        if anchor in (CALENDAR, SESSION):
            self._line("age_from")
            self._line("age_until")
        self._line("time")
        self._choice("role", roles)
        self._choice("catch_up", Step.CatchUp.choices)
        self._choice("topic", topics.items())
        self._line("group", required=False)
        self._choice("visit", [("", _("None")), *Visit.Type.choices], required=False)
        self._choice("condition", [(name, _CONDITIONS[name]) for name in CONDITIONS], required=False)
        self._choice("indicator", [("", _("None")), *((name, name) for name in sorted(indicators()))], required=False)
        self._line("source")
        self._choice("confidence", _CONFIDENCES)
        for name in FLAGS:
            if name != "without_mother" or anchor != GESTATION:
                self.fields[name] = forms.BooleanField(
                    label=str(FIELDS[name]), help_text=str(_HELP.get(name, "")), required=False
                )

    def table(self) -> dict[str, Any]:
        """What was typed, as the table of a file; only the words where nothing else is right yet."""
        return {name: value for name, value in self.cleaned_data.items() if value != "" or name in TEXTS}

    def first_words(self) -> list[forms.BoundField]:
        return [self[name] for name in ("key", *TEXTS[:4]) if name in self.fields]

    def more_words(self) -> list[forms.BoundField]:
        return [self[name] for name in TEXTS[4:]]

    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in ("key", *TEXTS)]

    def _line(self, name: str, help_text: Promise | str = "", *, required: bool = True) -> None:
        self.fields[name] = forms.CharField(
            label=str(FIELDS[name]), help_text=str(help_text or _HELP.get(name, "")), required=required,
            max_length=_SIZES.get(name, 10),
        )  # fmt: skip

    def _choice(self, name: str, choices: Any, *, required: bool = True) -> None:
        self.fields[name] = forms.ChoiceField(label=str(FIELDS[name]), choices=list(choices), required=required)

    def _words(self, name: str) -> None:
        discreet = name.endswith("_discreet")
        self.fields[name] = forms.CharField(
            label=wording_name(name), required=name == "vi", max_length=1000,
            help_text=_("Write = if the text above gives nothing away. Empty: nothing goes to such phones.")
            if discreet else "",
            widget=forms.Textarea(attrs={"rows": 3, "lang": name[:2]}),
        )  # fmt: skip
