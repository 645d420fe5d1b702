"""Decides about one row of an antenatal register: what it says, and every reason to refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from recipients.gestation import TERM_DAYS, GestationalAge, Source, choose_dating, is_plausible_anchor
from recipients.names import clean_name, clean_text, name_key
from recipients.phones import Phone, PhoneError, parse
from recipients.register_import import cells, endings
from recipients.register_import.headings import Heading
from recipients.register_import.reader import DataRow
from recipients.sentences import _

REASONS_VI = {
    "date_invalid": "Có ngày hoặc tuổi thai không đọc được. Ghi lại ngày theo dạng ngày/tháng/năm, ví dụ 03/07/2026, "
    "và tuổi thai theo tuần.",
    "date_out_of_range": "Ngày không hợp lý: ngày khám hoặc kinh cuối ở tương lai, hoặc thai đã quá 43 tuần. "
    "Kiểm tra và ghi lại ngày.",
    "name_missing": "Thiếu họ và tên. Ghi đầy đủ họ và tên.",
    "no_anchor_date": "Không có ngày để tính tuổi thai. Ghi ngày đầu kỳ kinh cuối, ngày dự kiến sinh, "
    "hoặc tuổi thai cùng với ngày khám.",
    "phone_invalid": "Số điện thoại không đúng. Ghi đủ 10 chữ số, ví dụ 0912 345 678, hoặc để trống nếu không có.",
    "outcome_contradictory": "Dòng ghi mâu thuẫn về kết quả thai kỳ. Sửa lại kết quả hoặc ngày rồi nhập lại.",
    "pregnancy_over": "Thai kỳ đã kết thúc và chưa từng được đăng ký, không còn gì để theo dõi. Không cần nhập lại.",
    "unit_unknown": "Không tìm thấy xã/phường. Ghi mã xã hoặc tên xã/phường theo danh mục hiện hành.",
}
"""What happened and what to do, for the spreadsheet of refused rows."""

_DISAGREE_VI = (
    "Kinh cuối và ngày dự kiến sinh lệch nhau {days} ngày. Xem lại hai ngày này, sửa ngày ghi sai rồi nhập lại."
)
LMP_AND_EDD_DAYS, LMP_AND_ULTRASOUND_DAYS = 21, 42
"""By how much the LMP and EDD - 280 days may differ: reckoning by hand, and dating by ultrasound. More is a typo."""


WARNINGS = {
    "consent_unread": _("The consent cannot be read and counts as no. Write yes or no."),
    "gestation_unread": _("The weeks of gestation cannot be read and were left out. Write weeks and days, like 12+3."),
    "gravida_unread": _("The number of the pregnancy cannot be read and was left out. Write a whole number."),
    "language_unread": _("The language is none that we have texts in, so it became Vietnamese. Check it."),
    "name_clipped": _("The name is very long and was cut. Check it on her page."),
    "occupation_clipped": _("The occupation is very long and was cut. Check it in the file."),
    "parity_unread": _("The number of births cannot be read and was left out. Write a whole number."),
    "phone_prefix_unknown": _("The first digits of the number belong to no operator that we know. Check the number."),
    "phone_several": _("There are several telephone numbers and the first is used. Check which one is hers."),
    "village_clipped": _("The village is very long and was cut. Check it on her page."),
    "year_of_birth_unread": _("The year of birth cannot be read and was left out. Write four digits."),
    **endings.WARNINGS,
}
"""What was read with doubt in a row that is taken all the same, and what to do."""

NAME_LIMIT, VILLAGE_LIMIT, OCCUPATION_LIMIT = 120, 120, 60
_NO_PHONE = cells.words("khong|khong co|khong co so|khong co dien thoai|khong co sdt|ko|ko co|k co|chua co|0|x")

UnitResolver = Callable[[str, str], str | None]
"""Code and name as written (either may be "") to the code of a unit that exists today, or None."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class ParsedRow:
    """A row understood. Without `reasons` it can be registered; whether she is known, the database says.

    - `phone` is the number to message (mobile), `contact_phone` one only for calling (a landline, else a second
      mobile number); "" or None when there is none. `migrated_from` is the 11-digit form it was written in.
    - `consent` is True only where the cell says so, `declined` only where it says no; a blank cell is neither.
    - `warnings`: stable codes of what was read with doubt and needs nobody to refuse the row; see WARNINGS.
    - `disagreement`: by how many days LMP and EDD - 280 days lie apart where that is too much, else None;
      `unread`: a date or the gestational age could not be read.
    - `ending` is how the pregnancy ended, where the row says so without doubt (register_import.endings).
    - `heading` and `sheet` are those of the row.
    """

    row: int
    line: int
    raw: tuple[Any, ...]
    name: str
    name_key: str
    year_of_birth: int | None
    phone: str | None
    contact_phone: str
    migrated_from: str | None
    phone_holder: str
    anchor_date: date | None
    anchor_source: Source | None
    lmp: date | None
    edd: date | None
    visit_date: date | None
    gestation: GestationalAge | None
    gravida: int | None
    parity: int | None
    consent: bool
    declined: bool
    language: str
    village: str
    unit_code: str
    unit_name: str
    occupation: str
    note: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    disagreement: int | None
    unread: bool
    ending: endings.Ending | None
    heading: Heading
    sheet: str

    @property
    def refused(self) -> bool:
        return bool(self.reasons)

    def reasons_text(self) -> str:
        """All reasons in Vietnamese, for the cell beside the refused row."""
        texts = [REASONS_VI[reason] for reason in self.reasons if reason != "date_invalid" or self.unread]
        if self.disagreement is not None:
            texts.insert(0, _DISAGREE_VI.format(days=self.disagreement))
        return " ".join(texts)

    def detail(self, verdict: str) -> dict[str, Any]:
        """The row's line in the answer of import_registry; a refused row gives its name and reasons only.

        "warnings" is there only when there are some.
        """
        taken = verdict != "refused"
        warnings = {"warnings": list(self.warnings)} if self.warnings else {}
        return {
            "row": self.row,
            "verdict": verdict,
            "reasons": list(self.reasons),
            "name": self.name or None,
            "phone": self.phone if taken else None,
            "anchor_date": self.anchor_date.isoformat() if taken and self.anchor_date else None,
            "consent": self.consent if taken else None,
            **warnings,
        }


