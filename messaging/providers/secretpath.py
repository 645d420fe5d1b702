"""Webhooks of providers that sign nothing: a secret in the address, compared in constant time.

- A report address that we hand over with one text ends in `/<our id>/<token>`, the token made from the secret and
  that id: who sees one address can speak about one text only. It has no query, since some providers add their own
  parameters after a `?` without looking whether there is one.
- An address that is entered at the provider once ends in `/<secret>`.
"""

import hashlib
import hmac
import re
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import UUID

from messaging.providers.base import read_uuid

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,64}")


def token(secret: str, message_id: UUID) -> str:
    """What proves that somebody was given the address of this text: 32 hex digits."""
    return hmac.new(secret.encode(), message_id.bytes, hashlib.sha256).hexdigest()[:32]


def report_address(callback_url: str, message_id: UUID, secret: str) -> str:
    """`callback_url` (.../status?m=<id>) as a path that carries its own proof; empty stays empty."""
    if not callback_url:
        return ""
    parts = urlsplit(callback_url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path}/{message_id}/{token(secret, message_id)}", "", ""))


def is_genuine(url: str, secret: str) -> bool:
    """Whether the path of `url` ends in the secret, or in an id and its token."""
    *_, before, given = ["", *unquote(urlsplit(url).path).split("/")]
    about = read_uuid(before)
    wanted = token(secret, about) if about else secret
    return bool(secret) and hmac.compare_digest(wanted.encode(), given.encode())


def problems(secret: object) -> list[str]:
    """Why `secret` cannot stand in an address, a sentence each; a missing one is another's matter."""
    if secret in (None, "") or _SECRET.fullmatch(str(secret)):
        return []
    return ["The setting secret does not fit an address. Use 16 to 64 letters, digits, - and _."]
