"""The targets of the two provincial plans, each as its plan says it; a faulty line is named."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from campaigns.content.targets import FILE, TargetFileError, indicators, read
from campaigns.models import Target
from campaigns.reference import load_targets

VINH_LONG, BAC_GIANG = "86", "24"


def of(area: str) -> dict[str, tuple[str, Decimal]]:
    return {target.indicator: (target.comparator, target.value) for target in read() if target.area == area}


def test_vinh_long_wants_by_2025() -> None:
    assert of(VINH_LONG) == {
        "MMR": ("<=", Decimal(42)), "ANC4": ("=", Decimal(95)), "FACB": (">", Decimal(97)), "SBA": (">", Decimal(95)),
        "PNC1W": ("=", Decimal(90)), "ANAEM": ("=", Decimal(20)), "NMR": ("<", Decimal(9)),
        "IMR": ("=", Decimal("9.4")), "U5MR": ("=", Decimal("12.5")), "LBW": ("<", Decimal(8)),
        "EENC": ("=", Decimal(75)), "STUNT": ("<", Decimal(17)),
    }  # fmt: skip
    assert {target.year for target in read() if target.area == VINH_LONG} == {2025}


def test_bac_giang_wants_in_2024() -> None:
    assert of(BAC_GIANG) == {
        "MMR": ("<", Decimal(32)), "ANC4": ("=", Decimal(88)), "SBA-HW": (">", Decimal(99)), "SBA": (">", Decimal(99)),
        "PNC1W": ("=", Decimal(78)), "IRON": ("=", Decimal(73)), "NMR": ("<", Decimal("9.5")),
        "IMR": ("<", Decimal("12.5")), "U5MR": ("<", Decimal("18.5")), "LBW": ("<", Decimal(5)),
        "EENC": (">", Decimal(75)), "STUNT": ("=", Decimal("19.0")),
    }  # fmt: skip
    assert {target.year for target in read() if target.area == BAC_GIANG} == {2024}


def test_the_provinces_have_different_indicators() -> None:
    assert set(of(VINH_LONG)) ^ set(of(BAC_GIANG)) == {"FACB", "SBA-HW", "ANAEM", "IRON"}
    assert indicators() == set(of(VINH_LONG)) | set(of(BAC_GIANG)) | {"EBF"}


def test_fewer_deaths_and_more_visits_are_better() -> None:
    better = {target.indicator: target.better for target in read()}
    assert {code for code, way in better.items() if way == "lower"} == {
        "MMR", "ANAEM", "NMR", "IMR", "U5MR", "LBW", "STUNT",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",<=,42,", ",about,42,", 'Target 1: "comparator" cannot be "about"'),
        (",<=,42,", ",<=,many,", "Target 1: a field is missing or no number"),
        (",<=,42,", ",42,", "Target 1: a field is missing or no number"),
        (
            "per_100000,lower\nMMR,Tử vong mẹ,Maternal deaths,BG,24,2024",
            "per_100000,lower\nMMR,Tử vong mẹ,Maternal deaths,BG,86,2025",
            "MMR stands twice",
        ),
        ("percent,higher", "permille,higher", '"unit" cannot be "permille"'),
        ("per_100000,lower", "per_100000,down", '"better" cannot be "down"'),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    content = FILE.read_text()
    assert old in content
    (tmp_path / "targets.csv").write_text(content.replace(old, new, 1))
    with pytest.raises(TargetFileError) as caught:
        read(tmp_path / "targets.csv")
    assert said in str(caught.value)


@pytest.mark.django_db
def test_the_table_is_what_the_file_says(tmp_path: Path) -> None:
    assert load_targets() == len(read()) == Target.objects.count()
    assert load_targets() == 0
    (tmp_path / "targets.csv").write_text(FILE.read_text().replace(",<=,42,", ",<=,40,").replace("EBF,", "BF6,"))
    assert load_targets(tmp_path / "targets.csv") == 5
    assert Target.objects.get(indicator="MMR", area=VINH_LONG).value == 40
    assert not Target.objects.filter(indicator="EBF").exists()
    assert load_targets() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"comparator": "~"}, {"unit": "permille"}, {"better": "up"}, {"value": -1}, {"value": 101}, {"year": 25}]
)
def test_the_database_takes_no_faulty_target(wrong: dict[str, object]) -> None:
    good = {"indicator": "X", "name_vi": "x", "name_en": "x", "plan": "VL", "area": "86", "year": 2025,
            "comparator": "<", "value": 5, "unit": "percent", "better": "lower"}  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(**good | wrong)
    Target.objects.create(**good)
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(**good)
