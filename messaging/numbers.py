"""Numbers as providers write them, in international form."""

import phonenumbers


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
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text
