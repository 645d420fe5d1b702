"""A provider in Twilio's shape that does next to nothing: every text is taken and answered 201 after 50 ms.

    python -m tests.benchmarks.provider_50ms

Prints its port, then, for each line that it reads, how many texts it has taken so far.
"""

import asyncio
import itertools
import sys

ANSWER_AFTER = 0.05  # seconds
BODY = (
    '{"sid":"SM%032x","status":"queued","to":"+84910000000","from":"MAM","body":"","direction":"outbound-api",'
    '"num_segments":"1","price":null,"price_unit":"USD","error_code":null,"error_message":null,'
    '"date_created":"Sat, 21 Nov 2026 03:00:00 +0000","date_sent":null,"date_updated":null,"uri":"","num_media":"0",'
    '"account_sid":"AC","api_version":"2010-04-01","messaging_service_sid":null,"subresource_uris":{}}'
)
numbers = itertools.count(1)
taken = 0


class Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (head := self._read.find(b"\r\n\r\n")) >= 0:
            at = self._read.lower().find(b"content-length:", 0, head)
            length = int(self._read[at + 15 : self._read.find(b"\r\n", at)]) if at >= 0 else 0
            if len(self._read) < head + 4 + length:
                return
            self._read = self._read[head + 4 + length :]
            asyncio.get_running_loop().call_later(ANSWER_AFTER, self._answer)

    def _answer(self) -> None:
        global taken
        taken += 1
        body = (BODY % next(numbers)).encode()
        head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._out.write(head.encode() + body)  # type: ignore[attr-defined]


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(taken, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
