"""A campaign as a workbook for translators and reviewers: texts in one sheet, the rules of the steps in another."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.rendering import FALLBACK_LANGUAGE, render
from campaigns.content.spelled import TEXTS, spell_head, spell_step
from campaigns.content.spreadsheet.layout import CAMPAIGN, HEAD_ROWS, LEFT, REVISION, RIGHT, STEPS, WORDS
from campaigns.content.titles import title_of
from campaigns.models import Step
from messaging.text.plain import to_plain
from messaging.text.segments import measure

TEXT_WIDTH, NARROW, WIDE = 46, 13, 26


def write(campaign: CampaignFile, revision: int, longest: Mapping[str, str], made_at: datetime) -> bytes:
    """The workbook that `read` reads back without loss.

    - Three sheets: the campaign itself, the texts of its steps by language (Khmer too, while it is empty), everything
      else that a step says. The first line is for people, the second has the names of the fields.
    - Open for writing are the texts, names and descriptions; keys, windows, readers and sizes are there to explain.
      The protection has no password: who has to change a window takes it off.
    - Every cell is text and formatted as text, so that a spreadsheet leaves 06-01, 07:30 and -2d as they are.
    - Sizes are SMS parts with the longest values and the longer word of the two regions.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": campaign.code, "created": made_at.replace(tzinfo=None)})
        made = _Formats(book)
        _campaign(book.add_worksheet(CAMPAIGN), made, spell_head(campaign) | {REVISION: str(revision)})
        lines = [spell_step(step, campaign.anchor) for step in campaign.steps]
        explained = [said | _explained(step, said, longest) for step, said in zip(campaign.steps, lines, strict=True)]
        _steps(book.add_worksheet(WORDS), made, LEFT, explained)
        _steps(book.add_worksheet(STEPS), made, RIGHT, lines)
    return out.getvalue()


class _Formats:
    """Heading, name of a field, locked cell, open cell."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        text = {"num_format": "@", "text_wrap": True, "valign": "top"}
        self.title: Format = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.name: Format = book.add_format({**text, "font_color": "#555555", "italic": True})
        self.locked: Format = book.add_format({**text, "bg_color": "#EEEEEE"})
        self.open: Format = book.add_format({**text, "locked": False})


def _campaign(sheet: Worksheet, made: _Formats, head: Mapping[str, str]) -> None:
    sheet.write_row(0, 0, [_("What it says"), _("Name of the field"), _("Value")], made.title)
    for row, name in enumerate(HEAD_ROWS, start=1):
        sheet.write_string(row, 0, title_of(name), made.locked)
        sheet.write_string(row, 1, name, made.name)
        sheet.write_string(row, 2, head[name], made.open if "." in name else made.locked)
    sheet.set_column(0, 0, WIDE)
    sheet.set_column(1, 1, WIDE)
    sheet.set_column(2, 2, TEXT_WIDTH * 2)
    _protect(sheet)


def _steps(sheet: Worksheet, made: _Formats, columns: Sequence[str], lines: Sequence[Mapping[str, str]]) -> None:
    for column, name in enumerate(columns):
        sheet.write_string(0, column, title_of(name), made.title)
        sheet.write_string(1, column, name if name in (*TEXTS, *RIGHT) else "", made.name)
        width = TEXT_WIDTH if name in TEXTS else WIDE if name in ("key", "when", "topic") else NARROW
        sheet.set_column(column, column, width)
        for row, said in enumerate(lines, start=2):
            sheet.write_string(row, column, said[name], made.open if name in TEXTS else made.locked)
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    _protect(sheet)


def _protect(sheet: Worksheet) -> None:
    sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True})


def _explained(step: StepFile, said: Mapping[str, str], longest: Mapping[str, str]) -> dict[str, str]:
    text = step.text(FALLBACK_LANGUAGE)
    return {
        "when": _window(said),
        "reader": str(Step.Role(step.role).label),
        "parts": _parts(text.body if text else "", longest),
        "parts_discreet": _parts(text.discreet_body if text else "", longest),
    }


def _window(said: Mapping[str, str]) -> str:
    """From when until when, in the spelling of the files."""
    if not said["from"]:
        return _("sent by hand")
    window = _("%(start)s to %(end)s") % {"start": said["from"], "end": said["until"]}
    if said["month_day"]:
        window = _("%(window)s around day %(day)s of each year") % {"window": window, "day": said["month_day"]}
    if not said["age_until"]:
        return window
    ages = _("ages %(start)s to %(end)s") % {"start": said["age_from"], "end": said["age_until"]}
    return f"{window}; {ages}"


def _parts(body: str, longest: Mapping[str, str]) -> str:
    """SMS parts with diacritics and without, at their longest: "2 / 1"."""
    if not body:
        return ""
    longest_form = render(body, longest)
    return f"{measure(longest_form).segments} / {measure(to_plain(longest_form)).segments}"
