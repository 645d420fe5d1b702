"""Administrative units: finding them by code or name, what lies below one, and whom a user may see."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import vi_address
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from recipients.models import AdminUnit, Facility, Person, User
from recipients.names import clean_text, name_key, search_form

REFORM = date(2025, 7, 1)
"""Two levels instead of three, and today's codes: resolutions 202/2025/QH15 and 1654 to 1687/NQ-UBTVQH15."""

_PACKAGE_DATA = Path(vi_address.__file__).parent / "data"
_KINDS = ("thanh pho", "thi tran", "dac khu", "phuong", "tinh", "quan", "huyen", "thi xa", "tp", "tt", "tx", "xa")
_SHORT_KINDS = {"p": "phuong", "x": "xa", "t": "tinh"}
_NAMES_SEEN_BY = (User.Role.OFFICER, User.Role.STATION, User.Role.ADMIN)


def below(unit: AdminUnit) -> QuerySet[AdminUnit]:
    """The unit itself and everything below it, of any validity."""
    return AdminUnit.objects.filter(path__startswith=unit.path)


def chain(path: str) -> list[int]:
    """The ids of the units on a path, from the root down to the unit whose path it is."""
    return [int(part) for part in path.split("/") if part]


def may_see_names(user: User | AnonymousUser) -> bool:
    """Who works with people by name: station staff, communication officers, administrators.

    The CDC reviewer reads aggregates and the clinical reviewer reads texts: neither needs a name, so neither
    gets one (least data for the purpose, Law 91/2025/QH15). This is the one place that says so.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or user.role in _NAMES_SEEN_BY


def may_register(user: User | AnonymousUser) -> bool:
    """Who may register and change people: the same who see names."""
    return may_see_names(user)


def units_visible_to(user: User | AnonymousUser) -> QuerySet[AdminUnit]:
    """The units whose figures a user may read: her own and all below; every unit without one of her own.

    Every role, since figures carry no name. Nobody signed in sees nothing.
    """
    if not isinstance(user, User) or not user.is_active:
        return AdminUnit.objects.none()
    if user.unit is None:
        everywhere = user.is_superuser or user.role == User.Role.ADMIN
        return AdminUnit.objects.all() if everywhere else AdminUnit.objects.none()
    return below(user.unit)


def people_visible_to(user: User | AnonymousUser) -> QuerySet[Person]:
    """The people a user may see by name: those of the units visible to her, if her role sees names at all."""
    if not may_see_names(user):
        return Person.objects.none()
    assert isinstance(user, User)
    if user.unit is None:
        return Person.objects.all()
    return Person.objects.filter(unit__path__startswith=user.unit.path)


def station_of(person: Person) -> Facility | None:
    """Where she can turn to: her own facility, else the health station of her unit or of the nearest unit above."""
    if person.facility is not None:
        return person.facility
    above = chain(person.unit.path)
    stations = Facility.objects.filter(unit_id__in=above, kind=Facility.Kind.STATION, valid_to=None).order_by("id")
    return max(stations, key=lambda facility: (above.index(facility.unit_id), -facility.pk), default=None)


def find_unit(code: str = "", name: str = "", within: AdminUnit | None = None, *, on: date) -> AdminUnit | None:
    """The unit in force on a day, by its code, or by a name that is unique within `within`. See UnitIndex."""
    return UnitIndex.load(on, within, codes=[code] if code.isdigit() else None).find(code, name)


@dataclass
class UnitIndex:
    """The units in force on a day, ready for many look-ups.

    - A code is looked up everywhere; lost zeros are put back ("7210" is "07210", "1" is "01").
    - A name is looked up below `within` only. It may be written with its kind, shortened ("P.", "TP") or not, or
      without it; with its diacritics, or with none at all. A name that fits two units is nobody's.
    - After a comma may stand what it lies in: "Phước Hậu, Vĩnh Long". It must be right, or the name is nobody's.
    - Communes and villages come before provinces and districts of the same name, since people live in communes.
    """

    by_code: dict[str, AdminUnit] = field(default_factory=dict)
    _by_form: dict[str, list[AdminUnit]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, on: date, within: AdminUnit | None = None, codes: Iterable[str] | None = None) -> UnitIndex:
        """`codes` limits the load to these codes, for a single look-up."""
        in_force = AdminUnit.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=on))
        if codes is not None:
            in_force = in_force.filter(code__in=[full for code in codes for full in _full_codes(code)])
        index = cls()
        for unit in in_force.order_by("pk"):
            index.by_code[unit.code] = unit
            if within is None or unit.path.startswith(within.path):
                for form in set(_forms(unit.name)):
                    index._by_form[form].append(unit)
        return index

    def find(self, code: str = "", name: str = "") -> AdminUnit | None:
        if code and (unit := self._coded(code)):
            return unit
        if code and code.isdigit():
            return None
        return self._named(name or code)

    def _coded(self, code: str) -> AdminUnit | None:
        return next((self.by_code[full] for full in _full_codes(code) if full in self.by_code), None)

    def _named(self, name: str) -> AdminUnit | None:
        commune, comma, above = name.partition(",")
        found = self._alone(commune)
        return found if found is None or not comma or self._lies_in(found, above.rpartition(",")[2]) else None

    def _lies_in(self, unit: AdminUnit, above: str) -> bool:
        written = set(_forms(above, typed=True))
        ids = set(chain(unit.path)[:-1])
        return any(written & set(_forms(each.name)) for each in self.by_code.values() if each.pk in ids)

    def _alone(self, name: str) -> AdminUnit | None:
        for form in _forms(name, typed=True):
            found = self._by_form.get(form, [])
            local = [unit for unit in found if unit.level in (AdminUnit.Level.COMMUNE, AdminUnit.Level.VILLAGE)]
            for candidates in (local, found):
                if len(candidates) == 1:
                    return candidates[0]
            if found:
                return None
        return None


def _full_codes(code: str) -> list[str]:
    code = clean_text(code).removesuffix(".0")
    return [code, code.zfill(5)] if len(code) > 2 else [code, code.zfill(2)]


def _forms(name: str, *, typed: bool = False) -> list[str]:
    """The spellings of a name, the most exact first.

    A name typed with its kind is not sought without it, and one typed with diacritics is not sought without them:
    Bình Phú is not Bình Phụ.
    """
    exact = name_key(" ".join(clean_text(name).replace(".", " ").replace(",", " ").split()))
    words = search_form(exact).split()
    if len(words) > 1:
        words[0] = _SHORT_KINDS.get(words[0], words[0])
    plain = " ".join(words)
    kind = next((kind for kind in _KINDS if plain.startswith(kind + " ")), "")
    bare_exact = " ".join(exact.split()[len(kind.split()) :])
    bare = plain.removeprefix(kind + " ")
    forms = [f"{kind}={bare_exact}"]
    if not typed or bare == bare_exact:
        forms.append(f"{kind} {bare}")
    if kind and not typed:
        forms += [f"={bare_exact}", f" {bare}"]
    return forms if bare else []


@transaction.atomic
def save_unit(unit: AdminUnit) -> AdminUnit:
    """Saves a unit with its derived forms; another parent takes everything below along."""
    former = AdminUnit.objects.filter(pk=unit.pk).values_list("path", flat=True).first() or ""
    unit.search_name = search_form(unit.name)
    unit.save()
    unit.path = f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    if former and former != unit.path:
        moved = list(AdminUnit.objects.filter(path__startswith=former).exclude(pk=unit.pk))
        for each in moved:
            each.path = unit.path + each.path.removeprefix(former)
        AdminUnit.objects.bulk_update(moved, ["path"])
    return unit


@transaction.atomic
def load_units(on: date) -> int:
    """Provinces and communes as of the package's snapshot of the statistics office's catalogue; safe again.

    - A code that is not in force yet is added: from REFORM on when the table is empty, else from `on`.
    - A unit that keeps its code but has another name or kind (communes become wards) is renamed.
    - A unit that the package no longer has stays: an administrator closes it and names its successors.
    Returns how many units were added or renamed.
    """
    provinces = _package_file("tinh_tp.json")
    in_force = {unit.code: unit for unit in AdminUnit.objects.filter(valid_to=None)}
    since = on if in_force else REFORM
    changed = _load_level(provinces, AdminUnit.Level.PROVINCE, {}, in_force, since)
    parents = {unit.code: unit for unit in AdminUnit.objects.filter(valid_to=None, level=AdminUnit.Level.PROVINCE)}
    communes: dict[str, Any] = {}
    for code in sorted(provinces):
        communes |= _package_file(f"xa-phuong/{code}.json")
    return changed + _load_level(communes, AdminUnit.Level.COMMUNE, parents, in_force, since)


def _package_file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_PACKAGE_DATA / name).read_text(encoding="utf-8"))
    return content


def _load_level(
    entries: dict[str, Any],
    level: AdminUnit.Level,
    parents: dict[str, AdminUnit],
    in_force: dict[str, AdminUnit],
    since: date,
) -> int:
    added, renamed = [], []
    for code, entry in sorted(entries.items()):
        name = clean_text(entry["name_with_type"])
        unit = in_force.get(code)
        if unit is None:
            parent = parents.get(entry.get("parent_code", ""))
            added.append(
                AdminUnit(
                    code=code, name=name, search_name=search_form(name), level=level, parent=parent, valid_from=since
                )
            )
        elif unit.name != name:
            unit.name, unit.search_name = name, search_form(name)
            renamed.append(unit)
    AdminUnit.objects.bulk_create(added)
    AdminUnit.objects.bulk_update(renamed, ["name", "search_name"])
    own = Concat(Cast("pk", CharField()), Value("/"))
    fresh = AdminUnit.objects.filter(path="", level=level)
    fresh.filter(parent=None).update(path=Concat(Value("/"), own))
    for parent in parents.values():
        fresh.filter(parent=parent).update(path=Concat(Value(parent.path), own))
    return len(added) + len(renamed)