def judge(row: DataRow, heading: Heading, today: date, resolve_unit: UnitResolver, default_unit: str = "") -> ParsedRow:
    """Reads a row and gives every reason to refuse it, in alphabetical order. Nothing is dropped silently.

    Reasons
    - name_missing: no letter in the name.
    - phone_invalid: something is written and it is no number. A blank, "không có" and a landline are accepted.
    - date_invalid: a date that is written cannot be read, or the gestational age cannot and nothing else dates
      the pregnancy. Then no_anchor_date is not given. Also when LMP and EDD - 280 days lie more than 21 days
      apart (42 where the heading says that the EDD is by ultrasound): one of the two is a typo.
    - no_anchor_date: neither EDD, nor LMP, nor a gestational age together with the day of the visit.
    - date_out_of_range: the anchor lies before 301 days ago or after `today`; or the LMP or a visit lies in the
      future. Where the row says how the pregnancy ended, the anchor is judged at that day (Ending.fits); an end that
      does not fit the dates counts as not said.
    - unit_unknown: `resolve_unit` does not know the commune; or none is written and there is no `default_unit`.

    The row's own heading counts before `heading`.
    `today` is the local date of the import. The returned `unit_code` is the resolved one.
    """
    heading = row.heading or heading
    reasons: set[str] = set()
    warnings: set[str] = set()

    def cell(field: str) -> Any:
        return heading.value(row.cells, field)

    def doubtful(read: Callable[[], Read | None], warning: str) -> Read | None:
        try:
            return read()
        except cells.CellError:
            warnings.add(warning)
            return None

    def dated(field: str) -> date | None:
        try:
            return cells.read_date(cell(field))
        except cells.CellError:
            reasons.add("date_invalid")
            return None

    name = _clipped(clean_name(cell("name")), NAME_LIMIT, "name_clipped", warnings)
    if not name:
        reasons.add("name_missing")

    phone = _phone(cell("phone"), reasons, warnings)

    lmp, edd, visit_date = dated("lmp"), dated("edd"), dated("visit_date")
    gestation = doubtful(lambda: cells.read_gestation(cell("gestation")), "gestation_unread")
    ending, told = endings.read_ending(heading, row.cells, today)
    warnings |= told
    visit = (gestation, visit_date) if gestation is not None and visit_date is not None else None
    if visit is None and ending is not None:
        visit = ending.age
    try:
        dating = choose_dating(lmp, edd, visit)
    except ValueError:
        dating = None
        reasons.add("date_out_of_range")
    if dating is None and "gestation_unread" in warnings:
        reasons.add("date_invalid")
    unread = "date_invalid" in reasons
    disagreement = _disagreement(lmp, edd, heading.is_by_ultrasound(row.cells))
    if disagreement is not None:
        reasons.add("date_invalid")
    if dating is None and not reasons & {"date_invalid", "date_out_of_range"}:
        reasons.add("no_anchor_date")
    if ending is not None and dating is not None and not ending.fits(dating.anchor, today):
        ending = None
        warnings.add("outcome_day_odd")
    ahead = any(day is not None and day > today for day in (lmp, visit_date))
    if ahead or (dating is not None and ending is None and not is_plausible_anchor(dating.anchor, today)):
        reasons.add("date_out_of_range")

    unit_code, unit_name = cells.read_unit_code(cell("unit_code")), clean_text(cell("unit_name"))
    written = bool(unit_code or unit_name)
    resolved = resolve_unit(unit_code, unit_name) if written else default_unit or None
    if resolved is None:
        reasons.add("unit_unknown")

    contact = _contact(phone)
    agreed = doubtful(lambda: cells.read_consent(cell("consent")), "consent_unread")
    return ParsedRow(
        row=row.number,
        line=row.line,
        raw=row.cells,
        name=name,
        name_key=name_key(name)[:NAME_LIMIT],
        year_of_birth=doubtful(lambda: cells.read_year_of_birth(cell("year_of_birth"), today), "year_of_birth_unread"),
        phone=phone.e164 if phone and phone.kind == "mobile" else None,
        contact_phone=contact.e164 if contact else "",
        migrated_from=phone.migrated_from if phone else None,
        phone_holder=cells.read_phone_holder(cell("phone_holder")) or "own",
        anchor_date=dating.anchor if dating else None,
        anchor_source=dating.source if dating else None,
        lmp=lmp,
        edd=edd,
        visit_date=visit_date,
        gestation=gestation,
        gravida=doubtful(lambda: cells.read_count(cell("gravida")), "gravida_unread"),
        parity=doubtful(lambda: cells.read_parity(cell("parity")), "parity_unread"),
        consent=agreed is True,
        declined=agreed is False,
        language=doubtful(lambda: cells.read_language(cell("language")), "language_unread") or "vi",
        village=_clipped(clean_text(cell("village")), VILLAGE_LIMIT, "village_clipped", warnings),
        unit_code=resolved or unit_code,
        unit_name=unit_name,
        occupation=_clipped(clean_text(cell("occupation")), OCCUPATION_LIMIT, "occupation_clipped", warnings),
        note=clean_text(cell("note")),
        reasons=tuple(sorted(reasons)),
        warnings=tuple(sorted(warnings)),
        disagreement=disagreement,
        unread=unread,
        ending=ending,
        heading=heading,
        sheet=row.sheet,
    )


