"""A value is set for a unit from a day on: never two on one day, the past stays, and the text takes that of its day."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from campaigns.content.parameters import values_for
from campaigns.local import setting
from campaigns.local.missing import missing
from campaigns.models import Parameter, ScheduledMessage
from campaigns.models.local import SINCE_EVER
from campaigns.schedule.release import release_due, still_wanted
from messaging.models import OutboundMessage
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from tests import people
from tests.schedule.conftest import calm_route, schedule
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def unit() -> AdminUnit:
    return people.commune()


def rows() -> list[tuple[str, date, date | None]]:
    return list(Parameter.objects.order_by("valid_from").values_list("value", "valid_from", "valid_to"))


def put(unit, value, now, first=None, last=None, name="hotline", by=None):
    return setting.set_value(name, unit, value, now=now, by=by, valid_from=first, valid_to=last)


@pytest.mark.parametrize(
    ("first", "last"),
    [(5, 15), (15, 25), (12, 13), (5, 25), (5, None), (12, None), (20, 30), (1, 10), (10, 20)],
)
@pytest.mark.parametrize("where", ["unit", "everybody"])
def test_two_on_one_day_cannot_be_written(unit, first: int, last: int | None, where: str) -> None:
    place = unit if where == "unit" else None
    Parameter.objects.create(name="hotline", unit=place, value="111", valid_from=day(10), valid_to=day(20))
    second = Parameter(name="hotline", unit=place, value="222", valid_from=day(first), valid_to=last and day(last))
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    apart = Parameter.objects.create(name="hotline", unit=place, value="222", valid_from=day(21))
    apart.valid_from = day(20)
    with pytest.raises(IntegrityError), transaction.atomic():
        apart.save()
    Parameter.objects.create(name="hotline", unit=None if place else unit, value="333", valid_from=day(10))
    Parameter.objects.create(name="sdt", unit=place, value="444", valid_from=day(10))


def day(number: int) -> date:
    return date(2026, 12, number)


def test_a_value_ends_before_it_begins_nowhere(unit) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Parameter.objects.create(name="hotline", value="1", valid_from=TODAY, valid_to=TODAY - DAY)


def test_the_next_value_ends_the_one_before(unit, now) -> None:
    Parameter.objects.create(name="hotline", unit=unit, value="111")
    put(unit, "222", now, day(1))
    assert rows() == [("111", SINCE_EVER, date(2026, 11, 30)), ("222", day(1), None)]


def test_one_for_a_while_gives_the_place_back(unit, now) -> None:
    Parameter.objects.create(name="hotline", unit=unit, value="111")
    put(unit, "222", now, day(1), day(5))
    assert rows() == [("111", SINCE_EVER, date(2026, 11, 30)), ("222", day(1), day(5)), ("111", day(6), None)]


def test_the_same_again_changes_nothing_and_another_end_only_that(unit, now) -> None:
    first = put(unit, "111", now)
    assert put(unit, "111", now, day(3)).pk == first.pk
    assert rows() == [("111", TODAY, None)]
    put(unit, "111", now, last=day(3))
    assert rows() == [("111", TODAY, day(3))]


def test_what_is_wrong_today_is_set_right_today(unit, now) -> None:
    put(unit, "111", now)
    put(unit, "222", now)
    assert rows() == [("222", TODAY, None)]


def test_a_value_set_for_later_is_not_run_over(unit, now) -> None:
    put(unit, "111", now, day(10))
    with pytest.raises(Refusal, match="10/12/2026") as caught:
        put(unit, "222", now, day(1))
    assert (caught.value.code, caught.value.conflict) == ("overlaps", True)
    put(unit, "222", now, day(1), day(9))
    assert rows() == [("222", day(1), day(9)), ("111", day(10), None)]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": "nothing", "value": "1"}, "unknown_name"),
        ({"name": "hotline", "value": "gọi trạm"}, "bad_value"),
        ({"name": "hotline", "value": "1800", "valid_from": TODAY - DAY}, "in_the_past"),
        ({"name": "closed", "value": "yes"}, "no_last_day"),
        ({"name": "hotline", "value": "1800", "valid_from": day(2), "valid_to": day(1)}, "ends_before"),
    ],
)
def test_what_cannot_be_set_is_said(unit, now, facts, code) -> None:
    with pytest.raises(Refusal) as caught:
        setting.set_value(unit=unit, now=now, **facts)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")
    assert rows() == []


def test_each_officer_in_her_own_area(unit, now) -> None:
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    officer = people.user(User.Role.OFFICER, unit)
    row = put(unit, "111", now, by=officer)
    for place in (None, elsewhere, unit.parent):
        with pytest.raises(Refusal, match="not yours"):
            put(place, "222", now, by=officer)
    other = people.user(User.Role.OFFICER, elsewhere, "other")
    for refused in (lambda: setting.end(row, last_day=TODAY, now=now, by=other),
                    lambda: setting.take_back(row, now=now, by=other),
                    lambda: put(unit, "3", now, by=people.user(User.Role.STATION, unit))):  # fmt: skip
        with pytest.raises(Refusal, match="not yours"):
            refused()
    assert rows() == [("111", TODAY, None)]


def test_ended_today_at_the_earliest_and_the_unit_above_counts_again(unit, now) -> None:
    lan = people.lan(unit, now).mother
    put(unit.parent, "999", now)
    row = put(unit, "111", now)
    with pytest.raises(Refusal, match="until yesterday"):
        setting.end(row, last_day=TODAY - DAY, now=now)
    setting.end(row, last_day=day(1), now=now)
    assert [values_for([lan], on)[lan.pk]["hotline"] for on in (day(1), day(2))] == ["111", "999"]


def test_taken_back_the_former_goes_on(unit, now) -> None:
    Parameter.objects.create(name="hotline", unit=unit, value="111")
    row = put(unit, "222", now, day(1), day(5))
    setting.take_back(row, now=now)
    assert rows() == [("111", SINCE_EVER, None)]
    with pytest.raises(Refusal, match="End it instead"):
        setting.take_back(Parameter.objects.get(), now=now)


def words() -> list[str]:
    return list(OutboundMessage.objects.order_by("queued_at").values_list("body", flat=True))


@pytest.fixture
def due(unit, now) -> AdminUnit:
    """Lan's text of today names the hotline."""
    calm_route()
    people.station(unit)
    publish([Line("week-12", day=84, at=time(8), texts={"vi": "Goi {hotline} nhe."})])
    people.lan(unit, now)
    return unit


