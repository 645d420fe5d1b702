"""A campaign as a spreadsheet: fetch it, load it, look at the differences, make a draft of it."""

from __future__ import annotations

import base64
import binascii

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

from campaigns.content import review
from campaigns.content.prices import part_price
from campaigns.content.spreadsheet import exchange
from campaigns.content.spreadsheet.layout import Fault, SpreadsheetError
from campaigns.content.spreadsheet.read import MOST_BYTES
from campaigns.content.titles import title_of
from campaigns.models import Campaign
from campaigns.pages import stepwords
from campaigns.pages.asking import user_of
from campaigns.pages.revision import views_of
from campaigns.templatetags.wording import campaign_name
from recipients.errors import Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    if not review.writes(user_of(request)):
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
    context = {
        "form": form, "arrival": arrival, "head": [(title_of(field.name), field) for field in arrival.head],
        "steps": views_of(arrival.steps, arrival.file.anchor, [], part_price()),
        "warnings": [(finding.step, stepwords.fault(finding)) for finding in arrival.warnings],
        "campaign": Campaign.objects.filter(code=arrival.file.code).first(),
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


urlpatterns = [
    path("campaigns/spreadsheet/", load, name="spreadsheet"),
    path("campaigns/<slug:code>/spreadsheet/", fetch, name="campaign-spreadsheet"),
]
