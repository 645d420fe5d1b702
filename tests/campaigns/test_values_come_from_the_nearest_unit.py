"""Names of stations and phone numbers in a text belong to the place where its reader lives."""

from datetime import UTC, date, datetime

import pytest

from campaigns.content import regions
from campaigns.content.parameters import values_for
from campaigns.models import Parameter
from recipients.models import AdminUnit, Facility, Person

pytestmark = pytest.mark.django_db
SINCE = date(2025, 7, 1)


def unit(code, name, level, parent=None):
    row = AdminUnit.objects.create(
        code=code, name=name, search_name=name.lower(), level=level, parent=parent, valid_from=SINCE
    )
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    row.save()
    return row


def person(name, where, **details):
    registered = datetime(2026, 1, 1, tzinfo=UTC)
    return Person.objects.create(
        name=name, name_key=name.lower(), search_name=name.lower(), unit=where, registered_at=registered, **details
    )


def station(where, name, phone="", kind=Facility.Kind.STATION, **dates):
    return Facility.objects.create(name=name, kind=kind, unit=where, phone=phone, valid_from=SINCE, **dates)


@pytest.fixture
def province():
    return unit("86", "Tỉnh Vĩnh Long", "province")


TODAY = date(2026, 7, 1)


@pytest.fixture
def commune(province):
    return unit("29551", "Xã Tân Hạnh", "commune", province)


@pytest.fixture
def village(commune):
    return unit("29551-1", "Ấp Một", "village", commune)


def test_the_nearest_parameter_wins(province, commune, village):
    Parameter.objects.create(name="hotline", value="1900")
    Parameter.objects.create(name="hotline", unit=province, value="0270 1")
    Parameter.objects.create(name="hotline", unit=commune, value="0270 2")
    other = unit("29557", "Xã Thanh Đức", "commune", province)
    lan, mai, cuc = (
        person("Trần Thị Lan", village),
        person("Lê Mai", other),
        person("Hồ Cúc", unit("24", "B", "province")),
    )
    values = values_for([lan, mai, cuc], TODAY)
    assert values[lan.pk]["hotline"] == "0270 2"
    assert values[mai.pk]["hotline"] == "0270 1"
    assert values[cuc.pk]["hotline"] == "1900"
    assert values[lan.pk]["ten"] == "Lan"


def test_her_own_facility_comes_before_the_station_and_the_parameter(province, commune, village):
    Parameter.objects.create(name="sdt", unit=commune, value="0270 9")
    station(commune, "Trạm Y tế xã Tân Hạnh", "0270 3")
    clinic = station(commune, "Phòng khám An", "", Facility.Kind.CLINIC)
    lan, mai = person("Lan", village), person("Mai", commune, facility=clinic)
    values = values_for([lan, mai], TODAY)
    assert (values[lan.pk]["coso"], values[lan.pk]["sdt"]) == ("Trạm Y tế xã Tân Hạnh", "0270 3")
    assert (values[mai.pk]["coso"], values[mai.pk]["sdt"]) == ("Phòng khám An", "0270 9")


def test_a_closed_facility_sends_nobody_to_its_door(commune):
    closed = station(commune, "Trạm cũ", "1", valid_to=date(2026, 6, 30))
    station(commune, "Trạm mới", "2")
    lan = person("Lan", commune, facility=closed)
    assert values_for([lan], TODAY)[lan.pk]["coso"] == "Trạm mới"
    assert values_for([lan], on=date(2026, 6, 30))[lan.pk]["coso"] == "Trạm cũ"


def test_what_nobody_has_set_is_absent(commune, settings):
    settings.BRAND = "MAM"
    lan = person("Lan", commune)
    said = {name: value for name, value in values_for([lan], TODAY)[lan.pk].items() if name not in regions.WORDS}
    assert said == {"ten": "Lan", "brand": "MAM", "vien_sat": "viên sắt hoặc đa vi chất"}
    Parameter.objects.create(name="brand", value="YTEVINHLONG")
    assert values_for([lan], TODAY)[lan.pk]["brand"] == "YTEVINHLONG"


def test_many_people_cost_no_more_queries(commune, village, django_assert_num_queries):
    clinic = station(commune, "Phòng khám", kind=Facility.Kind.CLINIC)
    people = [person(f"Lan {i}", village if i % 2 else commune, facility=clinic if i % 3 else None) for i in range(40)]
    fresh = list(Person.objects.filter(pk__in=[p.pk for p in people]))
    with django_assert_num_queries(5):
        assert len(values_for(fresh, TODAY)) == 40
    assert values_for([], TODAY) == {}
