"""Words that were reviewed never change: what belongs to a revision is edited while it is a draft, or not at all."""

from collections.abc import Callable
from typing import Any


class Sealed(Exception):
    """Code tried to change or delete a part of a revision that is no draft any more: a fault of the program."""


class SealedRow:
    """For a model that belongs to a revision; the verbs of content.review move the state on by update.

    The database keeps the same rule for steps and texts, and adds none to what is no draft (the migration workflow).
    """

    revision_state: Callable[..., str]
    """The model's own: the state of the revision in the database now."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:  # type: ignore[attr-defined]
            self._refuse_if_sealed()
        super().save(*args, **kwargs)  # type: ignore[misc]

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_if_sealed()
        return super().delete(*args, **kwargs)  # type: ignore[misc]

    def _refuse_if_sealed(self) -> None:
        state = self.revision_state()
        if state != "draft":
            raise Sealed(f"The revision is {state}, so its words stay as they are. Make a new draft.")
