"""An operator's SMSC on the loopback address, over SMPP 3.4: takes texts, reports, sends texts from phones."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import smpp34
from gsm0338 import Codec

RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2611211000 done date:2611211001 stat:{state} err:000 text:"
GSM_7, UCS_2 = 0, 8  # data_coding
UDH = 0x40  # esm_class: the words begin with a header that numbers the part
PHONE_RECEIPT = 0x04
codec = Codec()


@dataclass(frozen=True)
class Part:
    """One submit_sm, as it came."""

    id: str
    sender: str
    to: str
    coding: int
    words: str
    reference: bytes  # of a text in parts; empty: a whole text
    number: int
    of: int


class Smsc:
    """`with Smsc(port) as smsc:`; `stop()` and `start()` as when the operator's line goes down and comes back."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.parts: list[Part] = []
        self.state = "DELIVRD"  # what the reports say
        self.refusal = 0  # command status with which texts are refused; 0: taken
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smsc", daemon=True)
        self._server: Any = None
        self._serving: asyncio.Task[None] | None = None
        self._sessions: dict[str, Any] = {}
        self._reporting: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def start(self) -> None:
        self._run(self._start())

    def stop(self) -> None:
        if self._server is not None:
            self._run(self._stop())

    def texts(self) -> list[str]:
        """The words of the texts whose parts have all come, in the order of their first parts."""
        together: dict[tuple[str, bytes | str], list[Part]] = {}
        for part in self.parts:
            together.setdefault((part.to, part.reference or part.id), []).append(part)
        return [
            "".join(part.words for part in sorted(parts, key=lambda part: part.number))
            for parts in together.values()
            if len(parts) == parts[0].of
        ]

    def say(self, number: str, to: str, words: str) -> None:
        """A text from a phone. Raises when nobody takes it."""
        try:
            coding, raw = GSM_7, codec.encode(words)[0]
        except UnicodeEncodeError:
            coding, raw = UCS_2, words.encode("utf-16-be")
        if len(raw) <= 140:
            self._run(self._deliver(number, to, raw, coding, 0))
            return
        pieces = [raw[at : at + 132] for at in range(0, len(raw), 132)]
        for n, piece in enumerate(pieces, 1):
            self._run(self._deliver(number, to, bytes((5, 0, 3, 77, len(pieces), n)) + piece, coding, UDH))

    async def _deliver(self, number: str, to: str, raw: bytes, coding: int, kind: int) -> None:
        for session in list(self._sessions.values()):
            answer = await session.deliver_sm(
                to, raw, source_addr=number, source_addr_ton=1, dest_addr_ton=0, data_coding=coding, esm_class=kind
            )
            if answer.is_success:
                return
        raise AssertionError("Nobody took the text from the phone.")

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _start(self) -> None:
        self._server = smpp34.Server(host="127.0.0.1", port=self.port, system_id="SMSC")
        await self._server.start()
        self._serving = asyncio.create_task(self._serve(self._server))

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if self._serving is not None:
            self._serving.cancel()
        for session in self._sessions.values():
            await session.unbind()
        self._sessions.clear()
        await server.stop()

    async def _serve(self, server: Any) -> None:
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self._sessions[event.session_id] = event
            elif isinstance(event, smpp34.Unbound):
                self._sessions.pop(event.session_id, None)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self._submitted(event)

    def _submitted(self, event: Any) -> None:
        if self.refusal:
            event.reject(self.refusal)
            return
        part = _read(event, str(len(self.parts) + 1))
        self.parts.append(part)
        event.accept(part.id)
        if event.registered_delivery & 1:
            report = asyncio.create_task(self._report(event, part))
            self._reporting.add(report)
            report.add_done_callback(self._reporting.discard)

    async def _report(self, event: Any, part: Part) -> None:
        # A phone takes its time. Kannel drops a report that overtakes the SMSC's own yes.
        await asyncio.sleep(0.1)
        session = self._sessions.get(event.session_id)
        if session is not None:
            words = RECEIPT.format(id=part.id, state=self.state).encode()
            await session.deliver_sm(
                event.source_addr, words, source_addr=event.destination_addr, esm_class=PHONE_RECEIPT
            )


def _read(event: Any, id: str) -> Part:
    raw, reference, of, number = event.short_message, b"", 1, 1
    if event.esm_class & UDH:
        length = raw[0]
        reference, of, number = raw[3 : length - 1], raw[length - 1], raw[length]
        raw = raw[length + 1 :]
    # UTF-16 parts are put together later: half an emoji may stand at the end of one.
    words = raw.decode("utf-16-be", "surrogatepass") if event.data_coding == UCS_2 else codec.decode(raw)[0]
    return Part(id, event.source_addr, event.destination_addr, event.data_coding, words, reference, number, of)
