"""Other systems at the door: their tokens, what they may, how many calls a minute."""

import base64
import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from messaging.models import ApiToken

SECRET = "callback"
"""The name, among a token's encrypted secrets, of the key that signs its callbacks."""
SIGNING = "whsec_"
"""The prefix of a signing key in the Standard Webhooks specification; what follows is Base64."""
MOST_A_MINUTE = 100_000
_WORD = re.compile(r"\w{1,30}")
_LETTERS = string.ascii_lowercase + string.digits
_NO_DIGEST = hashlib.sha256(b"").hexdigest()
USED_EVERY = timedelta(minutes=1)


class BadToken(ValueError):
    """A token cannot be made as asked. `str()` is the sentence for people."""


def make_token(
    name: str, scopes: Collection[str], *, now: datetime, by: str = "", per_minute: int = 600, callback_url: str = "",
    inbound_prefixes: Collection[str] = (),
) -> tuple[ApiToken, str, str]:  # fmt: skip
    """Let another system in. Returns its row, the token and the key that signs its callbacks ("" without an address).

    Neither of the two can be shown again: of the token a digest is kept, the key lies encrypted. A lost one is replaced
    by a new access. The token is `<prefix>.<secret>`; its prefix names it in logs and begins the keys of its texts.
    Raises BadToken.
    """
    unknown = set(scopes) - set(ApiToken.Scope.values)
    if not scopes or unknown:
        known = ", ".join(ApiToken.Scope.values)
        raise BadToken(_("An access needs at least one right. Choose among: %(known)s.") % {"known": known})
    if not name.strip() or ApiToken.objects.filter(name=name.strip()).exists():
        raise BadToken(_("This name is empty or taken. Give the access another name."))
    if problems := rate_problems(per_minute) + word_problems(list(inbound_prefixes)):
        raise BadToken(problems[0])
    prefix = "".join(secrets.choice(_LETTERS) for _place in range(8))
    secret = secrets.token_urlsafe(32)
    signing = new_signing_key() if callback_url else ""
    token = ApiToken.objects.create(
        name=name.strip(), prefix=prefix, digest=_digest(secret), scopes=sorted(set(scopes)), per_minute=per_minute,
        callback_url=callback_url, inbound_prefixes=sorted(set(inbound_prefixes)),
        secrets={SECRET: signing} if signing else {}, created_at=now, created_by=by[:150],
    )  # fmt: skip
    return token, f"{prefix}.{secret}", signing


def rate_problems(per_minute: int) -> list[str]:
    """Why it cannot be the calls a minute of an access."""
    if 1 <= per_minute <= MOST_A_MINUTE:
        return []
    return [_("The calls a minute are not a number from 1 to %(most)d. Correct it.") % {"most": MOST_A_MINUTE}]


def word_problems(words: object) -> list[str]:
    """Why `words` cannot be the inbound keywords of an access: single words, for the first of a text is compared."""
    if isinstance(words, list) and all(isinstance(word, str) and _WORD.fullmatch(word) for word in words):
        return []
    return [_('The inbound keywords are not a list of single words. Write them like ["KHAM", "LICH"].')]


def new_signing_key() -> str:
    """A key that signs callbacks, as it is shown to the other system."""
    return f"{SIGNING}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def caller_of(written: str, now: datetime) -> ApiToken | None:
    """The access to which a token belongs, or None: unknown, wrong or switched off. Compared in constant time.

    Notes once a minute at most that it was used.
    """
    prefix, _dot, secret = written.partition(".")
    token = ApiToken.objects.filter(prefix=prefix[:12], enabled=True).first() if "\0" not in prefix else None
    same = hmac.compare_digest(_digest(secret), token.digest if token else _NO_DIGEST)
    if token is None or not same or not secret:
        return None
    if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def seconds_to_wait(token: ApiToken, now: datetime) -> float:
    """Count one call. 0 when the token's allowance had room for it; else the seconds until it has, and nothing counts.

    `per_minute` calls may come at once, after which one is free again every 60 / `per_minute` seconds. The allowance
    is one moment in the token's row, changed by one conditional update: it holds over all processes and machines.
    """
    each = timedelta(minutes=1) / token.per_minute
    room = Q(spent_until=None) | Q(spent_until__lte=now + timedelta(minutes=1) - each)
    spent = Case(When(spent_until__gt=now, then=F("spent_until") + Value(each)), default=Value(now + each))
    if ApiToken.objects.filter(room, pk=token.pk).update(spent_until=spent):
        return 0.0
    until: datetime | None = ApiToken.objects.values_list("spent_until", flat=True).get(pk=token.pk)
    return max(0.001, (until + each - timedelta(minutes=1) - now).total_seconds()) if until else 0.001


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
