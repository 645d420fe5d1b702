"""Named invented people, registered by the real verbs. Nobody here exists; the numbers are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from recipients.areas import load_units, save_unit
from recipients.days import local_day
from recipients.models import AdminUnit, Caregiver, Child, Facility, Person, Pregnancy, User, Worker
from recipients.registry import (
    register_caregiver,
    register_child,
    register_person,
    register_pregnancy,
    register_worker,
)

LONG_CHAU, PHUOC_HAU, AN_BINH, BINH_PHUOC = "29551", "29557", "29584", "29638"
"""Four communes of Vĩnh Long (86)."""

PASSWORD = "mot-mat-khau-du-dai"
_HASH = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
"""As many rounds as in production take half a second for each user of each test."""


def units() -> None:
    """All provinces and communes, as a deployment has them. About a second; `commune` is enough for most tests."""
    load_units(date(2026, 11, 21))


def province(code: str = "86", name: str = "Tỉnh Vĩnh Long") -> AdminUnit:
    return _unit(code, name, AdminUnit.Level.PROVINCE, None)


def commune(code: str = AN_BINH, name: str = "Xã An Bình", parent: AdminUnit | None = None) -> AdminUnit:
    """A commune of Vĩnh Long, made where it is missing."""
    return _unit(code, name, AdminUnit.Level.COMMUNE, parent or province())


def station(unit: AdminUnit, phone: str = "02703123456") -> Facility:
    """The health station of a commune."""
    found = Facility.objects.filter(unit=unit, kind=Facility.Kind.STATION).first()
    return found or Facility.objects.create(
        name=f"Trạm y tế {unit.name}", kind=Facility.Kind.STATION, phone=phone, unit=unit, valid_from=date(2025, 7, 1)
    )


def lan(unit: AdminUnit, now: datetime, *, weeks: int = 12, **changes: Any) -> Pregnancy:
    """Lan, 12 weeks pregnant unless said otherwise, her own phone, agreed to messages."""
    facts = _facts(unit, now, "Nguyễn Thị Lan", "0912345678", 1998) | {"lmp": _weeks_ago(now, weeks)}
    return register_pregnancy(**facts | changes)


def mai(unit: AdminUnit, now: datetime, *, weeks: int = 30, **changes: Any) -> Pregnancy:
    """Mai, 30 weeks, on her husband's phone, agreed."""
    facts = _facts(unit, now, "Trần Thị Mai", "0987654321", 1995) | {
        "edd": _weeks_ago(now, weeks) + timedelta(days=280), "phone_holder": Person.Holder.HUSBAND,
    }  # fmt: skip
    return register_pregnancy(**facts | changes)


def hoa(unit: AdminUnit, now: datetime, *, weeks: int = 20, **changes: Any) -> Pregnancy:
    """Hoa, 20 weeks, has not agreed to messages."""
    facts = _facts(unit, now, "Lê Thị Hoa", "0365291703", 2001, consent=False) | {"lmp": _weeks_ago(now, weeks)}
    return register_pregnancy(**facts | changes)


def sokha(unit: AdminUnit, now: datetime, *, weeks: int = 16, **changes: Any) -> Pregnancy:
    """Thạch Thị Sô Kha, 16 weeks, reads Khmer, agreed, has no phone."""
    facts = _facts(unit, now, "Thạch Thị Sô Kha", None, 1993) | {"lmp": _weeks_ago(now, weeks), "language": "km"}
    return register_pregnancy(**facts | changes)


def be_an(unit: AdminUnit, now: datetime, *, days: int = 60, mother: Person | None = None, **changes: Any) -> Child:
    """Bé An, two months old; the mother is Yến, who has agreed, unless one is given."""
    born = local_day(now) - timedelta(days=days)
    if mother is not None:
        facts = {"mother": mother, "now": now, "source": "page"}
    else:
        facts = _facts(unit, now, "Phạm Thị Yến", "0707924402", 1996)
    return register_child(**facts | {"date_of_birth": born, "child_name": "An"} | changes)


def chong_lan(pregnancy: Pregnancy, now: datetime, **changes: Any) -> Caregiver:
    """Lan's husband Nam, on a phone of his own, agreed; she agrees too."""
    facts = _facts(pregnancy.mother.unit, now, "Lý Văn Nam", "0333993158", 1994)
    return register_caregiver(
        **facts | {"pregnancy": pregnancy, "role": Caregiver.Role.HUSBAND, "agreed_by_mother": True} | changes
    )


def ba_sau(child: Child, now: datetime, **changes: Any) -> Caregiver:
    """Grandmother Sáu, who cares for a child, agreed."""
    facts = _facts(child.mother.unit, now, "Võ Thị Sáu", "0903056529", 1965)
    return register_caregiver(**facts | {"child": child, "role": Caregiver.Role.GRANDMOTHER} | changes)


def y_te_thon(unit: AdminUnit, now: datetime, **changes: Any) -> Worker:
    """Village health worker Thu, for the whole commune unless a village is given, agreed."""
    facts = _facts(unit, now, "Huỳnh Thị Thu", "0918206473", 1978) | {"role": Worker.Role.VILLAGE}
    return register_worker(**facts | changes)


def may_tram(unit: AdminUnit, now: datetime, **changes: Any) -> Worker:
    """The mobile phone of the commune's station, agreed."""
    facts = _facts(unit, now, "Trạm y tế", "0939512847", None) | {"role": Worker.Role.STATION}
    return register_worker(**facts | changes)


def somebody(unit: AdminUnit, now: datetime, **changes: Any) -> Person:
    """A person without pregnancy or child."""
    return register_person(**_facts(unit, now, "Đặng Thị Trang", "0963843025", 1990) | changes)


def user(role: str = User.Role.STATION, unit: AdminUnit | None = None, username: str = "") -> User:
    """Somebody who signs in with PASSWORD; an administrator sees everywhere and is staff."""
    administrator = role == User.Role.ADMIN
    person = User(
        username=username or role, role=role, unit=None if administrator else unit, is_staff=administrator,
        is_superuser=administrator,
    )  # fmt: skip
    person.password = _HASH
    person.save()
    return person


def _facts(
    unit: AdminUnit, now: datetime, name: str, phone: str | None, year: int | None, *, consent: bool = True
) -> dict[str, Any]:
    return {
        "name": name, "unit": unit, "now": now, "source": "page", "phone": phone, "year_of_birth": year,
        "consent": consent,
    }  # fmt: skip


def _weeks_ago(now: datetime, weeks: int) -> date:
    return local_day(now) - timedelta(weeks=weeks)


def _unit(code: str, name: str, level: str, parent: AdminUnit | None) -> AdminUnit:
    unit = AdminUnit.objects.filter(code=code, valid_to=None).first()
    return unit or save_unit(AdminUnit(code=code, name=name, level=level, parent=parent, valid_from=date(2025, 7, 1)))


def moment(day: date) -> datetime:
    """10:00 in Vietnam on a day."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
