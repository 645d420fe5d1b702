"""Administrative units: loaded whole and again, found as people write them, and who sees what below them."""

from datetime import date

import pytest

from recipients.areas import (
    below,
    find_unit,
    load_units,
    may_see_names,
    people_visible_to,
    save_unit,
    station_of,
    units_visible_to,
)
from recipients.models import AdminUnit
from tests import people

TODAY = date(2026, 11, 21)

pytestmark = pytest.mark.django_db


def test_all_of_vietnam_is_loaded_and_loading_again_changes_nothing():
    assert load_units(TODAY) == 34 + 3321
    assert load_units(TODAY) == 0
    vinh_long = AdminUnit.objects.get(code="86")
    assert below(vinh_long).count() == 125
    commune = AdminUnit.objects.get(code="07210")
    assert commune.path == f"{commune.parent.path}{commune.pk}/"
    assert not AdminUnit.objects.filter(path="").exists()
    for written, code in [
        ({"code": "7210"}, "07210"),
        ({"code": "1"}, "01"),
        ({"code": "29584"}, "29584"),
        ({"name": "Xã An Bình", "within": vinh_long}, "29584"),
        ({"name": "XA AN BINH", "within": vinh_long}, "29584"),
        ({"name": "an bình", "within": vinh_long}, "29584"),
        ({"name": "P. Long Châu", "within": vinh_long}, "29551"),
        ({"name": "Tỉnh Vĩnh Long"}, "86"),
    ]:
        found = find_unit(**written, on=TODAY)
        assert found is not None, written
        assert found.code == code
    assert find_unit(name="An Bình", on=TODAY) is None
    assert find_unit(name="Xã Án Bình", within=vinh_long, on=TODAY) is None
    assert find_unit(code="99999", on=TODAY) is None
    assert find_unit(code="29584", on=date(2025, 6, 30)) is None


def test_a_unit_that_the_catalogue_renamed_keeps_its_place():
    load_units(TODAY)
    AdminUnit.objects.filter(code="29584").update(name="Xã Hòa Ninh", search_name="xa hoa ninh")
    assert load_units(TODAY) == 1
    assert AdminUnit.objects.get(code="29584").search_name == "xa an binh"


def test_a_new_parent_takes_everything_along():
    commune = people.commune()
    village = people._unit("v1", "Ấp 1", "village", commune)
    other = people.province("24", "Thành phố Bắc Ninh")
    commune.parent = other
    save_unit(commune)
    village.refresh_from_db()
    assert village.path == f"/{other.pk}/{commune.pk}/{village.pk}/"


@pytest.mark.parametrize(
    ("role", "unit", "names", "figures"),
    [
        ("station", people.AN_BINH, 1, 1),
        ("officer", "86", 2, 3),
        ("cdc", "86", 0, 3),
        ("clinical", "86", 0, 3),
        ("admin", "", 3, 5),
    ],
)
def test_who_sees_whom(now, role, unit, names, figures):
    an_binh, long_chau = people.commune(), people.commune(people.LONG_CHAU, "Phường Long Châu")
    elsewhere = people.commune("07210", "Phường Bắc Giang", people.province("24", "Thành phố Bắc Ninh"))
    for each in (an_binh, long_chau, elsewhere):
        people.lan(each, now)
    account = people.user(role, AdminUnit.objects.filter(code=unit).first())
    assert people_visible_to(account).count() == names
    assert units_visible_to(account).count() == figures
    assert may_see_names(account) == (names > 0)
    account.is_active = False
    assert not people_visible_to(account).exists()


def test_her_station_is_the_nearest(now):
    commune = people.commune()
    lan = people.lan(commune, now).mother
    assert station_of(lan) is None
    central = people.station(commune.parent)
    assert station_of(lan) == central
    own = people.station(commune)
    assert station_of(lan) == own
    lan.facility = central
    assert station_of(lan) == central
