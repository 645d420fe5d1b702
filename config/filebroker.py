"""The embedded broker's folder, in which a message is whole or not there.

kombu writes a message in its place; a worker that looks just then takes it empty and dies of it (kombu issue 1551).
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_more: Any) -> None:  # type: ignore[override]
        """Writes it beside and then gives it the name by which workers find it, in the order of time."""
        folder = Path(self.data_folder_out)
        part = folder / f".{uuid4()}.part"
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.replace(folder / f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg")
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    Channel = Channel


def install() -> None:
    """Every `filesystem://` of this process goes this way."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
