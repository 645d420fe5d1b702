"""Looks for faults in the campaign files, before anybody reviews them."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.content.files import LibraryFileError
from campaigns.content.library import FOLDER
from campaigns.content.lint.run import lint


def _folder(path: str) -> Path:
    if not Path(path).is_dir():
        raise ArgumentTypeError(f'"{path}" is no folder. Name the folder with the campaign files.')
    return Path(path)


class Command(BaseCommand):
    help = (
        "Checks the campaign files: form, words, reading level, discretion, windows, rhythm. Exit code 1 for a fault."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=_folder, default=FOLDER, help="default: the shipped library")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            findings = lint(options["folder"])
        except (LibraryFileError, OSError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
        for finding in () if options["json"] else findings:
            place = f"{finding.file}/{finding.step}" if finding.step else finding.file
            self.stdout.write(f"{place}   {finding.rule}\n    {finding.sentence}")
        if findings:
            raise SystemExit(1)
        if not options["json"]:
            self.stdout.write("No fault found.")
