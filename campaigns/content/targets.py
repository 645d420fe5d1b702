"""The targets of the plans from their file: which indicator, where, until when, how much."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "data" / "plan_targets.csv"
COMPARATORS = ("<", "<=", "=", ">=", ">")
UNITS = ("percent", "per_1000", "per_100000")
DIRECTIONS = ("lower", "higher")


class TargetFileError(ValueError):
    """A line of the file is wrong; the sentence names the line."""


@dataclass(frozen=True)
class Target:
    """What one plan wants of one indicator in one area by the end of a year.

    `value` is in `unit`: percent, or a number for each 1,000 or 100,000 live births. `comparator` is as the plan writes
    it; "=" where it gives a number alone, and then `better` says which way is meant. `area` is the code of the province
    at the time of the plan, a string since codes have leading zeros.
    """

    indicator: str
    name_vi: str
    name_en: str
    plan: str
    area: str
    year: int
    comparator: str
    value: Decimal
    unit: str
    better: str


def read(path: Path = FILE) -> list[Target]:
    """Every target of the file. Raises TargetFileError; a target that stands twice is a fault."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    targets: list[Target] = []
    for number, row in enumerate(csv.DictReader(lines), start=1):
        target = _target(row, number)
        if any(_place(target) == _place(other) for other in targets):
            raise TargetFileError(f"{path.name}, target {number}: {target.indicator} stands twice. Take one away.")
        targets.append(target)
    return targets


def indicators(path: Path = FILE) -> frozenset[str]:
    """The codes of the indicators that a plan names."""
    return frozenset(target.indicator for target in read(path))


def _place(target: Target) -> tuple[str, str, int]:
    return target.indicator, target.area, target.year


def _target(row: dict[str, str], number: int) -> Target:
    try:
        target = Target(**(row | {"year": int(row["year"]), "value": Decimal(row["value"])}))  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise TargetFileError(f"Target {number}: a field is missing or no number. Correct that line.") from None
    for field, allowed in (("comparator", COMPARATORS), ("unit", UNITS), ("better", DIRECTIONS)):
        if getattr(target, field) not in allowed:
            said = getattr(target, field)
            raise TargetFileError(f'Target {number}: "{field}" cannot be "{said}". Use one of {", ".join(allowed)}.')
    return target
