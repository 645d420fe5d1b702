"""One route: how it is doing, its registered texts, the file for the operator and the operator's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from messaging.models import Route, RouteTemplate
from messaging.outgoing.standing import standings
from messaging.outgoing.tails import choices
from messaging.pages.access import administrators_only
from messaging.pages.routes import STATES
from messaging.registration import answers, files, texts

COLOURS = {"registered": "ok", "rejected": "bad", "expired": "warn", "submitted": "info"}
A_PAGE = 50
PROBLEMS_SHOWN = 20
LARGEST = 10 * 1024 * 1024  # bytes
FILES = {
    "xlsx": (files.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (files.to_csv, "text/csv; charset=utf-8"),
}


class AnswerForm(forms.Form):
    """The operator's answer as a file."""

    file = forms.FileField(
        label=gettext_lazy("The operator's answer"),
        help_text=gettext_lazy("The file that was sent to the operator, with its results filled in; XLSX or CSV."),
        error_messages={"required": gettext_lazy("No file was chosen. Choose the operator's file.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
    )

    def clean_file(self) -> list[files.Answer]:
        """The lines of the answer."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 10 MB. Send only the list of texts."))
        try:
            return files.read(file.read())
        except files.Unreadable as error:
            raise forms.ValidationError(str(error)) from error


@administrators_only
def route(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "messaging/route.html", _page(request, get_object_or_404(Route, pk=pk), AnswerForm()))


@administrators_only
def texts_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """What waits for the operator, or with `?state=all` everything, as a spreadsheet."""
    route = get_object_or_404(Route, pk=pk)
    if kind not in FILES:
        raise Http404(_("There is no such file. Fetch it from the page of the route."))
    write, content_type = FILES[kind]
    rows = route.templates.all()
    if request.GET.get("state") != "all":
        rows = rows.filter(state=RouteTemplate.State.SUBMITTED)
    answer = HttpResponse(write(route, rows), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="mau-tin-{route.pk}-{timezone.localdate():%Y%m%d}.{kind}"'
    return answer


@administrators_only
@require_POST
def take_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The operator's answer is read and recorded; lines that could not be are told on the page."""
    route = get_object_or_404(Route, pk=pk)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "messaging/route.html", _page(request, route, form), status=422)
    applied = answers.apply(route, form.cleaned_data["file"], timezone.now())
    changed = applied.changed.total()
    if changed:
        words = ngettext("%(count)s text has a new state.", "%(count)s texts have a new state.", changed)
        messages.success(request, words % {"count": changed})
    elif not applied.problems:
        messages.info(request, _("The answer says nothing new."))
    if not applied.problems:
        return redirect("route", pk=route.pk)
    told = {"problems": applied.problems[:PROBLEMS_SHOWN], "more_problems": len(applied.problems) - PROBLEMS_SHOWN}
    return render(request, "messaging/route.html", _page(request, route, AnswerForm()) | told)


def _page(request: HttpRequest, route: Route, form: AnswerForm) -> dict[str, Any]:
    """What the page shows; `form` is the operator's answer as given so far."""
    now = timezone.now()
    (line,) = standings([route], now)
    everything = list(route.templates.all())
    states = {template.pk: texts.standing(template, now) for template in everything}
    wanted = request.GET.get("state", "")
    page = Paginator([t for t in everything if wanted in ("", states[t.pk])], A_PAGE).get_page(request.GET.get("page"))
    words = dict(RouteTemplate.State.choices)
    counts = {state: sum(each == state for each in states.values()) for state in RouteTemplate.State.values}
    return {
        "route": route,
        "line": line,
        "state": STATES[line.state],
        "stop": choices(route),
        "stop_by_language": [(language, choices(route, language)[0]) for language in sorted(route.tails)],
        "form": form,
        "page": page,
        "rows": [(t, words[states[t.pk]], COLOURS[states[t.pk]]) for t in page.object_list],
        "wanted": wanted,
        "tabs": [(state, words[state], count) for state, count in counts.items() if count],
        "submitted": counts["submitted"],
        "count": len(everything),
        "lacking": texts.lacking_the_tail(route),
    }


urlpatterns = [
    path("routes/<int:pk>/", route, name="route"),
    path("routes/<int:pk>/texts.<slug:kind>", texts_file, name="route-texts"),
    path("routes/<int:pk>/answer/", take_answer, name="route-answer"),
]
