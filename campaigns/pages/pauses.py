"""Pauses: what is held now, hold something after hearing in words what that means, and let it go on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.models import Campaign, Pause, Step
from campaigns.pages.asking import attempt, user_of
from campaigns.pages.wording import topic_word
from campaigns.schedule import pauses
from campaigns.templatetags.wording import campaign_name
from recipients.areas import may_see_names, people_visible_to, units_visible_to
from recipients.errors import Refusal
from recipients.models import AdminUnit, Person, User

ENDED_SHOWN = 20


class PauseForm(forms.Form):
    """The scopes: each one that is chosen must match."""

    what = forms.ChoiceField(
        label=gettext_lazy("Which texts?"),
        required=False,
        help_text=gettext_lazy("A whole campaign or one text of it; empty for all of them."),
    )
    topic = forms.ChoiceField(
        label=gettext_lazy("Only a topic"),
        required=False,
        help_text=gettext_lazy("In every campaign. For example iron tablets, when the stations have run out of them."),
    )
    unit = forms.ModelChoiceField(
        AdminUnit.objects.none(),
        label=gettext_lazy("Where?"),
        required=False,
        help_text=gettext_lazy("The unit and everything below it."),
    )
    substitute = forms.ChoiceField(
        label=gettext_lazy("Text instead"),
        required=False,
        help_text=gettext_lazy("An approved text that goes out once to each person instead."),
    )
    why = forms.CharField(
        label=gettext_lazy("Why?"), max_length=200, help_text=gettext_lazy("In a few words; colleagues read it.")
    )

    def __init__(self, *args: Any, user: User, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        levels = (AdminUnit.Level.PROVINCE, AdminUnit.Level.COMMUNE)
        unit.queryset = units_visible_to(user).filter(valid_to=None, level__in=levels).order_by("-level", "search_name")
        unit.initial = user.unit
        unit.empty_label = str(_("My whole area"))
        if person is not None:
            del self.fields["unit"]
        self._choose("what", [("", _("All texts")), *_campaign_choices()])
        self._choose("topic", [("", _("Every topic")), *[(topic, topic_word(topic)) for topic in pauses.topics()]])
        instead = [(step.key, _first_words(step)) for step in pauses.substitutes()]
        self._choose("substitute", [("", _("None: nothing goes out")), *instead])
        if not instead:
            del self.fields["substitute"]

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def scopes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        code, _slash, step_key = data.get("what", "").partition("/")
        return {
            "campaign": Campaign.objects.filter(code=code).first() if code else None, "step_key": step_key,
            "topic": data.get("topic", ""), "unit": data.get("unit"), "person": self.person,
            "substitute": data.get("substitute", ""), "why": data["why"],
        }  # fmt: skip


@login_required
def pauses_page(request: HttpRequest) -> HttpResponse:
    """What is held now, and what was."""
    user = user_of(request)
    visible = pauses.visible_to(user)
    held = [(pause, words(pause), pauses.may_change(pause, user)) for pause in visible.filter(ended_at=None)]
    ended = visible.filter(ended_at__isnull=False).order_by("-ended_at")[:ENDED_SHOWN]
    context = {
        "held": held, "ended": [(pause, words(pause)) for pause in ended], "may_pause": pauses.may_pause(user),
    }  # fmt: skip
    return render(request, "campaigns/pauses.html", context)


@login_required
def pause_new(request: HttpRequest) -> HttpResponse:
    """The form, then the same in words with a count of people, then it is done."""
    user = user_of(request)
    asked = request.GET.get("person")
    person = get_object_or_404(people_visible_to(user), pk=asked if asked.isdecimal() else None) if asked else None
    if not pauses.may_pause(user) and not (person is not None and may_see_names(user)):
        raise PermissionDenied(
            _("Your role cannot pause campaigns. Ask a communication officer, or pause one person on her page.")
        )
    start = {"what": request.GET.get("campaign", "")}
    form = PauseForm(request.POST if request.method == "POST" else None, user=user, person=person, initial=start)
    context: dict[str, Any] = {"form": form, "person": person}
    if not form.is_valid():
        return render(request, "campaigns/pause_form.html", context, status=422 if form.errors else 200)
    scopes = form.scopes()
    if person is None and scopes["unit"] is None:
        scopes["unit"] = user.unit
    if "confirmed" in request.POST:
        if attempt(form, lambda: pauses.pause(**scopes, now=timezone.now(), by=user)):
            messages.success(request, _("Paused. Nothing of it leaves from now on."))
            return redirect("person", person.pk) if person else redirect("pauses")
        return render(request, "campaigns/pause_form.html", context, status=422)
    draft = attempt(form, lambda: pauses.draft(**scopes))
    if draft is None or "change" in request.POST:
        return render(request, "campaigns/pause_form.html", context, status=422 if form.errors else 200)
    context |= {
        "pause": draft, "words": words(draft), "followers": pauses.followers(draft).count(),
        "waiting": pauses.waiting(draft).count(),
    }  # fmt: skip
    return render(request, "campaigns/pause_confirm.html", context)


@require_POST
@login_required
def pause_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets it go on, and comes back to the list."""
    pause = get_object_or_404(pauses.visible_to(user_of(request)), pk=pk)
    try:
        pauses.resume(pause, now=timezone.now(), by=user_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("It goes on. What waited leaves little by little, as far as it is still in time."))
    return redirect("campaigns" if request.POST.get("back") == "campaigns" else "pauses")


