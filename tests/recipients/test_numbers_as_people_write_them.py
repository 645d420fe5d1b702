"""Every spelling of a number that a register holds becomes one E.164 number, or a sentence."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients import phones
from recipients.phones import PhoneError, operator_of, parse, to_e164

MOBILE = st.builds(
    lambda row, rest: row.prefix[1:] + rest,
    st.sampled_from([row for row in phones.prefix_rows() if row.valid_to is None]),
    st.from_regex(r"\A[0-9]{7}\Z").filter(str.isascii),
)


def spellings(nine: str) -> list[object]:
    """Every form of the nine national digits that the reader promises to understand."""
    zero = "0" + nine
    return [
        zero, nine, int(nine), float(nine), f"{nine}.0", f"{zero}.0",
        "84" + nine, "+84" + nine, "0084" + nine, "084" + nine, "840" + nine, "+840" + nine, f"+84 (0){nine}",
        int("84" + nine), float("84" + nine), f"84{nine}.0",
        f"{zero[:4]} {zero[4:7]} {zero[7:]}", f"{zero[:4]}.{zero[4:7]}.{zero[7:]}",
        f"{zero[:4]}-{zero[4:7]}-{zero[7:]}",
        f"({zero[:3]}) {zero[3:]}", f"+84 {nine[:2]} {nine[2:]}", f"{zero[:4]} {zero[4:7]}.{zero[7:]}",
        f"\u200b{zero}\u00a0", "\u202d" + zero + "\u202c", "'" + zero, f'="{zero}"',
        "".join(chr(0xFF10 + int(digit)) for digit in zero), "".join(chr(0x17E0 + int(digit)) for digit in zero),
        f"SĐT: {zero}", unicodedata.normalize("NFD", f"Điện thoại {zero}"), f"{zero} (chồng)", f"Zalo {zero}",
        f"{nine[0]}.{nine[1:]}E+08",
    ]  # fmt: skip


@given(MOBILE)
def test_every_spelling_is_the_same_number(nine: str) -> None:
    assert {to_e164(spelling) for spelling in spellings(nine)} == {"+84" + nine}


@given(MOBILE)
def test_every_present_prefix_is_known_and_has_an_operator(nine: str) -> None:
    phone = parse("0" + nine)
    assert (phone.kind, phone.known_prefix, phone.others) == ("mobile", True, ())
    assert phone.operator_guess == operator_of(phone.e164, date(2026, 11, 21))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("840882031", "+84840882031"),
        (840882031.0, "+84840882031"),
        (84816850273, "+84816850273"),
        (761215472, "+84761215472"),
        (9.68e8, "+84968000000"),
        ("0856 205.798", "+84856205798"),
        ("+84 86 4821993", "+84864821993"),
        ("+0912345678", "+84912345678"),
        ("0912,345,678", "+84912345678"),
        ("d/đ 0912345678", "+84912345678"),
        ("Đ/Đ: 0912 345 678", "+84912345678"),
        ("ĐT: 0912345678", "+84912345678"),
        ("đ.t. 0912345678", "+84912345678"),
    ],
)
def test_spellings_seen_in_registers(raw: object, expected: str) -> None:
    assert to_e164(raw) == expected


@pytest.mark.parametrize(("old", "new"), sorted(phones.conversions().items()))
def test_the_change_of_2018_is_applied_and_told(old: str, new: str) -> None:
    for raw in (old + "5291703", (old + "5291703")[1:], "+84" + old[1:] + "5291703", "84" + old[1:] + "5291703"):
        phone = parse(raw)
        assert (phone.e164, phone.migrated_from) == ("+84" + new[1:] + "5291703", old + "5291703")


def test_the_table_of_2018_is_the_published_one() -> None:
    assert phones.conversions()["0127"] == "081"
    assert phones.conversions()["0166"] == "036"
    assert phones.conversions()["0199"] == "059"
    assert len(phones.conversions()) == 21


def test_an_unknown_mobile_prefix_is_a_warning_not_a_refusal() -> None:
    phone = parse("0512345678")
    assert (phone.e164, phone.kind, phone.known_prefix, phone.operator_guess) == ("+84512345678", "mobile", False, None)


@pytest.mark.parametrize("raw", ["02703 891 186", "2703891186", "+84 270 3891186", "842703891186", "02703891186.0"])
def test_a_landline_is_a_contact(raw: str) -> None:
    phone = parse(raw)
    assert (phone.e164, phone.kind, phone.known_prefix) == ("+842703891186", "landline", True)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "phone_empty"), (None, "phone_empty"), ("  \u200b", "phone_empty"), ("-", "phone_empty"),
        ("0333340", "phone_too_short"), ("09123456789", "phone_too_long"), ("0912345678901", "phone_too_long"),
        ("0612345678", "phone_unknown"), ("0165 12 34", "phone_too_short"), ("01601234567", "phone_unknown"),
        ("không nhớ", "phone_letters"), ("O912345678", "phone_letters"), (True, "phone_letters"),
        (912345678.5, "phone_unknown"), (float("nan"), "phone_unknown"), ("9.12E+08", "phone_shortened"),
        ("+855 1", "phone_foreign"), ("+999123456789", "phone_foreign"), ("00000000000", "phone_unknown"),
        ("0912 345 678 0", "phone_too_long"), ("0912 345 678 0987", "phone_too_long"), ("0912,345,67", "phone_letters"),
        ("19001234", "phone_too_short"), ("115", "phone_too_short"),
    ],
)  # fmt: skip
def test_what_is_no_number_gets_a_sentence(raw: object, code: str) -> None:
    with pytest.raises(PhoneError) as caught:
        to_e164(raw)
    assert caught.value.code == code
    assert isinstance(caught.value, ValueError)
    assert re.fullmatch(r"[A-Z].*\. [A-Z].*\.", str(caught.value)), "what happened, then what to do"


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.from_regex(r"[+0-9 ./()-]{0,25}")))
def test_nothing_but_a_phone_error_comes_out(raw: object) -> None:
    try:
        phone = parse(raw)
    except PhoneError:
        return
    assert re.fullmatch(r"\+[1-9]\d{6,14}", phone.e164)
    assert to_e164(phone.e164) == phone.e164


def test_a_foreign_mobile_needs_its_country_code() -> None:
    assert (parse("+855 12 345 678").e164, parse("00855 12 345 678").kind) == ("+85512345678", "mobile")
    assert not parse("+85512345678").known_prefix
    assert to_e164("855123456") == "+84855123456"


def test_of_several_numbers_the_first_mobile_is_taken_and_the_rest_kept() -> None:
    for raw in ("0912345678 / 0987654321", "0912345678 - 0987654321", "0912345678 0987654321", "0912345678;0987654321"):
        phone = parse(raw)
        assert (phone.e164, [other.e164 for other in phone.others]) == ("+84912345678", ["+84987654321"])
    for raw in ("0912 345 678 0987 654 321", "0912345678-0987654321", "0912.345.678.0987.654.321",
                "+84 912 345 678 +84 987 654 321", "091 234 5678 098 765 4321"):  # fmt: skip
        phone = parse(raw)
        assert (phone.e164, [other.e164 for other in phone.others]) == ("+84912345678", ["+84987654321"])
    mixed = parse("02703891186 hoặc 01665291703")
    assert (mixed.e164, mixed.migrated_from) == ("+84365291703", "01665291703")
    assert [other.kind for other in mixed.others] == ["landline"]
    assert parse("0912345678 / 0333340").others == ()


def test_the_operator_is_the_one_of_that_day() -> None:
    assert operator_of("+84365291703", date(2026, 1, 1)) == "Viettel"
    assert operator_of("+84365291703", date(2018, 1, 1)) is None
    assert operator_of("+841665291703", date(2018, 1, 1)) == "Viettel"
    assert operator_of("+841665291703", date(2026, 1, 1)) is None
    assert operator_of("+842703891186", date(2026, 1, 1)) is None
    assert operator_of("+85512345678", date(2026, 1, 1)) is None
