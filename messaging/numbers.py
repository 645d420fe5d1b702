"""Numbers as providers write them, in international form."""

import re

import phonenumbers

_MOBILE = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def is_e164(number: str) -> bool:
    """Whether `number` is written in international form, as the gateway takes it."""
    return bool(_E164.fullmatch(number))


def to_e164(raw: str, region: str) -> str:
    """`raw` (+84..., 84..., 0084..., 09...) as E.164; a national number belongs to `region` (ISO 3166).

    What is no telephone number, like a short code or a service's name, comes back as it is, without blanks around:
    it may have written to us, and nothing can be sent to it.
    """
    text = raw.strip()
    written = f"+{text[2:]}" if text.startswith("00") else text
    for attempt in (written, f"+{written}" if written.isdigit() and not written.startswith("0") else ""):
        try:
            number = phonenumbers.parse(attempt, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or _may_be_new(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text


def takes_texts(number: str) -> bool:
    """Whether `number` (E.164) may be a mobile phone's: no landline, no service number, not too short or too long for
    its country. A range that the library does not know yet may be a new one."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_number(parsed):
        return phonenumbers.number_type(parsed) in _MOBILE
    return phonenumbers.is_possible_number_for_type(parsed, phonenumbers.PhoneNumberType.MOBILE)


def _may_be_new(number: phonenumbers.PhoneNumber) -> bool:
    """A number of full length in a range that the library does not know yet (it lags behind the Vietnamese plan). A
    STOP from it must close the number that texts are sent to."""
    return phonenumbers.is_possible_number(number) and len(phonenumbers.national_significant_number(number)) >= 9