def words(pause: Pause) -> list[tuple[str, str]]:
    """The scopes of a pause as pairs of a question and its answer, for everybody to read."""
    if pause.campaign is None:
        texts = _("All texts")
    elif pause.step_key:
        texts = _("%(campaign)s, only “%(step)s”") % {"campaign": campaign_name(pause.campaign), "step": pause.step_key}
    else:
        texts = campaign_name(pause.campaign)
    said = [(_("Texts"), texts)]
    if pause.topic:
        said.append((_("Topic"), str(topic_word(pause.topic))))
    if pause.person is not None:
        said.append((_("Person"), pause.person.name))
    else:
        where = _("%(unit)s and everything below it") % {"unit": pause.unit} if pause.unit else _("Everywhere")
        said.append((_("Where"), where))
    if pause.substitute:
        said.append((_("Text instead"), _instead(pause.substitute)))
    return said


def _campaign_choices() -> list[Any]:
    """Campaigns in groups: the whole of it first, then each text of its newest live revision."""
    groups = []
    steps = Step.objects.filter(revision__state="live").order_by("position").prefetch_related("texts")
    by_campaign: dict[int, list[Step]] = {}
    for step in steps.select_related("revision"):
        by_campaign.setdefault(step.revision.campaign_id, []).append(step)
    for campaign in Campaign.objects.exclude(anchor__in=[Campaign.Anchor.BROADCAST, Campaign.Anchor.HAND]):
        name = campaign_name(campaign)
        whole = (campaign.code, _("%(campaign)s: everything") % {"campaign": name})
        each = [(f"{campaign.code}/{step.key}", _first_words(step)) for step in by_campaign.get(campaign.pk, [])]
        groups.append((name, [whole, *each]))
    return groups


def _first_words(step: Step) -> str:
    """A step as a line of a list: its key and how its text begins."""
    bodies = {text.language: text.body for text in step.texts.all()}
    body = bodies.get("vi", "")
    return f"{step.key}: {body[:60]}{'…' if len(body) > 60 else ''}"


def _instead(key: str) -> str:
    return next((_first_words(step) for step in pauses.substitutes() if step.key == key), key)


urlpatterns = [
    path("pauses/", pauses_page, name="pauses"),
    path("pauses/new/", pause_new, name="pause-new"),
    path("pauses/<int:pk>/resume/", pause_resume, name="pause-resume"),
]
