"""The values of a unit: what is in force and from where, and setting, ending and taking back each after a last look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.local import kinds, overview, setting
from campaigns.local.catalogue import Known, known
from campaigns.models import Parameter
from campaigns.pages import units
from campaigns.pages.asking import attempt, day_field, user_of
from campaigns.schedule.sendtime import local_day
from campaigns.templatetags.parameters import label, meaning
from recipients.models import AdminUnit, Session, User

USES = {
    "text": gettext_lazy("What texts say"),
    "schedule": gettext_lazy("What falls due"),
    "answers": gettext_lazy("What is answered"),
}


class ValueForm(forms.Form):
    """A value and the days through which it counts."""

    valid_from = day_field(gettext_lazy("Counts from"))
    valid_to = day_field(gettext_lazy("Last day"))
    field_order = ("value", "valid_from", "valid_to")

    def __init__(self, *args: Any, about: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        self.fields["value"] = _value_field(about)
        self.fields["valid_to"].required = False
        self.fields["valid_to"].help_text = _("Leave it empty if the value counts until you change it.")
        self.order_fields(self.field_order)

    def facts(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        value = data["value"]
        value = (", ".join(value) or kinds.NONE) if isinstance(value, list) else value
        return {"value": value, "valid_from": data["valid_from"], "valid_to": data["valid_to"]}


class EndForm(forms.Form):
    """The last day of a value."""

    valid_to = day_field(gettext_lazy("Last day"))


@login_required
def parameters_page(request: HttpRequest) -> HttpResponse:
    """Every parameter of one unit."""
    user, now = user_of(request), timezone.now()
    unit = units.asked(user, request.GET.get("unit", ""))
    lines = overview.of_unit(unit, now)
    context = {
        "unit": unit, "crumbs": units.above(user, unit), "choices": units.choices(user, unit),
        "may_set": setting.may_set(user, unit), "today": local_day(now, settings.ZONE),
        "groups": [(words, [line for line in lines if line.about.use == use]) for use, words in USES.items()],
        "waiting": [line.waiting for line in lines if line.waiting],
    }  # fmt: skip
    return render(request, "campaigns/parameters.html", context)


@login_required
def parameter_set(request: HttpRequest, name: str) -> HttpResponse:
    """The form, then in words what it changes, then it is set."""
    user, now = user_of(request), timezone.now()
    about = known().get(name)
    if about is None:
        raise Http404
    unit = _to_set(user, request)
    there = Parameter.objects.filter(name=name, unit=unit)
    today = local_day(now, settings.ZONE)
    current = next((row for row in there if row.counts_on(today)), None)
    start: dict[str, Any] = {"valid_from": today}
    if current is not None:
        start["value"] = current.value.split(", ") if about.kind == "services" else current.value
    form = ValueForm(request.POST if request.method == "POST" else None, about=about, initial=start)
    context: dict[str, Any] = {"form": form, "about": about, "unit": unit, "back": _back(unit), "current": current}
    if not form.is_valid():
        return render(request, "campaigns/parameter_form.html", context, status=422 if form.errors else 200)
    facts = form.facts()
    if "confirmed" in request.POST:
        made = attempt(form, lambda: setting.set_value(name, unit, now=now, by=user, **facts))
        if made is not None:
            messages.success(request, _saved(made, made.counts_on(today)))
            return redirect(_back(unit))
        return render(request, "campaigns/parameter_form.html", context, status=422)
    draft = attempt(form, lambda: setting.draft(name, unit, now=now, by=user, **facts))
    if draft is None or "change" in request.POST:
        return render(request, "campaigns/parameter_form.html", context, status=422 if form.errors else 200)
    former = setting.counting_on(draft)
    last = former.valid_to if former else None
    shorter = draft.valid_to is not None and (last is None or last > draft.valid_to)
    context |= {
        "draft": draft, "former": former,
        "goes_on": former is not None and former.value != draft.value and shorter,
        "sessions": overview.sessions_stopped(draft, now),
    }  # fmt: skip
    return render(request, "campaigns/parameter_confirm.html", context)


@login_required
def parameter_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the last day."""
    user, now = user_of(request), timezone.now()
    row = _mine(user, pk)
    start = {"valid_to": max(local_day(now, settings.ZONE), row.valid_from)}
    form = EndForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        ended = attempt(form, lambda: setting.end(row, last_day=form.cleaned_data["valid_to"], now=now, by=user))
        if ended is not None:
            messages.success(request, _("It counts through %(day)s.") % {"day": f"{ended.valid_to:%d/%m/%Y}"})
            return redirect(_back(row.unit))
    context = {
        "row": row, "form": form, "back": _back(row.unit), "kind": _kind(row), "submit": _("End the value"),
        "heading": _("End “%(label)s”") % {"label": label(row.name)}, "danger": True,
        "sentence": _("After its last day the value of the unit above counts, where there is one."),
    }  # fmt: skip
    return render(request, "campaigns/parameter_step.html", context, status=422 if form.errors else 200)


