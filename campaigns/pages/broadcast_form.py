"""What is typed for a broadcast: the words, the audience, the day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.models import Broadcast
from campaigns.pages.asking import day_field, number_field
from campaigns.schedule import audience, broadcast
from messaging.models import MessageClass
from recipients.areas import units_visible_to
from recipients.models import AdminUnit, Person, User

GROUPS = (
    (audience.PREGNANT, _("Pregnant women")),
    (audience.CHILDREN, _("Mothers of children under five")),
    (audience.EVERYBODY, _("Everybody who is registered")),
)
PART_FIELDS = {"weeks": "weeks_from", "months": "months_from"}
"""Where a refusal of a part of the audience is shown."""
_HELP = _("You may write {ten} for the given name, {coso} and {sdt} for the station, {hotline} for the hotline.")


def _text(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=1000, widget=widget)


class BroadcastForm(forms.Form):
    """One text, its audience and its day. The verbs decide what is right."""

    name = forms.CharField(label=_("Name for the list"), max_length=80)
    vi = _text(_("Text in Vietnamese"), required=True, help_text=_HELP)
    discreet_vi = _text(
        _("Text for phones that others read"),
        help_text=_("Says nothing that others may not know. Empty: nothing goes to shared phones."),
    )
    who = forms.ChoiceField(label=_("For whom?"), choices=GROUPS, widget=forms.RadioSelect, initial=audience.PREGNANT)
    weeks_from = number_field(_("From week of pregnancy"), 0, audience.LAST_WEEK)
    weeks_to = number_field(_("to week"), 0, audience.LAST_WEEK)
    months_from = number_field(_("From month of age"), 0, audience.LAST_MONTH)
    months_to = number_field(_("to month"), 0, audience.LAST_MONTH)
    units = forms.ModelMultipleChoiceField(
        AdminUnit.objects.none(),
        label=_("Where?"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Each unit with everything below it. None chosen: your whole area."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Only those who read"), choices=Person.Language, required=False, widget=forms.CheckboxSelectMultiple
    )
    occupation = forms.CharField(label=_("Only this occupation"), required=False, max_length=60)
    tags = forms.CharField(
        label=_("Only with one of these programme tags"), required=False, max_length=300,
        help_text=_("Separated by commas."),
    )  # fmt: skip
    send_on = day_field(_("Day"))
    send_time = forms.TimeField(
        label=_("Time of day"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), initial="09:00"
    )
    until_days = forms.IntegerField(
        label=_("May still leave for how many days?"), min_value=0, max_value=broadcast.LONGEST_WINDOW, initial=2,
        help_text=_("Who has had enough texts that day gets it on a later one."),
    )  # fmt: skip
    message_class = forms.ChoiceField(
        label=_("Class"), choices=[(each.value, each.label) for each in broadcast.CLASSES],
        initial=MessageClass.SERVICE,
        help_text=_("An emergency passes the cap and the sending hours. It needs a reason and two reviewers."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason of the emergency"), required=False, max_length=300)
    en = _text(_("Text in English"))
    discreet_en = _text(_("The same for phones that others read"))
    km = _text(_("Text in Khmer"))
    discreet_km = _text(_("The same for phones that others read"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = self.fields["units"]
        assert isinstance(units, forms.ModelMultipleChoiceField)
        opens, closes = settings.SEND_HOURS["service"]
        self.fields["send_time"].help_text = _("From %(opens)s to %(closes)s, except in an emergency.") % {
            "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}",
        }  # fmt: skip
        levels = (AdminUnit.Level.PROVINCE, AdminUnit.Level.COMMUNE)
        units.queryset = (
            units_visible_to(user).filter(valid_to=None, level__in=levels).order_by("-level", "search_name")
        )

    def audience(self) -> dict[str, Any]:
        """The filter as campaigns.schedule.audience takes it. Half a range is filled up to its end."""
        data = self.cleaned_data
        asked: dict[str, Any] = {
            "who": data.get("who"), "units": [unit.code for unit in data.get("units", [])],
            "languages": data.get("languages", []), "occupation": data.get("occupation", ""),
            "tags": data.get("tags", "").split(","),
        }  # fmt: skip
        for part, last in (("weeks", audience.LAST_WEEK), ("months", audience.LAST_MONTH)):
            first, end = data.get(f"{part}_from"), data.get(f"{part}_to")
            if first is not None or end is not None:
                asked[part] = [first or 0, last if end is None else end]
        return asked

    def facts(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        plain = ("name", "send_on", "send_time", "until_days", "message_class", "reason")
        return {name: data[name] for name in plain} | {
            "audience": self.audience(),
            "texts": {language: data.get(language, "") for language in ("vi", "en", "km")},
            "discreet": {language: data.get(f"discreet_{language}", "") for language in ("vi", "en", "km")},
        }

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "vi", "discreet_vi")]

    def other_languages(self) -> list[forms.BoundField]:
        return [self[name] for name in ("en", "discreet_en", "km", "discreet_km")]

    def audience_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("units", "languages", "occupation", "tags")]

    def time_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("send_on", "send_time", "until_days", "message_class", "reason")]


def initial_of(row: Broadcast) -> dict[str, Any]:
    """A draft as the form shows it."""
    step = broadcast.revision_of(row).steps.get()
    who = row.audience
    found: dict[str, Any] = {
        "name": str(row.campaign), "send_on": row.send_on, "send_time": step.send_time, "until_days": step.until_days,
        "message_class": row.campaign.message_class, "reason": row.reason, "who": who["who"],
        "units": AdminUnit.objects.filter(code__in=audience.codes(who), valid_to=None),
        "languages": who.get("languages", []), "occupation": who.get("occupation", ""),
        "tags": ", ".join(who.get("tags", [])),
    }  # fmt: skip
    for part in ("weeks", "months"):
        if part in who:
            found[f"{part}_from"], found[f"{part}_to"] = who[part]
    for text in broadcast.texts_of(row):
        found |= {text.language: text.body, f"discreet_{text.language}": text.discreet_body}
    return found
