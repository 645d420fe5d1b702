"""Writes the pages of docs/ that follow from the library, or says that they are out of date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.content.papers import library_page, rehearsal_page
from recipients.errors import Refusal

DOCS = Path(settings.BASE_DIR) / "docs"


class Command(BaseCommand):
    help = (
        "Writes docs/library.md and docs/rehearsal.md from the library; use a database with nothing but load_reference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 when a page is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pages = {
                "library.md": library_page((DOCS / "library.md").read_text(encoding="utf-8")),
                "rehearsal.md": rehearsal_page(),
            }
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from None
        old = [name for name, page in pages.items() if _read(DOCS / name) != page]
        if options["check"] and old:
            raise CommandError(f"{', '.join(old)}: not what the library says. Run make papers.")
        for name in old:
            (DOCS / name).write_text(pages[name], encoding="utf-8")
        self.stdout.write(f"Written: {', '.join(old)}." if old else "Up to date.")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
