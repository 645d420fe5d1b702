"""What stands behind the code of a source: the document in words, for reviewers who look it up."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "data" / "sources.csv"


@cache
def known(path: Path = FILE) -> Mapping[str, Mapping[str, str]]:
    """Code to language to words, in the order of the file."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {row["code"]: {"vi": row["vi"], "en": row["en"]} for row in csv.DictReader(lines)}


def words(code: str, language: str) -> str:
    """The document in a language; "" where an officer wrote it out herself instead of a code."""
    said = known().get(code, {})
    return said.get(language) or said.get("en", "")
