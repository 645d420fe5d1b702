"""A JSON field that is encrypted at rest: what a route must know to sign in at its provider."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@cache
def _box(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"routes:" + secret_key.encode()).digest()))


class EncryptedJSONField(models.TextField):
    """A dictionary, stored as one Fernet token under a key derived from SECRET_KEY.

    Reading with another SECRET_KEY raises ImproperlyConfigured with what to do.
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
            return json.loads(_box(settings.SECRET_KEY).decrypt(value.encode()))
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "The settings of a route cannot be read: SECRET_KEY has changed since they were saved. "
                "Set the former SECRET_KEY, or enter the route's settings again."
            ) from error

    def get_prep_value(self, value: Any) -> str:
        return _box(settings.SECRET_KEY).encrypt(json.dumps(value or {}).encode()).decode()
