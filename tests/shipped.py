"""Some of the shipped campaigns as drafts: all of them take a second in every test."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.content import library


def load_some(now: datetime, *codes: str) -> None:
    """Loads these campaigns of the library and no other."""
    with TemporaryDirectory() as folder:
        for name in (*codes, "sample_values"):
            (Path(folder) / f"{name}.toml").symlink_to(library.FOLDER / f"{name}.toml")
        library.load(now, Path(folder))
