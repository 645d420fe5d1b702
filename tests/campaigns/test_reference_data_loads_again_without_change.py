"""load_reference brings a deployment to the same state however often it runs."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Holiday, Revision, Step
from campaigns.reference import holidays_in, load_holidays, load_reference
from messaging.models import Keyword, OperatorPrefix, Route
from recipients.models import AdminUnit

pytestmark = pytest.mark.django_db


def everything():
    models = [AdminUnit, OperatorPrefix, Keyword, Holiday, Route, Campaign, Revision, Step]
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def test_twice_is_once(now):
    first = load_reference(now)
    assert first["units"] == AdminUnit.objects.count() == 34 + 3321
    assert AdminUnit.objects.filter(code="01", level="province").exists(), "leading zeros are kept"
    assert Route.objects.get().provider == "sandbox"
    assert all(first.values())
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        again = load_reference(now + timedelta(days=1))
    assert everything() == before
    assert again["units"] == again["holidays"] == again["drafts"] == 0
    assert len(queries) < 200, "in bulk"


def test_the_command_answers_in_json(capsys):
    call_command("load_reference", "--json")
    assert json.loads(capsys.readouterr().out)["units"] == 3355
    call_command("load_reference")
    assert "holidays" in capsys.readouterr().out


# First day of the lunar year and tenth day of its third month.
@pytest.mark.parametrize(
    ("tet", "kings"),
    [
        (date(2025, 1, 29), date(2025, 4, 7)),
        (date(2026, 2, 17), date(2026, 4, 26)),
        (date(2027, 2, 6), date(2027, 4, 16)),
        (date(2028, 1, 26), date(2028, 4, 4)),
        (date(2029, 2, 13), date(2029, 4, 23)),
        (date(2030, 2, 2), date(2030, 4, 12)),
    ],
)
def test_every_year_has_its_holidays(tet, kings):
    days = [day for day, _name in holidays_in() if day.year == tet.year]
    assert days == sorted(set(days))
    assert {tet - timedelta(days=1), tet, tet + timedelta(days=1), tet + timedelta(days=2), kings} <= set(days)
    fixed = {(1, 1), (4, 30), (5, 1), (9, 2)}
    assert fixed <= {(day.month, day.day) for day in days}
    assert len(days) in (10, 11)


def test_a_renamed_holiday_keeps_its_name():
    load_holidays()
    Holiday.objects.filter(day=date(2026, 2, 17)).update(name="Tết")
    assert load_holidays() == 0
    assert Holiday.objects.get(day=date(2026, 2, 17)).name == "Tết"
