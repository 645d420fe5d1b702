"""The targets of the plans, as reference: each area with the indicators that its own plan names."""

from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from campaigns.models import Target
from recipients.models import AdminUnit


@login_required
def targets_page(request: HttpRequest) -> HttpResponse:
    """One table for each area and year."""
    names = {unit.code: unit.name for unit in AdminUnit.objects.filter(level="province", valid_to=None)}
    rows = Target.objects.order_by("area", "year", "pk")
    groups = [
        (names.get(area, ""), area, year, plan, list(some))
        for (area, year, plan), some in groupby(rows, lambda row: (row.area, row.year, row.plan))
    ]
    return render(request, "campaigns/targets.html", {"groups": groups})


urlpatterns = [path("targets/", targets_page, name="targets")]
