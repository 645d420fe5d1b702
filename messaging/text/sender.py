"""What a phone can show as the sender: a number, or a brand name."""

import re

_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,9}[A-Za-z0-9])?")


def can_be_sender(sender: str) -> bool:
    """Whether operators take `sender`; empty stands for the provider's own.

    - A number: a short code or a telephone number, 3 to 15 digits, + allowed.
    - A brand name: at most 11 characters (3GPP TS 23.040, 9.1.2.5), letters without diacritics and digits, between
      them space, dot, hyphen and underscore; at least one letter.
    """
    if not sender or _NUMBER.fullmatch(sender):
        return True
    return bool(_NAME.fullmatch(sender)) and any(map(str.isalpha, sender))


def is_brand(sender: str) -> bool:
    """Whether `sender` is a name: a phone shows it and cannot write to it."""
    return bool(sender) and not _NUMBER.fullmatch(sender)


def digits(sender: str) -> str:
    """The digits of a sender that is a number; "" for a brand name."""
    return sender.lstrip("+") if _NUMBER.fullmatch(sender) else ""
