"""The reach table as files that offices exchange: CSV for Excel, and XLSX with its definitions. Vietnamese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import xlsxwriter
from django.conf import settings
from django.utils import translation

from campaigns.models import Reason
from campaigns.reach import metrics
from campaigns.reach.coverage import Reach
from campaigns.reach.metrics import Figures

COUNTS = {
    "registered": ("Đã đăng ký", "Số người đã đăng ký đến hết kỳ, theo nơi ở hiện nay."),
    "has_phone": ("Có số di động", "Trong số đã đăng ký: hiện có số điện thoại di động."),
    "consented": ("Đồng ý nhận tin", "Trong số đã đăng ký: ý kiến mới nhất tính đến hết kỳ là đồng ý nhận tin nhắn."),
    "enrolled": (
        "Đang theo chương trình",
        "Trong số đã đăng ký: đang theo ít nhất một chiến dịch, hoặc có tin đến hạn trong kỳ.",
    ),
    "due": (
        "Tin đến hạn",
        "Tin đến hạn trong kỳ, người vào muộn tính từ ngày vào. Bằng tổng sáu cột: đã nhận, không nhận được, "
        "không rõ, đang chờ, nói trực tiếp, không gửi.",
    ),
    "sent": ("Đã gửi đi", "Nhà cung cấp đã nhận hoặc có thể đã nhận tin, bất kể kết quả về sau."),
    "delivered": ("Đã nhận", "Nhà mạng báo đã đến máy, đủ mọi phần của tin."),
    "undelivered": ("Không nhận được", "Lỗi, không đến máy, hết hạn hoặc bị cổng gửi tin từ chối."),
    "unknown": ("Không rõ", "Nhà mạng đã hoặc có thể đã nhận tin nhưng không có báo cáo."),
    "pending": ("Đang chờ", "Đang chờ gửi, hoặc đã gửi và còn chờ báo cáo."),
    "told": (
        "Nói trực tiếp",
        "Không nhắn tin mà nói trực tiếp: người không đọc được tin, hoặc chưa có tin bằng tiếng của người đó.",
    ),
    "skipped_total": ("Không gửi", "Kết thúc mà không gửi, có lý do (xem bảng lý do)."),
    "reached_low": ("Người nhận được tin (ít nhất)", "Số người có ít nhất một tin đã nhận; không rõ = chưa nhận."),
    "reached_high": ("Người nhận được tin (nhiều nhất)", "Số người có ít nhất một tin đã nhận hoặc không rõ."),
}
RATES = {
    "delivery_rate_low": ("Tỷ lệ tin đến (thấp)", "Đã nhận / (đã nhận + không nhận được + không rõ)."),
    "delivery_rate_high": ("Tỷ lệ tin đến (cao)", "(Đã nhận + không rõ) / (đã nhận + không nhận được + không rõ)."),
    "reach_rate_low": ("Tỷ lệ người nhận (thấp)", "Người nhận được tin (ít nhất) / đang theo chương trình."),
    "reach_rate_high": ("Tỷ lệ người nhận (cao)", "Người nhận được tin (nhiều nhất) / đang theo chương trình."),
}
HIDDEN = f"<{metrics.SMALL_CELL}"
"""Written instead of a figure of people that this reader may not see."""
HIDDEN_TOO = "…"
"""Written where a figure of 5 or more would give a hidden one away."""

Cell = str | int | float | None


def shown(reach: Reach, names_allowed: bool) -> list[dict[str, Cell]]:
    """The rows as a reader sees them: each count, rate and `skipped:<reason>` by name, small cells covered.

    Without the right to see names, figures of people, and skip reasons by unit (a loss is a person's affair), are
    covered from 1 to 4. A rate made of a covered figure is left empty.
    """
    reasons = metrics.reasons_of([reach.total])
    rows = [_cells(row.figures, reasons) for row in reach.rows]
    if names_allowed:
        return rows
    for name in (*metrics.PERSON_FIGURES, *(f"skipped:{reason}" for reason in reasons)):
        column = [int(row[name] or 0) for row in rows]
        for place in metrics.hidden(column):
            rows[place][name] = HIDDEN if column[place] < metrics.SMALL_CELL else HIDDEN_TOO
    for row in rows:
        if any(isinstance(row[name], str) for name in ("enrolled", "reached_low", "reached_high")):
            row["reach_rate_low"] = row["reach_rate_high"] = None
    return rows


def total(reach: Reach, names_allowed: bool) -> dict[str, Cell]:
    """The line of the whole. Covered like a row when it is itself small."""
    reasons = metrics.reasons_of([reach.total])
    cells = _cells(reach.total, reasons)
    if not names_allowed:
        for name in (*metrics.PERSON_FIGURES, *(f"skipped:{reason}" for reason in reasons)):
            if 0 < int(cells[name] or 0) < metrics.SMALL_CELL:
                cells[name] = HIDDEN
                if name in metrics.PERSON_FIGURES:
                    cells["reach_rate_low"] = cells["reach_rate_high"] = None
    return cells


def to_csv(reach: Reach, names_allowed: bool) -> bytes:
    """UTF-8 with BOM and semicolons, as Excel with Vietnamese settings opens it right. Rates have a decimal comma."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([title] for title in _title(reach))
    writer.writerow([])
    for line in _table(reach, names_allowed):
        writer.writerow([f"{cell:.4f}".replace(".", ",") if isinstance(cell, float) else cell for cell in line])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_xlsx(reach: Reach, names_allowed: bool) -> bytes:
    """A workbook with the table (“Kết quả”) and what every column means (“Định nghĩa”)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": _title(reach)[0], "created": reach.made_at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        percent, number = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet("Kết quả")
        for place, title in enumerate(_title(reach)):
            sheet.write_string(place, 0, title, book.add_format({"bold": True}) if not place else None)
        lines = list(_table(reach, names_allowed))
        top = len(_title(reach)) + 1
        sheet.write_row(top, 0, lines[0], bold)
        for place, line in enumerate(lines[1:], start=top + 1):
            for column, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                elif cell is not None:
                    sheet.write_number(place, column, cell, percent if isinstance(cell, float) else number)
        sheet.set_column(0, 0, 9)
        sheet.set_column(1, 1, 32)
        sheet.set_column(2, len(lines[0]), 13)
        sheet.freeze_panes(top + 1, 2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        _definitions(book, bold)
    return out.getvalue()


def _title(reach: Reach) -> list[str]:
    made = reach.made_at.astimezone(settings.ZONE)
    return [
        f"Mức độ tiếp cận từ {reach.start:%d/%m/%Y} đến {reach.end:%d/%m/%Y}",
        f"Đơn vị: {reach.unit.name if reach.unit else 'Tất cả'}",
        f"Lập lúc {made:%H:%M} ngày {made:%d/%m/%Y} ({settings.TIME_ZONE})",
        f"Định nghĩa phiên bản {metrics.DEFINITIONS_VERSION}",
    ]


def _table(reach: Reach, names_allowed: bool) -> Iterator[list[Cell]]:
    reasons = metrics.reasons_of([reach.total])
    words = reason_words()
    names = [*COUNTS, *RATES, *(f"skipped:{reason}" for reason in reasons)]
    headings = [title for title, _ in (*COUNTS.values(), *RATES.values())]
    yield ["Mã", "Đơn vị", *headings, *(f"Không gửi: {words.get(reason, reason)}" for reason in reasons)]
    for row, cells in zip(reach.rows, shown(reach, names_allowed), strict=True):
        name = f"{row.unit.name} (trực tiếp)" if row.itself else row.unit.name
        yield [row.unit.code, name, *(cells[key] for key in names)]
    cells = total(reach, names_allowed)
    yield ["", "Cộng", *(cells[key] for key in names)]


def _cells(figures: Figures, reasons: list[str]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {name: getattr(figures, name) for name in (*COUNTS, *RATES)}
    return cells | {f"skipped:{reason}": figures.skipped.get(reason, 0) for reason in reasons}


def reason_words(language: str = "vi") -> dict[str, str]:
    """The words for every skip reason."""
    with translation.override(language):
        return {value: str(label) for value, label in Reason.choices}


def _definitions(book: xlsxwriter.Workbook, bold: object) -> None:
    sheet = book.add_worksheet("Định nghĩa")
    sheet.write_row(0, 0, ["Cột", "Nghĩa"], bold)
    lines = [*COUNTS.values(), *RATES.values()]
    lines.append((HIDDEN, "Số người từ 1 đến 4, không hiển thị để không nhận ra được người cụ thể."))
    lines.append((HIDDEN_TOO, "Không hiển thị vì sẽ suy ra được số bị che."))
    for place, line in enumerate(lines, start=1):
        sheet.write_row(place, 0, line)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 100)


def filename(reach: Reach, kind: str) -> str:
    """Like `tiep-can-86-20261101-20261130.xlsx`."""
    return f"tiep-can-{reach.unit.code if reach.unit else 'tat-ca'}-{reach.start:%Y%m%d}-{reach.end:%Y%m%d}.{kind}"
