"""Redating, birth, loss, death, visits, stop: each told once, refused when it cannot be, nothing lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from recipients import consent, events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Caregiver, ChangeEvent, Child, Consent, Pregnancy, Visit
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def code(verb, **facts) -> str:
    before = ChangeEvent.objects.count()
    with pytest.raises(Refusal) as refusal:
        verb(**facts)
    assert refusal.value.sentence.endswith(".")
    assert ChangeEvent.objects.count() == before
    return refusal.value.code


def test_redating_moves_the_anchor_and_keeps_what_was(unit, now, told):
    lan = people.lan(unit, now, weeks=12)
    old = lan.anchor_date
    edd = old + timedelta(days=290)
    events.redate(lan, edd=edd, **told)
    lan.refresh_from_db()
    assert (lan.anchor_date, lan.edd, lan.lmp, lan.dating) == (old + timedelta(days=10), edd, old, "ultrasound")
    event = ChangeEvent.objects.get(what="redated")
    assert (event.old["anchor_date"], event.new["anchor_date"]) == (old.isoformat(), lan.anchor_date.isoformat())
    events.redate(lan, edd=edd, **told)
    assert ChangeEvent.objects.filter(what="redated").count() == 1


def test_redating_refuses_what_cannot_be(unit, now, told):
    lan, today = people.lan(unit, now), local_day(now)
    assert code(events.redate, pregnancy=lan, lmp=today + timedelta(days=1), **told) == "date_out_of_range"
    assert code(events.redate, pregnancy=lan, edd=today - timedelta(days=22), **told) == "date_out_of_range"
    assert code(events.redate, pregnancy=lan, **told) == "no_anchor_date"
    events.loss(lan, kind="miscarriage", on=today - timedelta(days=7), **told)
    assert code(events.redate, pregnancy=lan, lmp=today - timedelta(days=20), **told) == "outcome_recorded"
    again = people.register_pregnancy(person=lan.mother, lmp=today, **told)
    assert code(events.redate, pregnancy=again, lmp=today - timedelta(days=7), **told) == "overlaps"


def test_birth_ends_the_pregnancy_and_begins_the_children(unit, now, told):
    mai = people.mai(unit, now, weeks=39)
    people.chong_lan(mai, now, name="Lý Văn Bình")
    born = local_day(now) - timedelta(days=1)
    twins = events.birth(mai, born_on=born, children=[events.Newborn("An", 2600), events.Newborn()], **told)
    assert [(c.name, c.birth_order, c.birth_weight, c.gestation_at_birth) for c in twins] == [
        ("An", 1, 2600, 39 * 7 - 1), ("", 2, None, 39 * 7 - 1),
    ]  # fmt: skip
    mai.refresh_from_db()
    assert (mai.outcome, mai.outcome_date, mai.outcome_recorded_at) == ("live_birth", born, now)
    assert Caregiver.objects.filter(child__in=twins, role="husband").count() == 2


def test_the_same_birth_again_changes_nothing_and_a_twin_is_added(unit, now, told):
    mai, born = people.mai(unit, now, weeks=39), local_day(now)
    first = events.birth(mai, born_on=born, **told)
    assert events.birth(mai, born_on=born, **told) == first
    assert ChangeEvent.objects.filter(what="birth").count() == 1
    assert events.birth(mai, born_on=born, children=[events.Newborn()] * 2, **told)[:1] == first
    assert Child.objects.count() == 2
    assert code(events.birth, pregnancy=mai, born_on=born - timedelta(days=1), **told) == "outcome_recorded"


@pytest.mark.parametrize(
    ("weeks", "days_ago", "expected"),
    [(19, 0, "birth_too_early"), (43, 0, None), (20, 0, None), (20, 1, "birth_too_early"), (30, -1, "in_the_future")],
)
def test_a_birth_lies_between_20_and_45_weeks(unit, now, told, weeks, days_ago, expected):
    lan = people.lan(unit, now, weeks=weeks)
    facts = {"pregnancy": lan, "born_on": local_day(now) - timedelta(days=days_ago), **told}
    if expected:
        assert code(events.birth, **facts) == expected
    else:
        assert len(events.birth(**facts)) == 1


def test_a_birth_after_45_weeks_is_a_wrong_date(unit, now, told):
    lan = people.lan(unit, now, weeks=43)
    later = now + timedelta(days=15)
    facts = {"pregnancy": lan, "now": later, "source": "page"}
    assert code(events.birth, born_on=local_day(later), **facts) == "birth_too_late"
    assert events.birth(born_on=local_day(later) - timedelta(days=1), **facts)


def test_a_child_registered_before_its_birth_was_told_is_not_doubled(unit, now, told):
    yen = people.be_an(unit, now, days=10).mother
    pregnancy = Pregnancy.objects.create(
        mother=yen, anchor_date=local_day(now) - timedelta(days=285), dating="lmp", registered_at=now
    )
    children = events.birth(pregnancy, born_on=local_day(now) - timedelta(days=10), **told)
    assert Child.objects.count() == 1
    assert children[0].pregnancy == pregnancy


@pytest.mark.parametrize("kind", ["miscarriage", "stillbirth", "termination"])
@pytest.mark.parametrize("weeks", [5, 12, 30, 43])
def test_a_loss_is_taken_in_any_week(unit, now, told, kind, weeks):
    lan = people.lan(unit, now, weeks=weeks)
    events.loss(lan, kind=kind, on=local_day(now), **told)
    events.loss(lan, kind=kind, on=local_day(now), **told)
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date) == (kind, local_day(now))
    assert ChangeEvent.objects.filter(what="loss").count() == 1


def test_a_loss_may_be_corrected_and_does_not_undo_a_birth(unit, now, told):
    lan, today = people.lan(unit, now), local_day(now)
    assert code(events.loss, pregnancy=lan, kind="birth", on=today, **told) == "invalid"
    assert code(events.loss, pregnancy=lan, kind="miscarriage", on=today + timedelta(days=1), **told) == "in_the_future"
    early = lan.anchor_date - timedelta(days=1)
    assert code(events.loss, pregnancy=lan, kind="miscarriage", on=early, **told) == "before_pregnancy"
    events.loss(lan, kind="miscarriage", on=today, **told)
    events.loss(lan, kind="termination", on=today - timedelta(days=1), **told)
    assert Pregnancy.objects.get(pk=lan.pk).outcome == "termination"
    assert code(events.birth, pregnancy=lan, born_on=today, **told) == "outcome_recorded"
    mai = people.mai(unit, now, weeks=39)
    events.birth(mai, born_on=today, **told)
    assert code(events.loss, pregnancy=mai, kind="miscarriage", on=today, **told) == "outcome_recorded"
    late = {"now": now + timedelta(hours=25), "source": "page"}
    assert code(events.loss, pregnancy=mai, kind="stillbirth", on=today, **late) == "outcome_recorded"


def test_a_pregnancy_closed_as_unknown_may_still_get_its_end(unit, now, told):
    lan = people.lan(unit, now, weeks=42)
    people.register_pregnancy(person=lan.mother, lmp=local_day(now) - timedelta(days=35), **told)
    lan.refresh_from_db()
    assert lan.outcome == "unknown"
    events.loss(lan, kind="stillbirth", on=lan.anchor_date + timedelta(days=190), **told)
    assert Pregnancy.objects.get(pk=lan.pk).outcome == "stillbirth"


def test_the_death_of_one_twin_leaves_the_other(unit, now, told):
    mai, today = people.mai(unit, now, weeks=39), local_day(now)
    one, other = events.birth(mai, born_on=today, children=[events.Newborn()] * 2, **told)
    events.child_death(one, on=today, **told)
    events.child_death(one, on=today, **told)
    assert [c.died_on for c in Child.objects.order_by("birth_order")] == [today, None]
    assert ChangeEvent.objects.filter(what="death", child=one).count() == 1
    assert code(events.child_death, child=other, on=today - timedelta(days=1), **told) == "before_birth"
    assert code(events.child_death, child=other, on=today + timedelta(days=1), **told) == "in_the_future"


def test_the_death_of_a_mother_ends_her_pregnancy(unit, now, told):
    lan, today = people.lan(unit, now), local_day(now)
    early = lan.anchor_date - timedelta(days=1)
    assert code(events.maternal_death, person=lan.mother, on=early, **told) == "before_pregnancy"
    events.maternal_death(lan.mother, on=today, **told)
    events.maternal_death(lan.mother, on=today, **told)
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date, lan.mother.died_on) == ("maternal_death", today, today)
    assert ChangeEvent.objects.filter(what="death").count() == 1
    assert code(people.register_pregnancy, person=lan.mother, lmp=today, **told) == "known"
    assert code(events.resume_person, person=lan.mother, **told) == "died"


def test_a_visit_marks_the_planned_one_once(unit, now, told):
    lan, today = people.lan(unit, now), local_day(now)
    planned = Visit.objects.create(pregnancy=lan, type="anc1", planned_date=today)
    assert events.attend_visit(type="anc1", on=today, pregnancy=lan, **told) == planned
    assert events.attend_visit(type="anc1", on=today, pregnancy=lan, **told) == planned
    events.attend_visit(type="anc2", on=today, pregnancy=lan, **told)
    assert Visit.objects.filter(attended_date=today).count() == 2
    tomorrow = today + timedelta(days=1)
    assert code(events.attend_visit, type="anc1", on=tomorrow, pregnancy=lan, **told) == "in_the_future"
    assert code(events.attend_visit, type="anc1", on=today, **told) == "invalid"


def test_stop_and_resume_are_told_once(unit, now, told):
    lan = people.lan(unit, now).mother
    for _time in range(2):
        events.stop_person(lan, **told)
    assert consent.state_of([lan.pk]) == {lan.pk: "withdrawn"}
    for _time in range(2):
        events.resume_person(lan, **told)
    assert [c.state for c in Consent.objects.order_by("id")] == ["given", "withdrawn", "given"]
    assert [e.what for e in ChangeEvent.objects.order_by("id")] == ["registered", "stopped", "resumed"]


def test_stop_from_a_number_asks_everybody_on_it_who_had_agreed(unit, now):
    lan = people.lan(unit, now).mother
    hoa = people.hoa(unit, now, phone="0912345678").mother
    mai = people.mai(unit, now, phone="0912345678").mother
    events.stop_person(mai, now=now, source="page")
    assert consent.ask_again_on_number(lan.phone, now=now, source="keyword") == [lan]
    assert consent.ask_again_on_number(lan.phone, now=now, source="keyword") == []
    assert consent.state_of([lan.pk, hoa.pk, mai.pk]) == {lan.pk: "ask_again", hoa.pk: "", mai.pk: "withdrawn"}
    asked = type(lan).objects.filter(consent.consented())
    assert list(asked) == []


@pytest.mark.parametrize("table", ["recipients_consent", "recipients_changeevent"])
def test_what_was_said_is_never_rewritten(unit, now, table):
    people.lan(unit, now)
    column = {"recipients_consent": "state", "recipients_changeevent": "what"}[table]
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = 'other'")
