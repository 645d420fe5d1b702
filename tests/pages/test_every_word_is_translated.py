"""The Vietnamese catalogue holds every word of the code, and nothing else."""

import re
import runpy

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.utils.functional import Promise

CATALOGUE = runpy.run_path(str(settings.BASE_DIR / "config" / "locale" / "collect.py"))


def test_the_catalogue_is_whole() -> None:
    assert CATALOGUE["faults"]() == []


def test_templates_hold_no_words_outside_gettext() -> None:
    """Letters between tags, after template tags and comments are taken out, are words that nobody can translate."""
    allowed = {"Mầm", "VI", "EN", "g", "CSV", "Bearer"}  # names, the same in every language
    found = []
    for path in settings.BASE_DIR.glob("*/templates/**/*.html"):
        if path.name == "500.html":  # shown when nothing works, in both languages
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.S)
        text = re.sub(r"{% blocktrans(late)? .*?{% endblocktrans(late)? %}", "", text, flags=re.S)
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", "", text, flags=re.S)
        text = re.sub(r"<(style|script|svg).*?</\1>", "", text, flags=re.S)
        text = re.sub(r"&[a-z]+;", "", re.sub(r"<[^>]*>", "\n", text))
        words = set(re.findall(r"[^\W\d_]+", text)) - allowed
        if words:
            found.append(f"{path.relative_to(settings.BASE_DIR)}: {sorted(words)}")
    assert found == []


def test_the_administration_names_no_field_outside_gettext() -> None:
    registered = admin.site._registry.values()
    fields = [
        field
        for model in {*admin.site._registry, *(inline.model for each in registered for inline in each.inlines)}
        if model._meta.app_label in ("recipients", "messaging", "campaigns")
        for field in model._meta.local_fields
        if not field.primary_key and not hasattr(AbstractUser, field.name)
    ]
    assert len(fields) > 200
    assert [str(field) for field in fields if not isinstance(field.verbose_name, Promise)] == []
    assert [str(field) for field in fields if field.help_text and not isinstance(field.help_text, Promise)] == []


@pytest.mark.parametrize("pair", [("ink", "paper"), ("ink", "ground"), ("soft", "paper"), ("soft", "ground"),
    ("green", "paper"), ("green-dark", "green-pale"), ("amber", "amber-pale"), ("red", "paper"), ("red", "red-pale"),
    ("blue", "blue-pale"), ("paper", "green"), ("paper", "red"), ("ink", "amber-pale"), ("green", "amber-pale"),
    ("soft", "green-pale")])  # fmt: skip
def test_colours_can_be_read(pair: tuple[str, str]) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text."""
    style = (settings.BASE_DIR / "config" / "static" / "mam.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", style))

    def luminance(name: str) -> float:
        digits = colours[name][1:]
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(name) for name in pair), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_style_stays_small() -> None:
    """An old PC on a station's line: one small file."""
    assert (settings.BASE_DIR / "config" / "static" / "mam.css").stat().st_size < 15_000
