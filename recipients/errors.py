"""What a verb answers when it will not do what was asked: a sentence for people and a code for systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _


class Refusal(ValueError):
    """Nothing was written.

    - `sentence`: what happened, then what to do, in the language of the moment at which it is read.
    - `code`: stable, for other systems: `in_the_future`, `outcome_recorded`, `known`...
    - `field`: the form field that it is about, or None.
    - `conflict`: the request was right in form, but the facts on record contradict it (409, not 400).
    - `facts`: ids that help the edge to lead somewhere, for example `{"person": 17}`.
    """

    def __init__(
        self,
        code: str,
        sentence: str | Promise,
        *,
        field: str | None = None,
        conflict: bool = False,
        facts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.field = field
        self.conflict = conflict
        self.facts = facts or {}
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        return str(self._sentence)

    def __str__(self) -> str:
        return self.sentence


def clean_or_refuse(instance: Model, only: Iterable[str]) -> None:
    """Checks the named fields of an unsaved or changed row by the model's own rules; raises Refusal `invalid`."""
    wanted = set(only)
    try:
        instance.clean_fields(exclude={field.name for field in instance._meta.fields if field.name not in wanted})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        sentences = [f"{message.rstrip('.')}." for message in messages]
        raise Refusal("invalid", " ".join([*sentences, _("Correct it.")]), field=field) from None
