"""A worker that looks into the folder while a message is written finds it whole or not yet."""

import threading
from pathlib import Path
from queue import Empty

from kombu import Connection

import config.celery  # noqa: F401  (installs the folder's way of writing)

COUNT = 3000
LONG = "x" * 20_000


def channel(folder: Path):
    for name in ("messages", "control"):
        (folder / name).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "messages"), "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }  # fmt: skip
    return Connection("filesystem://", transport_options=options).channel()


def test_what_is_taken_while_others_write_is_what_was_written(tmp_path):
    def write(first: int) -> None:
        writer = channel(tmp_path)
        for number in range(first, COUNT, 2):
            writer._put("celery", {"number": number, "body": LONG})

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 1)]
    reader, read = channel(tmp_path), []
    for writer in writers:
        writer.start()
    while len(read) < COUNT:
        try:
            read.append(reader._get("celery"))
        except Empty:
            assert any(writer.is_alive() for writer in writers) or list((tmp_path / "messages").glob("*.msg"))
    assert sorted(each["number"] for each in read) == list(range(COUNT))
    assert {each["body"] for each in read} == {LONG}
    assert not list((tmp_path / "messages").iterdir())
