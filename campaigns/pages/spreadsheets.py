"""A campaign as a spreadsheet: fetch it, load it, look at the differences, make a draft of it."""

from __future__ import annotations

import base64
import binascii
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

from campaigns.content.lint.findings import Finding
from campaigns.content.spreadsheet import exchange
from campaigns.content.spreadsheet.layout import Fault, SpreadsheetError
from campaigns.content.spreadsheet.read import MOST_BYTES
from campaigns.content.spreadsheet.write import title_of
from campaigns.models import Campaign
from campaigns.pages.asking import user_of
from campaigns.templatetags.wording import campaign_name
from recipients.errors import Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RULES = {
    "size": gettext_lazy("too long"),
    "tidy": gettext_lazy("signs or the end of the sentence"),
    "languages": gettext_lazy("a wording is missing"),
    "placeholders": gettext_lazy("a placeholder that does not fit"),
    "indicator": gettext_lazy("an unknown indicator"),
    "kind": gettext_lazy("an order, blame or fear"),
    "plain-reading": gettext_lazy("reads badly without diacritics"),
    "region": gettext_lazy("a word of one region"),
    "brands": gettext_lazy("a brand"),
    "results": gettext_lazy("the result of a test"),
    "reading": gettext_lazy("hard to read"),
    "living-child": gettext_lazy("presumes a living child"),
    "congratulation": gettext_lazy("a congratulation"),
    "condolence": gettext_lazy("a condolence"),
    "counted": gettext_lazy("counts visits or doses"),
    "earlier-service": gettext_lazy("presumes an earlier service"),
    "without-mother": gettext_lazy("names the mother"),
    "excluded-topics": gettext_lazy("a topic that some do not get"),
    "discreet": gettext_lazy("tells a stranger too much"),
    "window": gettext_lazy("open too short"),
    "end": gettext_lazy("open too long"),
    "group": gettext_lazy("not silenced by the visit"),
    "ages": gettext_lazy("ages that overlap"),
    "welcome": gettext_lazy("a welcome that may not come"),
    "names": gettext_lazy("a key that stands twice"),
}
"""What the linter finds in one campaign, in a word."""


class SpreadsheetForm(forms.Form):
    """Choose a file."""

    file = forms.FileField(label=gettext_lazy("Spreadsheet (XLSX)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))


@login_required
def fetch(request: HttpRequest, code: str) -> HttpResponse:
    """The newest revision of a campaign as a workbook, for everybody who may read the campaigns."""
    campaign = get_object_or_404(Campaign.objects.exclude(anchor=Campaign.Anchor.BROADCAST), code=code)
    try:
        data = exchange.export(campaign, timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("campaign", code)
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{campaign.code}.xlsx"'
    return response


@login_required
def load(request: HttpRequest) -> HttpResponse:
    """The form; with a file what it would change; with the second word the draft."""
    if not exchange.may_import(user_of(request)):
        raise PermissionDenied(
            _("Only a communication officer or a clinical reviewer loads texts. Ask one of them to.")
        )
    form = SpreadsheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and "seen" in request.POST:
        return _store(request)
    if request.method == "POST" and form.is_valid():
        return _look(request, form, form.cleaned_data["file"].read(MOST_BYTES + 1))
    return render(request, "campaigns/spreadsheet.html", {"form": form}, status=422 if form.errors else 200)


def _look(request: HttpRequest, form: SpreadsheetForm, data: bytes) -> HttpResponse:
    try:
        arrival = exchange.look(data)
    except SpreadsheetError as error:
        return _faulty(request, form, error)
    warnings = [(finding.step, _word(finding), finding.sentence) for finding in arrival.warnings]
    campaign = Campaign.objects.filter(code=arrival.file.code).first()
    titled = [(change, [(title_of(field.name), field) for field in change.fields]) for change in arrival.changes]
    context = {
        "form": form, "arrival": arrival, "changes": titled, "campaign": campaign, "warnings": warnings,
        "content": base64.b64encode(data).decode(),
    }  # fmt: skip
    return render(request, "campaigns/spreadsheet.html", context)


def _store(request: HttpRequest) -> HttpResponse:
    form = SpreadsheetForm()
    try:
        data = base64.b64decode(request.POST.get("content", ""), validate=True)
        seen = int(request.POST["seen"])
    except (binascii.Error, ValueError):
        messages.error(request, _("The file did not arrive whole. Load it again."))
        return redirect("spreadsheet")
    try:
        revision = exchange.take_in(data, seen=seen, by=user_of(request), now=timezone.now())
    except SpreadsheetError as error:
        return _faulty(request, form, error)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return _look(request, form, data) if refusal.conflict else redirect("spreadsheet")
    messages.success(
        request,
        _("Revision %(number)s of %(name)s is a draft now, and you are its author. Ask for review when it is ready.")
        % {"number": revision.number, "name": campaign_name(revision.campaign)},
    )
    return redirect("revision", revision.pk)


def _faulty(request: HttpRequest, form: SpreadsheetForm, error: SpreadsheetError) -> HttpResponse:
    faults = [(fault, _sentence(fault)) for fault in error.faults]
    return render(request, "campaigns/spreadsheet.html", {"form": form, "faults": faults}, status=422)


def _sentence(fault: Fault) -> str:
    return _(fault.template) % fault.values


def _word(finding: Finding) -> Any:
    return RULES.get(finding.rule, finding.rule)


urlpatterns = [
    path("campaigns/spreadsheet/", load, name="spreadsheet"),
    path("campaigns/<slug:code>/spreadsheet/", fetch, name="campaign-spreadsheet"),
]
