"""What a text says besides its keyword: a day, a loss. Pure; words are compared without case and diacritics."""

import re
import unicodedata
from datetime import date, timedelta

from messaging.text.plain import to_plain
from messaging.text.tidy import tidy

_AGO = {
    0: "HOM NAY|SANG NAY|TRUA NAY|CHIEU NAY|TOI NAY|DEM NAY|VUA SINH|MOI SINH|VUA XONG|TODAY",
    1: "HOM QUA|SANG QUA|TRUA QUA|CHIEU QUA|TOI QUA|DEM QUA|YESTERDAY",
    2: "HOM KIA",
}
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_SEPARATED = re.compile(
    r"(?<![\d.,/-])(\d{1,2})\s*(?:[/-]|THANG|[.](?=\s*\d{1,2}\s*[.]))\s*(\d{1,2})"
    r"(?:\s*(?:[/.-]|NAM)\s*(\d{4}|\d{2}))?(?![\d/])"
)
_SPACED = re.compile(r"(?<!\d)(\d{1,2})\s+(\d{1,2})\s+(\d{4}|\d{2})(?!\d)")
_RUN = re.compile(r"(?<![\d.,])(\d{2})(\d{2})(\d{4}|\d{2})(?![\d.,]*\d)(?!\s*(?:G|GR|GRAM|KG)\b)")
_SHORT = re.compile(r"^[A-Z ]+ (\d{2})(\d{2})$")
_CHILD = "BE|CON|CHAU|EM BE|THAI"
_LOSS = re.compile(
    r"\b(?:[SX]AY THAI|THAI LUU|LUU THAI|THAI CHET|CHET LUU|HU THAI|HONG THAI|PHA THAI|BO THAI|DINH CHI THAI|"
    r"MAT (?:CON|THAI|BE|CHAU|EM BE)(?! (?:DO|CO|NOI|BI|SUNG|HAY|KEM|NHIEU|HOI|CUA))|"
    rf"(?:{_CHILD})(?: (?:EM|TOI|MINH|CHI|CHUNG EM))? (?:DA MAT|MAT ROI|CHET|DA CHET|BI CHET|QUA DOI|DA QUA DOI)|"
    rf"(?:{_CHILD}) MAT$|THAI (?:DA |BI )?NGUNG|(?:NGUNG|DUNG) (?:PHAT TRIEN|TIM THAI|THAI KY)|NGUNG THAI|"
    r"THAI MAT TIM|MAT TIM THAI|KHONG CON TIM THAI|"
    r"KHONG (?:GIU|CUU) DUOC|KHONG QUA KHOI|KHONG CON (?:THAI|BAU|MANG THAI)|KHONG MANG THAI NUA|"
    r"STILLBIRTH|STILLBORN|MISCARR[A-Z]+|BABY (?:HAS )?DIED|LOST (?:THE|MY|OUR) BABY)\b"
)
_NOT_LOST = re.compile(r"\bM[ẮÁẶẬẠ]T\b", re.IGNORECASE)
"""Eye, cool, face, honey, low: with these marks it is not the word for a loss."""


_LOST = re.compile(
    r"\bMẤT (?:CON|THAI|BÉ|CHÁU|EM BÉ)\b|"
    r"\b[SX][ẢẨ]Y (?:RỒI|MẤT|CON)\b|(?<!BÉ )(?<!CON )(?<!CHÁU )\bBỊ [SX][ẢẨ]Y\b(?! (?:CHÂN|NẮNG)\b)",
    re.IGNORECASE,
)
"""Written with its marks it is the word for a loss, whatever follows; but a baby's heat rash ("bé bị sảy") is none."""


class Unclear(ValueError):
    """There is a day in the text that no calendar has, or two different ones."""


def folded(body: str) -> str:
    """Upper case, no diacritics, single blanks."""
    return " ".join(to_plain(tidy(body)).upper().split())


def read_day(body: str, today: date) -> date | None:
    """The day that a text names, day first; None where it names none. `today` is the local day of the text.

    - 121126, 12112026, 12/11/26, 12-11-2026, 12.11.2026, "12 11 2026", "ngay 12 thang 11", 2026-11-12, 12/11, and
      behind a keyword alone 1211; without a year the latest such day that is not in the future.
    - "hom nay", "hom qua", "hom kia" and their parts of the day; a weight ("3.2 kg", "3200 g") or an hour is no day.
    - Raises Unclear for 31/02 and for two days that differ.
    """
    words = folded(body)
    found = {today - timedelta(days=ago) for ago, said in _AGO.items() if re.search(rf"\b(?:{said})\b", words)}
    dated = [(day, month, year) for year, month, day in _ISO.findall(words)]
    rest = _ISO.sub(" ", words)
    for pattern in (_SEPARATED, _SPACED, _RUN):
        dated += pattern.findall(rest)
        rest = pattern.sub(" ", rest)
    if not dated and (short := _SHORT.match(words)):
        dated.append((short[1], short[2], ""))
    found |= {_day(int(day), int(month), year, today) for day, month, year in dated}
    if len(found) > 1:
        raise Unclear(body)
    return next(iter(found), None)


def speaks_of_loss(body: str) -> bool:
    """Whether somewhere in the text, behind whatever keyword, a loss is spoken of. Rather once too often: a person
    looks at it."""
    written = " ".join(unicodedata.normalize("NFC", body).split())
    return bool(_LOST.search(written) or _LOSS.search(folded(_NOT_LOST.sub("-", written))))


def _day(day: int, month: int, year: str, today: date) -> date:
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year <= today else date(today.year - 1, month, day)
    except ValueError:
        raise Unclear(f"{day}/{month}/{year}") from None
