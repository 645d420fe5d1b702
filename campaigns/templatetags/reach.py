"""Numbers of the reach table in the reader's language."""

from __future__ import annotations

from babel.numbers import format_decimal, format_percent
from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def figure(value: str | int | float | None) -> str:
    """A count with separators, a rate (float) as a percentage with one decimal, a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return format_percent(value, format="#,##0.0%", locale=get_language() or "vi")
    return format_decimal(value, locale=get_language() or "vi")


@register.filter(name="range")
def range_(low: str | int | float | None, high: str | int | float | None) -> str:
    """Two figures as one range, one figure when they agree."""
    return figure(low) if low == high else f"{figure(low)} – {figure(high)}"
