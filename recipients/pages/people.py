"""The list of people, with search by name or number."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recipients.areas import people_visible_to
from recipients.consent import consent_state
from recipients.days import local_day
from recipients.forms.fields import communes_of
from recipients.gestation import TERM_DAYS, age_in_months, gestational_age
from recipients.models import Child, Person, Pregnancy
from recipients.names import clean_text
from recipients.pages.access import registrars_only, user_of
from recipients.search import people_like

PAGE = 50


@registrars_only
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the user's area. `q` is part of a name, with diacritics or without, or of a number."""
    user = user_of(request)
    words, unit = clean_text(request.GET.get("q")), clean_text(request.GET.get("unit"))
    found = people_visible_to(user)
    if unit:
        found = found.filter(unit__code=unit)
    found = people_like(found, words).select_related("unit").annotate(consent_state=consent_state())
    ongoing = Prefetch("pregnancies", Pregnancy.objects.filter(outcome=""), to_attr="ongoing")
    living = Prefetch("children", Child.objects.filter(died_on=None), to_attr="living")
    page = Paginator(found.prefetch_related(ongoing, living).order_by("search_name", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    today = local_day(timezone.now())
    context = {
        "page": page,
        "rows": [(person, _stage(person, today)) for person in page],
        "q": words,
        "unit": unit,
        "communes": communes_of(user),
    }
    fragment = getattr(request, "htmx", False)
    return render(request, "recipients/_people.html" if fragment else "recipients/people.html", context)


def _stage(person: Person, today: date) -> dict[str, object]:
    """What the list says about pregnancy and children today."""
    ongoing: list[Pregnancy] = getattr(person, "ongoing", [])
    living: list[Child] = getattr(person, "living", [])
    ages = [gestational_age(one.anchor_date, today) for one in ongoing if one.anchor_date <= today]
    return {
        "age": ages[0] if ages else None,
        "overdue": any(age.total_days > TERM_DAYS for age in ages),
        "months": [age_in_months(child.date_of_birth, today) for child in living if child.date_of_birth <= today],
    }
