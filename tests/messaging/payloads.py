"""Payloads as providers send them, kept as files."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    """The JSON object in a file."""
    return dict(json.loads((FOLDER / name).read_text("utf-8")))


def lines(name: str) -> list[list[str]]:
    """The lines of a file, each split at its spaces; those with # are words to the reader."""
    text = (FOLDER / name).read_text("utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