def test_a_text_takes_the_value_of_the_day_on_which_it_leaves(due, now) -> None:
    put(due, "111", now, last=TODAY)
    put(due, "222", now, TODAY + DAY)
    schedule(now)
    assert words() == ["Goi 111 nhe."]
    key = ScheduledMessage.objects.get().key
    assert still_wanted([key], now) == {}
    assert still_wanted([key], now + DAY) == {key: "number_changed"}
    release_due(now + DAY)
    assert words()[-1] == "Goi 222 nhe."


def test_what_waits_for_a_value_leaves_with_the_next_pass(due, now) -> None:
    schedule(now)
    row = ScheduledMessage.objects.get()
    assert (row.reason, row.not_before) == ("no_parameter", now + timedelta(hours=1))
    put(people.commune(people.LONG_CHAU, "Phường Long Châu"), "333", now)
    release_due(now + timedelta(minutes=1))
    assert words() == []
    put(due.parent, "111", now)
    release_due(now + timedelta(minutes=2))
    assert words() == ["Goi 111 nhe."]


def test_what_is_missing_is_named_with_its_place(due, now) -> None:
    schedule(now)
    assert [(each.name, each.texts, each.units) for each in missing(due.parent, now)] == [("hotline", 1, {due: 1})]
    assert missing(people.commune(people.LONG_CHAU, "Phường Long Châu"), now) == []
