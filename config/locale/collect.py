"""Keeps the Vietnamese catalogue complete: collect the words of the code, check the translations, compile them.

    python config/locale/collect.py           new words go into django.po, words no longer used leave it
    python config/locale/collect.py check     exit code 1 and the list of what is missing or wrong
    python config/locale/collect.py compile   django.po -> django.mo, which the pages read (not kept in git)

Needs Babel and Django, no gettext tools and no settings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
APPS = ("campaigns", "config", "messaging", "recipients")
PO = ROOT / "config" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip

UNSTABLE = ('"POT-Creation-Date', '"PO-Revision-Date', '"Report-Msgid', '"Last-Translator', '"Language-Team')
"""Headers that would change with every run and tell nothing."""


def sources() -> Iterator[tuple[str, str]]:
    """Path below the root and Python text of every file with words; templates as Python that calls gettext."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield name, path.read_text(encoding="utf-8")
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                # What stands before a tag must not look like Python's indentation.
                yield name, "\n".join(line.lstrip() for line in templatize(path.read_text("utf-8")).splitlines())


def collected() -> Catalog:
    """The words that the code has now."""
    catalog = Catalog()
    for name, text in sources():
        found = extract("python", BytesIO(text.encode()), KEYWORDS, options={"encoding": "utf-8"})
        for _line, message, _comments, context in found:
            if message and message != ("", ""):
                catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def translated() -> Catalog:
    """The words as they stand in django.po; an empty catalogue where there is none."""
    if not PO.exists():
        return Catalog(locale="vi", project="Mam", version="1", charset="utf-8", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale="vi")


def update() -> Catalog:
    """Brings django.po in line with the code; a translation stays as long as its words do."""
    catalog = translated()
    catalog.update(collected(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.header_comment = "# The Vietnamese words of Mam's pages. Kept complete by config/locale/collect.py."
    written = BytesIO()
    write_po(written, catalog, width=116, sort_output=True, include_lineno=False, ignore_obsolete=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text("".join(line for line in lines if not line.startswith(UNSTABLE)), encoding="utf-8")
    return catalog


def faults() -> list[str]:
    """What keeps the pages from being wholly Vietnamese, one line each."""
    catalog, words = translated(), collected()
    lines = []
    for message in words:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        parts = known.string if known and isinstance(known.string, (list, tuple)) else [known.string if known else ""]
        if not all(parts):
            lines.append(f"not translated: {message.id!r} ({', '.join(place for place, _line in message.locations)})")
        elif known is not None:
            if known.fuzzy:
                lines.append(f"fuzzy: {message.id!r}")
            lines.extend(f"{error}: {message.id!r}" for error in known.check(catalog))
    for known in catalog:
        if known.id and words.get(known.id, known.context) is None:
            lines.append(f"no longer used: {known.id!r}")
    return lines


def compile_catalogue() -> None:
    """Writes django.mo beside django.po when it is missing or older."""
    if MO.exists() and MO.stat().st_mtime >= PO.stat().st_mtime:
        return
    fresh = MO.with_suffix(".mo.new")
    with fresh.open("wb") as file:
        write_mo(file, translated())
    fresh.replace(MO)


def main(arguments: list[str]) -> int:
    """Runs the named step; the exit code says whether the catalogue is whole."""
    step = arguments[0] if arguments else "update"
    if step == "update":
        catalog = update()
        print(f"{len(catalog)} messages, {sum(1 for m in catalog if m.id and not m.string)} to translate, in {PO}")
        return 0
    if step == "compile":
        compile_catalogue()
        return 0
    if step == "check":
        lines = faults()
        print("\n".join(lines) or "Every word is translated.")
        return 1 if lines else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
