"""The targets of the plans, as reference: each area with the indicators that its own plan names."""

from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from campaigns.models import Target

PLANS = {
    "VL": gettext_lazy("Vĩnh Long, action plan 2022-2025"),
    "BG": gettext_lazy("Bắc Giang, plan of 2024"),
    "VN": gettext_lazy("The whole country, programme of the first 1000 days"),
}
"""By the code in the file; a plan that is not here is shown with its code. The areas are those of the plan's time."""


@login_required
def targets_page(request: HttpRequest) -> HttpResponse:
    """One table for each area and year."""
    rows = Target.objects.order_by("area", "year", "pk")
    groups = [
        (PLANS.get(plan, plan), area, year, list(some))
        for (area, year, plan), some in groupby(rows, lambda row: (row.area, row.year, row.plan))
    ]
    return render(request, "campaigns/targets.html", {"groups": groups})


urlpatterns = [path("targets/", targets_page, name="targets")]
