"""Signed JSON to the addresses of other systems, and never to a machine inside our own network."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

TIMEOUT = 10.0  # seconds for the whole call
AT_ONCE = 64
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address of any kind may be inside (RFC 6052)


@dataclass(frozen=True, slots=True)
class Post:
    """One call: where to, the id by which the receiver knows a repetition, what, the signing key, and when."""

    url: str
    id: str
    payload: Mapping[str, object]
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """Whether the receiver said that it has it, otherwise what happened, in a few words; how many seconds it took."""

    taken: bool
    error: str = ""
    seconds: float = 0.0


def post_all(posts: Sequence[Post]) -> list[Posted]:
    """Make the calls, many at the same time; the answers in their order. Never raises for a single call."""
    return asyncio.run(_post_all(posts)) if posts else []


def signed_headers(post: Post, body: bytes) -> dict[str, str]:
    """The headers of the Standard Webhooks specification: id, seconds since 1970, and HMAC-SHA256 over
    `<id>.<seconds>.<body>` under the Base64 key after "whsec_"."""
    seconds = str(int(post.at.timestamp()))
    key = base64.b64decode(post.key.partition("_")[2])
    signature = hmac.new(key, f"{post.id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Mam",
        "webhook-id": post.id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def address_problems(url: str) -> list[str]:
    """Why other systems cannot be told at `url`, a sentence each: what can be seen without asking anybody."""
    try:
        parts = URL(url)  # as it is called: digits and full stops of other scripts are those of an address here
        host, _port = parts.raw_host, parts.port
    except ValueError:
        return [_("The address cannot be read. Write it like https://example.org/sms.")]
    if parts.scheme not in (("https", "http") if settings.CALLBACK_PRIVATE else ("https",)) or not host:
        return [_("The address is not https. Write it like https://example.org/sms.")]
    if parts.user or parts.password:
        return [_("The address holds a name or password. Leave them out; the calls are signed.")]
    return [] if _is_allowed(host) else [_("The address lies inside a private network. Give a public one.")]


async def _post_all(posts: Sequence[Post]) -> list[Posted]:
    connector = aiohttp.TCPConnector(limit=AT_ONCE, resolver=PublicResolver(), use_dns_cache=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
        return list(await asyncio.gather(*(_timed(session, post) for post in posts)))


async def _timed(session: aiohttp.ClientSession, post: Post) -> Posted:
    loop = asyncio.get_running_loop()
    began = loop.time()
    return replace(await _post(session, post), seconds=loop.time() - began)


async def _post(session: aiohttp.ClientSession, post: Post) -> Posted:
    body = json.dumps(post.payload, ensure_ascii=False, separators=(",", ":")).encode()
    if problems := address_problems(post.url):
        return Posted(False, problems[0])
    if not post.key:  # or it would be signed with nothing, as anybody can
        return Posted(False, "The call cannot be signed. Save the access again, so that it gets a new key.")
    try:
        headers = signed_headers(post, body)
        async with session.post(post.url, data=body, headers=headers, allow_redirects=False) as answer:
            return Posted(200 <= answer.status < 300, f"HTTP {answer.status}")
    except TimeoutError:
        return Posted(False, f"No answer within {TIMEOUT:g} seconds.")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Posted(False, f"{type(error).__name__}: {error}")


class PublicResolver(AbstractResolver):
    """Names as addresses that lie outside: what is connected to is what was checked, so a name that answers
    differently the second time leads nowhere."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG
        )
        allowed = [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _kind, proto, _name, address in found
            if _is_allowed(str(address[0]))
        ]
        if not allowed:
            raise OSError(None, f"{host} lies inside a private network")
        return allowed

    async def close(self) -> None:
        """Nothing is open."""


def _is_allowed(host: str) -> bool:
    """Whether a host may be called: a name (the resolver looks at its addresses) or a public address."""
    if settings.CALLBACK_PRIVATE:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    if address.version == 6 and address in _TRANSLATED:
        return False
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)
