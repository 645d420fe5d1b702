"""The first and the last day of the calendar, typed by mistake, are answered in words and never break anything."""

from datetime import date

import pytest

from recipients import events
from recipients.errors import Refusal
from recipients.gestation import GestationalAge, add_months, anchor_from_edd, anchor_from_visit, edd_of
from recipients.registry import register_child, register_pregnancy
from tests import people

pytestmark = pytest.mark.django_db

ODD = [date.min, date.max]


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


def code(verb, **facts) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refusal:
        verb(**facts)
    assert refusal.value.sentence.endswith(".")
    return refusal.value.code, refusal.value.field


@pytest.mark.parametrize(
    "reckon",
    [
        lambda: anchor_from_edd(date.min),
        lambda: anchor_from_visit(8, 0, date.min),
        lambda: edd_of(date.max),
        lambda: add_months(date.max, 1),
        lambda: add_months(date.min, -1),
    ],
)
def test_where_the_calendar_ends_it_is_a_value_error(reckon):
    with pytest.raises(ValueError, match=r"calendar\. Correct it\.$"):
        reckon()
    assert GestationalAge(8)


@pytest.mark.parametrize("day", ODD)
@pytest.mark.parametrize("field", ["lmp", "edd", "visit_date"])
def test_a_pregnancy_is_not_dated_by_it(now, told, day, field):
    facts = {"visit": (8, 0, day)} if field == "visit_date" else {field: day}
    assert code(register_pregnancy, name="Lan", unit=people.commune(), **facts, **told) == ("date_out_of_range", field)
    if field != "visit_date":
        lan = people.lan(people.commune(), now)
        assert code(events.redate, pregnancy=lan, **facts, **told) == ("date_out_of_range", field)


@pytest.mark.parametrize("day", ODD)
def test_nothing_has_happened_on_it(now, told, day):
    unit = people.commune()
    lan, an = people.lan(unit, now), people.be_an(unit, now)
    assert code(events.birth, pregnancy=lan, born_on=day, **told)[1] == "born_on"
    assert code(events.loss, pregnancy=lan, kind="miscarriage", on=day, **told)[1] == "on"
    assert code(events.child_death, child=an, on=day, **told)[1] == "on"
    assert code(events.maternal_death, person=lan.mother, on=day, **told)[1] == "on"
    assert code(events.maternal_death, person=an.mother, on=day, **told)[1] == "on"
    assert code(events.attend_visit, type="anc1", on=day, pregnancy=lan, **told)[1] == "on"
    assert code(register_child, mother=lan.mother, date_of_birth=day, **told)[1] == "date_of_birth"
