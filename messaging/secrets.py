"""A JSON field that is encrypted at rest: what a route must know to sign in at its provider."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

UNREADABLE = (
    "The settings of this route cannot be read: SECRET_KEY has changed since they were saved. "
    "Set the former one as SECRET_KEY_FALLBACKS, or enter the route's settings again."
)


class Unreadable(dict[str, Any]):
    """Settings that were encrypted under a key which is gone: they look empty, and are stored as they were."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


@cache
def _box(*secret_keys: str) -> MultiFernet:
    keys = (base64.urlsafe_b64encode(hashlib.sha256(b"routes:" + key.encode()).digest()) for key in secret_keys)
    return MultiFernet([Fernet(key) for key in keys])


def _ours() -> MultiFernet:
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


class EncryptedJSONField(models.TextField):
    """A dictionary, stored as one Fernet token under a key derived from SECRET_KEY; also in a dump.

    What was stored under another key, none of SECRET_KEY_FALLBACKS, is `Unreadable`: one such route stops no other.
    """

    _pyi_private_set_type: Any  # for the type checker: what may be assigned, and what is read
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value == "":
            return {}
        try:
            return json.loads(_ours().decrypt(value.encode()))
        except InvalidToken:
            return Unreadable(value)

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, Unreadable):
            return value.token
        return _ours().encrypt(json.dumps(value or {}).encode()).decode()

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))
