"""What every page has to be in a browser: no wider than a phone, every field and button named, one title."""

from collections.abc import Callable, Iterable, Sequence

from playwright.sync_api import Page

PHONE = 360  # pixels
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
    .filter(e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.textContent.trim())
    .map(e => e.outerHTML)"""


def assert_fits(
    open_page: Callable[..., Page], pages: Iterable[tuple[str, Sequence[object]]], language: str, **how: object
) -> None:
    """Opens each of `pages` (name and arguments of its address) once, on a phone."""
    for name, arguments in pages:
        page = open_page(name, *arguments, width=PHONE, language=language, **how)
        wider = page.evaluate(WIDER)
        assert wider <= 0, f"{name} is {wider} px wider than the screen"
        assert page.evaluate(NAMELESS) == [], name
        assert page.locator("h1").count() == 1, name
