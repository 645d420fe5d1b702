"""The parameters that the product knows, from their file: name, use, kind, and what they mean to people. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "data" / "parameters.toml"


@dataclass(frozen=True)
class Known:
    """One parameter. `use`: text (fills a placeholder of its name), schedule or answers. `label` and `meaning` by
    language of the pages."""

    name: str
    use: str
    kind: str
    longest: int
    example: str
    label: Mapping[str, str]
    meaning: Mapping[str, str]
    default: str = ""


@cache
def known(path: Path = FILE) -> Mapping[str, Known]:
    """Every parameter by its name, in the order of the file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {entry["name"]: Known(**entry) for entry in table["parameter"]}


def defaults() -> dict[str, str]:
    """What counts where nobody has set a value."""
    return {each.name: each.default for each in known().values() if each.default}


def placeholders() -> frozenset[str]:
    """The names that texts may have between braces and whose value is set per unit."""
    return frozenset(each.name for each in known().values() if each.use == "text")