def _disagreement(lmp: date | None, edd: date | None, by_ultrasound: bool) -> int | None:
    """Days between the LMP and EDD - 280 days when that is more than two readings of one pregnancy can differ."""
    if lmp is None or edd is None:
        return None
    apart = abs((edd - lmp).days - TERM_DAYS)
    return apart if apart > (LMP_AND_ULTRASOUND_DAYS if by_ultrasound else LMP_AND_EDD_DAYS) else None


def _phone(raw: Any, reasons: set[str], warnings: set[str]) -> Phone | None:
    """A landline comes back too; only what is written and is no number is a reason."""
    if cells.is_unknown(raw) or cells.folded(raw) in _NO_PHONE:
        return None
    try:
        phone = parse(raw)
    except PhoneError:
        reasons.add("phone_invalid")
        return None
    if phone.is_vietnamese and not phone.known_prefix:
        warnings.add("phone_prefix_unknown")
    if phone.others:
        warnings.add("phone_several")
    return phone


def _contact(phone: Phone | None) -> Phone | None:
    if phone is None or phone.kind == "landline":
        return phone
    landlines = [other for other in phone.others if other.kind == "landline"]
    return next(iter((*landlines, *phone.others)), None)


def _clipped(text: str, limit: int, warning: str, warnings: set[str]) -> str:
    if len(text) > limit:
        warnings.add(warning)
    return text[:limit].strip()
