"""Caregivers: the mother's word, an end that nobody is told of, and one main recipient of a child."""

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Caregiver, ChangeEvent, Consent
from recipients.registry import register_caregiver
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def code(verb, caregiver, **facts) -> str:
    with pytest.raises(Refusal) as refusal:
        verb(caregiver, **facts)
    assert refusal.value.sentence.endswith(".")
    return refusal.value.code


def test_without_her_word_he_is_registered_and_not_agreed_to(unit, now, told):
    lan = people.lan(unit, now)
    nam = people.chong_lan(lan, now, agreed_by_mother=False)
    assert Caregiver.objects.get().agreed_by_mother is False
    again = register_caregiver(person=nam.person, pregnancy=lan, role="husband", agreed_by_mother=True, **told)
    assert (again, again.agreed_by_mother) == (nam, True)
    register_caregiver(person=nam.person, pregnancy=lan, role="husband", **told)
    assert Caregiver.objects.get().agreed_by_mother is True


def test_she_takes_her_word_back_and_it_is_recorded_once(unit, now, told):
    lan = people.lan(unit, now)
    nam = people.chong_lan(lan, now)
    for _time in range(2):
        events.agree_to_care(nam, agrees=False, **told)
    event = ChangeEvent.objects.get(what="details")
    assert (event.person, event.new) == (lan.mother, {"caregiver": nam.person_id, "agreed_by_mother": False})


def test_her_word_goes_on_with_the_child(unit, now, told):
    for woman, agrees in ((people.lan(unit, now, weeks=39), True), (people.mai(unit, now, weeks=39), False)):
        people.chong_lan(woman, now, agreed_by_mother=agrees)
        child = events.birth(woman, born_on=local_day(now), **told)[0]
        assert child.caregivers.get().agreed_by_mother is agrees


def test_care_ends_silently_and_his_consent_stays(unit, now, told):
    lan = people.lan(unit, now, weeks=39)
    nam = people.chong_lan(lan, now)
    for _time in range(2):
        events.end_care(nam, **told)
    assert Caregiver.objects.get().ended_on == local_day(now)
    assert Consent.objects.filter(person=nam.person).get().state == "given"
    assert ChangeEvent.objects.filter(what="care_ended", person=lan.mother).count() == 1
    assert code(events.agree_to_care, nam, agrees=False, **told) == "ended"
    assert not events.birth(lan, born_on=local_day(now), **told)[0].caregivers.exists()


def test_an_ended_caregiver_is_not_brought_back_by_telling_the_birth_again(unit, now, told):
    lan = people.lan(unit, now, weeks=39)
    people.chong_lan(lan, now)
    child = events.birth(lan, born_on=local_day(now), **told)[0]
    events.end_care(child.caregivers.get(), **told)
    events.birth(lan, born_on=local_day(now), children=[events.Newborn("An")], **told)
    assert child.caregivers.filter(ended_on=None).count() == 0


def test_a_child_has_one_main_recipient(unit, now, told):
    an = people.be_an(unit, now)
    sau = people.ba_sau(an, now)
    tu = people.ba_sau(an, now, name="Lê Văn Tư", phone="0903056530", role="other")
    for _time in range(2):
        events.set_main(sau, main=True, **told)
    events.set_main(tu, main=True, **told)
    assert list(Caregiver.objects.filter(is_main=True)) == [tu]
    assert [(e.old["main"], e.new["main"]) for e in ChangeEvent.objects.filter(what="main").order_by("id")] == [
        (None, sau.person_id), (sau.person_id, tu.person_id),
    ]  # fmt: skip
    events.set_main(tu, main=False, **told)
    assert not Caregiver.objects.filter(is_main=True).exists()


def test_who_can_be_the_main_recipient(unit, now, told):
    an, lan = people.be_an(unit, now), people.lan(unit, now)
    sau = people.ba_sau(an, now)
    assert code(events.set_main, people.chong_lan(lan, now), main=True, **told) == "not_a_child"
    events.maternal_death(sau.person, on=local_day(now), **told)
    assert code(events.set_main, sau, main=True, **told) == "died"
    events.end_care(sau, **told)
    assert code(events.set_main, sau, main=True, **told) == "ended"