@login_required
def parameter_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A last look at a value that has not begun before today."""
    user, now = user_of(request), timezone.now()
    row = _mine(user, pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: setting.take_back(row, now=now, by=user))
        if not form.errors:
            messages.success(request, _("It is taken back."))
            return redirect(_back(row.unit))
    former = setting.before(row)
    sentence = _("Nothing of this unit counts in its place; what is set for a unit above does.")
    if former is not None:
        sentence = _("“%(value)s”, which counts until its eve, goes on in its place.") % {"value": former.value}
    context = {
        "row": row, "form": form, "back": _back(row.unit), "kind": _kind(row), "submit": _("Take it back"),
        "heading": _("Take back “%(label)s”") % {"label": label(row.name)}, "danger": True, "sentence": sentence,
    }  # fmt: skip
    return render(request, "campaigns/parameter_step.html", context, status=422 if form.errors else 200)


def _value_field(about: Known) -> forms.Field:
    """The field that suits the kind of a parameter."""
    words, help_text = label(about), meaning(about)
    if about.kind == "yes_no":
        choices = [(kinds.YES, _("Yes")), (kinds.NO, _("No"))]
        return forms.ChoiceField(label=words, choices=choices, widget=forms.RadioSelect, help_text=help_text)
    if about.kind == "services":
        return forms.MultipleChoiceField(
            label=words, choices=Session.Service.choices, widget=forms.CheckboxSelectMultiple, help_text=help_text,
            required=False,
        )  # fmt: skip
    example = _("For example: %(example)s") % {"example": about.example}
    return forms.CharField(
        label=words, max_length=max(about.longest, 40), help_text=f"{help_text} {example}.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def _to_set(user: User, request: HttpRequest) -> AdminUnit | None:
    unit = units.asked(user, request.GET.get("unit", ""))
    if not setting.may_set(user, unit):
        raise _closed()
    return unit


def _mine(user: User, pk: int) -> Parameter:
    row = get_object_or_404(setting.visible_to(user), pk=pk)
    if not setting.may_set(user, row.unit):
        raise _closed()
    return row


def _closed() -> PermissionDenied:
    return PermissionDenied(
        _("Values are set by communication officers, each in her own area. Ask one of them, or an administrator.")
    )


def _back(unit: AdminUnit | None) -> str:
    return reverse("parameters") + (f"?unit={unit.code}" if unit else "")


def _kind(row: Parameter) -> str:
    about = known().get(row.name)
    return about.kind if about else "text"


def _saved(row: Parameter, now: bool) -> str:
    if now:
        return _("Saved. It counts from now on, and texts that waited for it leave with the next pass.")
    return _("Saved. It counts from %(day)s on.") % {"day": f"{row.valid_from:%d/%m/%Y}"}


urlpatterns = [
    path("parameters/", parameters_page, name="parameters"),
    path("parameters/set/<slug:name>/", parameter_set, name="parameter-set"),
    path("parameters/<int:pk>/end/", parameter_end, name="parameter-end"),
    path("parameters/<int:pk>/take-back/", parameter_take_back, name="parameter-take-back"),
]
