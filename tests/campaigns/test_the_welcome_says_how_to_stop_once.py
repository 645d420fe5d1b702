"""The welcome says how to stop in its own words; later texts say it in her language, with the number of her area."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import run_checks

from campaigns.content import rendering
from campaigns.content.files import load_folder, load_sample_values
from campaigns.content.library import FOLDER
from campaigns.models import Parameter
from campaigns.schedule.words import says_how_to_stop
from messaging.models import OutboundMessage, Route
from messaging.outgoing.dispatch import dispatch_all
from recipients.models import Person
from tests import people
from tests.schedule.conftest import calm_route, schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
WELCOME = {"vi": "Chào chị {ten}. Muốn ngừng, gọi {hotline}.", "en": "Dear {ten}, to stop, call {hotline}."}


@pytest.fixture
def unit(db):
    calm_route()
    unit = people.commune()
    people.station(unit)
    Parameter.objects.create(name="hotline", value="02703800200", unit=unit.parent)
    Route.objects.update(tail="Dừng tin: gọi {hotline}", tails={"en": "To stop, call {hotline}"})
    return unit


def bodies() -> list[str]:
    return list(OutboundMessage.objects.order_by("queued_at").values_list("body", flat=True))


@pytest.mark.parametrize(
    ("language", "tail"), [("vi", "Dung tin: goi 02703800200"), ("en", "To stop, call 02703800200")]
)
def test_once_in_the_welcome_and_a_month_later_in_her_language(unit, language, tail):
    publish([Line("hello", texts=WELCOME, catch_up="always")], code="welcome", anchor="enrollment", priority=1)
    publish([Line(f"week-{week}", day=week * 7, texts={"vi": f"Tuan {week}.", "en": f"Week {week}."})
             for week in (13, 18)])  # fmt: skip
    people.lan(unit, NOON, language=language)
    for day in (0, 7, 42):
        schedule(NOON + timedelta(days=day))
        dispatch_all(NOON + timedelta(days=day))
    first, second, third = bodies()
    assert "02703800200." in first, "in its own words"
    assert not first.endswith(tail)
    assert second in ("Tuan 13.", "Week 13.")
    assert third in (f"Tuan 18. {tail}", f"Week 18. {tail}")


def test_a_welcome_that_does_not_say_it_gets_the_tail(unit):
    publish([Line("hello", texts={"vi": "Chao chi {ten}."}, catch_up="always")], code="welcome", anchor="enrollment")
    people.lan(unit, NOON)
    schedule(NOON)
    assert bodies() == ["Chao chi Lan. Dung tin: goi 02703800200"]


def test_every_shipped_welcome_says_it():
    values = load_sample_values(FOLDER).usual
    (welcome,) = [each for each in load_folder(FOLDER) if each.anchor == "enrollment"]
    said = [body for step in welcome.steps for text in step.texts for body in (text.body, text.discreet_body)]
    assert len(said) > 12
    for body in said:
        for script in ("", rendering.PLAIN):
            assert says_how_to_stop(rendering.for_phone(rendering.render(body, values), script)), body


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Muốn ngừng, gọi 0270.3800.200.", True), ("To stop, call 1800 1234.", True),
        ("Muon ngung, goi 02703800200.", True), ("Hỏi thêm, gọi 1800 1234.", False),
        ("Hỏi cách dùng thuốc, gọi 0270.3800.200.", False), ("Thời gian trực 7-17h, gọi 1800 1234.", False),
        ("Muốn ngừng thì nói với trạm. Gọi 1800 1234.", False), ("Chào đúng chị Lan, gọi 115.", False),
    ],
)  # fmt: skip
def test_one_sentence_names_the_wish_and_the_number(words, says):
    assert says_how_to_stop(words) == says


def test_where_no_number_is_set_it_is_told_at_start(unit):
    def told():
        return [each.msg for each in run_checks(databases=["default"]) if each.id == "campaigns.W001"]

    assert told() == []
    people.lan(unit, NOON)
    assert told() == []
    Parameter.objects.update(value="trạm y tế")
    assert len(told()) == 1
    assert "for: Tỉnh Vĩnh Long." in told()[0]
    Parameter.objects.all().delete()
    assert "{hotline}" in told()[0]
    Parameter.objects.create(name="hotline", value="1800 1234")
    assert told() == []
    Parameter.objects.update(valid_to=Parameter.objects.get().valid_from)
    assert len(told()) == 1, "it was in force on one day, long ago"
    Route.objects.update(tail="Dừng tin: gọi 1800 1234")
    assert len(told()) == 1, "in English there is still a place for it"
    Route.objects.update(tails={})
    assert told() == []
    Route.objects.update(tail="Dừng tin: gọi {hotline}")
    Parameter.objects.all().delete()
    Person.objects.update(died_on=NOON.date())
    assert told() == [], "nobody is left to be told"
