"""What a database can keep of words from outside."""

from typing import Any, TypeVar

T = TypeVar("T")


def storable(value: T) -> T:
    """`value`, a text or what JSON is read into, without NUL characters and halves of characters: PostgreSQL keeps
    neither, and a phone or a provider may cut a character in two."""
    kept: Any = value
    if isinstance(value, str):
        kept = value.replace("\0", "").encode("utf-8", "replace").decode()
    elif isinstance(value, dict):
        kept = {str(storable(name)): storable(item) for name, item in value.items()}
    elif isinstance(value, list):
        kept = [storable(item) for item in value]
    return kept
