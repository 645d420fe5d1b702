"""Requests and answers described by configuration: placeholders to fill in, paths to values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\{(\w+)(:number)?\}")


def fill(template: Any, values: Mapping[str, str]) -> Any:
    """`template` (text, list or object) with `{name}` replaced by its value, wherever it stands in a text.

    A text that is nothing but `{name:number}` becomes a whole number; a name that is not known stays as it is written.
    """
    if isinstance(template, Mapping):
        return {name: fill(item, values) for name, item in template.items()}
    if isinstance(template, list):
        return [fill(item, values) for item in template]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    if whole and whole[2] and values.get(whole[1], "").lstrip("-").isdigit():
        return int(values[whole[1]])
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def names(template: Any) -> Iterator[str]:
    """The placeholders in `template`."""
    if isinstance(template, Mapping):
        for item in template.values():
            yield from names(item)
    elif isinstance(template, list):
        for item in template:
            yield from names(item)
    elif isinstance(template, str):
        for found in _PLACEHOLDER.finditer(template):
            yield found[1]


def dig(data: Any, path: object) -> Any:
    """The value at `path` ("data.0.id"; "" is everything); None when there is none."""
    for step in str(path).split(".") if path != "" else ():
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def word(value: Any) -> str:
    """A value of an answer as a table writes it: true and false in small letters, whole numbers without a point."""
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
