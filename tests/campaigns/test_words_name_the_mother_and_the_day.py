"""What a due message puts into its words itself: the mother whom it is about, the day and the place."""

from datetime import date, timedelta

import pytest

from campaigns.content.parameters import subject_values
from campaigns.models import Enrollment, ScheduledMessage, Step
from campaigns.schedule.sendtime import local_day
from recipients.models import Facility, Visit
from tests import people
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db


def row(person, campaign, now, *, due_on=None, **subject) -> ScheduledMessage:
    """A due message to `person`, as the planner would write it."""
    due_on = due_on or local_day(now, now.tzinfo)
    role = subject.pop("role", "mother")
    enrollment = Enrollment.objects.create(
        person=person, campaign=campaign, role=role, anchor=campaign.anchor, anchor_date=due_on, enrolled_at=now,
        **subject,
    )  # fmt: skip
    step = Step.objects.get(revision__campaign=campaign)
    return ScheduledMessage.objects.create(
        enrollment=enrollment, step_key=step.key, campaign=campaign, revision=step.revision, step=step, person=person,
        unit=person.unit, language="vi", topic=step.topic, stage="", due_on=due_on, due_at=now, last_day=due_on,
    )  # fmt: skip


@pytest.fixture
def commune():
    return people.commune()


@pytest.fixture
def visits():
    return publish([Line("seven-days", day=7, role="village_worker")], code="visits", anchor="visit")


def planned(pregnancy=None, child=None, **facts) -> Visit:
    return Visit.objects.create(
        pregnancy=pregnancy, child=child, type="growth" if child else "anc2", planned_date=date(2026, 11, 24), **facts
    )


def test_the_worker_reads_whose_visit_it_was_and_when(commune, visits, now):
    worker = people.y_te_thon(commune, now).person
    lan, an = people.lan(commune, now), people.be_an(commune, now)
    rows = [
        row(worker, visits, now, visit=planned(pregnancy=lan), role="village_worker"),
        row(worker, visits, now, visit=planned(child=an), role="village_worker"),
    ]
    assert subject_values(rows) == {
        rows[0].pk: {"me": "Lan", "ngay": "24/11"},
        rows[1].pk: {"me": "Yến", "ngay": "24/11"},
    }


def test_a_visit_is_where_it_was_planned_unless_that_place_has_closed_by_then(commune, visits, now):
    lan = people.lan(commune, now)
    hospital = Facility.objects.create(
        name="Bệnh viện Sản Nhi", kind="hospital", unit=commune, phone="02701", valid_from=date(2025, 7, 1)
    )
    there = row(lan.mother, visits, now, visit=planned(pregnancy=lan, facility=hospital))
    assert subject_values([there])[there.pk]["coso"] == "Bệnh viện Sản Nhi"
    assert "sdt" not in subject_values([there])[there.pk], "her own station is whom she calls"
    Facility.objects.filter(pk=hospital.pk).update(valid_to=date(2026, 11, 24))
    assert "coso" in subject_values([there])[there.pk], "its last day"
    Facility.objects.filter(pk=hospital.pk).update(valid_to=date(2026, 11, 23))
    assert "coso" not in subject_values([there])[there.pk]


def test_a_pregnancy_and_a_child_have_a_mother_and_no_day(commune, now):
    lan, an = people.lan(commune, now), people.be_an(commune, now)
    husband = people.chong_lan(lan, now).person
    rows = [
        row(husband, publish([Line("a")], code="a"), now, pregnancy=lan, role="husband"),
        row(an.mother, publish([Line("b")], code="b", anchor="birth"), now, child=an),
    ]
    assert subject_values(rows) == {rows[0].pk: {"me": "Lan"}, rows[1].pk: {"me": "Yến"}}


@pytest.mark.parametrize("before", [2, 3])
def test_the_day_of_a_session_lies_the_reminders_days_after_the_due_day(commune, now, before):
    an = people.be_an(commune, now)
    line = Line("two-months", day=-before, open_for=1, service="immunisation", age_from=(2, 0))
    due = row(an.mother, publish([line], anchor="session"), now, child=an, due_on=date(2026, 12, 30))
    session = date(2026, 12, 30) + timedelta(days=before)
    assert subject_values([due])[due.pk] == {"me": "Yến", "ngay": f"{session:%d/%m}"}


def test_a_broadcast_is_about_nobody(commune, now):
    trang = people.somebody(commune, now)
    told = row(trang, publish([Line("storm")], code="storm", anchor="broadcast"), now)
    assert subject_values([told]) == {told.pk: {}}


def test_many_rows_cost_one_query(commune, visits, now, django_assert_num_queries):
    lan = people.lan(commune, now)
    for _ in range(3):
        row(lan.mother, visits, now, visit=planned(pregnancy=lan))
    rows = list(ScheduledMessage.objects.select_related("step"))
    with django_assert_num_queries(1):
        assert len(subject_values(rows)) == 3
    assert subject_values([]) == {}
