"""What the words of a register say of the end of a pregnancy: a loss, a living child, a death, doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recipients.names import clean_text
from recipients.register_import import cells

_LOSSES = {
    "stillbirth": r"thai (da )?(chet|luu|mat tim)( luu)?|(thai )?chet luu|luu thai|(sinh|de)( ra)? (da )?chet"
    r"|thai nhi (da )?(chet"
    r"|tu vong)|(chet|tu vong) thai( nhi)?|(chet|tu vong) trong (bung( me)?|tu cung|tc)|still ?birth|still ?born"
    r"|iufd|iud|f(o)?etal (death|demise|loss)|thai khong con tim thai",
    "miscarriage": r"(bi )?(say|xay)( thai)?|hu thai|(thai|chua|mang thai) ngoai (tu cung|tc|da con)|gey?u"
    r"|thai trung|chua trung"
    r"|miscarr(iage|ied)|spontaneous (abortion|loss)|pregnancy loss|ectopic( pregnancy)?|molar( pregnancy)?",
    "termination": r"pha thai|(dinh|dung) chi( (thai|thai nghen|thai ky|thai san))?|cham dut (thai( (nghen"
    r"|ky))?|mang thai)"
    r"|(nao|hut|bo)( hut| nao)? thai|terminat(ion|ed)|(induced|medical|surgical|elective) abortion|abortion|mtop|top",
}  # fmt: skip
"""Ectopic and molar pregnancies are losses too, and the nearest of the kinds on record is a miscarriage."""

_ALIVE = (
    r"(sinh|de|sanh|con|tre|be|ra)( ra)? song|song(?! (thai|sinh))|(sinh|de|sanh) (thuong|non|mo|du thang|day thang"
    r"|doi|ba|hut|kho|tu nhien|(duong|nga) (am dao|duoi|bung)|giac hut|forceps?|giuc|chi huy|thu thuat)"
    r"|(giac hut|forceps?)"
    r"|mo( (de|sinh|lay thai|lay con|bat con|cap cuu|chu dong|de chu dong))?|mlt|(da )(sinh|de|sanh)|thieu thang"
    r"|live ?births?|(born )?alive|live ?born|(normal|spontaneous|vaginal|assisted|preterm|premature|term|full ?term)"
    r"( vaginal)?( (delivery|birth))|born (preterm|premature|at term)|n?svd|c ?section|c(a)?esarean( section| delivery"
    r"| birth)?|lscs|twin (birth|delivery)"
)
_DEAD = re.compile(r"\b(chet|tu vong|mat(?! (mau|nuoc|ngu))|died?|dead|death|deceased)\b")
_DOUBT = re.compile(
    r"\b(doa|nghi|theo doi|td|du (kien|sinh|de)|dk|hen|se|nguy co|tien su|lan truoc|truoc day|chuyen|cho (sinh"
    r"|de)|threatened"
    r"|suspected|suspect|possible|probable|risk|planned|expected|history|previous|transferred|will|not|no|khong|ko|k"
    r"|chua)\b"
)
_HARMLESS = re.compile(
    r"\b(khong|ko|k|chua|no)( co| thay| phat hien)? (tai bien|bien chung|di tat|bat thuong|van de|gi"
    r"|complications?|problems?)\b"
    r"|\b(me|con|be|tre) khong sao\b|\bdu (thang|can|tuan|ngay)\b"
)
_ONGOING = re.compile(
    r"(hien )?(dang|con|van) (mang |co |con )?(thai|bau|theo doi|quan ly)( thai)?|chua (sinh|de|sanh|ket thuc"
    r"|den ngay)"
    r"|(still )?pregnant|ongoing|not (yet )?(delivered|born)|mang thai|thai (dang )?(phat trien"
    r"|tien trien)( (tot|binh thuong))?"
)
_COUNTS = {
    2: re.compile(r"\b((sinh|de|song|thai) (doi|thai|sinh)|song thai|song sinh|sinh doi|thai doi|(2|hai) (con"
    r"|be|tre|chau)|twins?)\b"),
    3: re.compile(r"\b((sinh|de|thai) ba|tam thai|(3|ba) (con|be|tre|chau)|triplets?)\b"),
}  # fmt: skip
WELL = cells.words(
    "song|khoe|khoe manh|tot|binh thuong|bt|on|on dinh|hong|hong hao|khoc ngay|khoc to|alive|live|living|well|good"
    "|healthy|normal|con song|song khoe|song khoe manh|song binh thuong"
)
BARE = cells.words("de|sinh|sanh|da de|da sinh|da sanh|sinh roi|de roi|born|delivered|birth|ps|mo")
_COMPILED = {kind: re.compile(rf"\b({words})\b") for kind, words in _LOSSES.items()}
_LIVES = re.compile(r"\b(song(?! (thai|sinh))|alive|live|living|khoe( manh)?|healthy)\b")
_BIRTH_AT_TERM = re.compile(r"\b(sinh|de|sanh) (thuong|non|du|day)\b|\bdelivery\b|\bbirth\b")
"""Beside a loss word: of a child that lives, and what contradicts a miscarriage or termination, not a stillbirth."""
_IN_ORDER_TO = re.compile(r"\bđể\b")
"""Without its marks it would be the word for a birth."""
_BORN = re.compile(rf"\b({_ALIVE})\b")


@dataclass
class Words:
    """What the words of several cells say together."""

    losses: set[str] = field(default_factory=set)
    alive: bool = False
    lives: bool = False
    dead: bool = False
    delivered: bool = False
    ongoing: bool = False
    unread: bool = False
    count: int = 0

    def take(self, cell: Any, bare: Iterable[str] = (), says_life: bool = True) -> None:
        """`bare`: whole cells that say a living birth in this column; `says_life`: its other words of birth do."""
        if cells.is_unknown(cell):
            return
        text = " ".join(_HARMLESS.sub(" ", cells.folded(cell)).split())
        if _ONGOING.fullmatch(text):
            self.ongoing = True
            return
        plain = clean_text(cell).casefold()
        if "?" in plain or _IN_ORDER_TO.search(plain) or _DOUBT.search(text):
            self.unread = True
            return
        rest, losses = text, set()
        for kind, words in _COMPILED.items():
            if words.search(rest):
                losses.add(kind)
                rest = words.sub(" ", rest)
        count = next((number for number, words in _COUNTS.items() if words.search(rest)), 0)
        if losses:
            born = bool(_LIVES.search(rest) or (losses != {"stillbirth"} and _BIRTH_AT_TERM.search(rest)))
        else:
            born = rest in bare or bool(_BORN.search(rest))
        dead = bool(_DEAD.search(rest))
        if not (losses or born or dead or count):
            self.unread = self.unread or says_life
            self.delivered = self.delivered or not says_life
        self.losses |= losses
        self.count = max(self.count, count)
        self.dead = self.dead or dead
        self.delivered = self.delivered or born or bool(count)
        self.alive = self.alive or (born and says_life)
        self.lives = self.lives or (born and bool(_LIVES.search(rest)))


def tells_of_a_loss(note: Any) -> bool:
    """A remark beside a birth that speaks of a loss or a death, of this pregnancy as far as one can see."""
    text = _HARMLESS.sub(" ", cells.folded(note))
    return not _DOUBT.search(text) and bool(_DEAD.search(text) or any(w.search(text) for w in _COMPILED.values()))
