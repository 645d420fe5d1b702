"""What every provider adapter is given, gives back and promises."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qsl
from uuid import UUID

from messaging.storable import storable

UNKNOWN = "unknown"
"""`Report.status` for a provider's word that no table knows: the report is kept and changes nothing."""

may_leave: ContextVar[Callable[[], bool]] = ContextVar("may_leave", default=lambda: True)
"""Whether the text of this call may still leave: asked at the last moment before it is written to the network, since a
connection, a name and a token take their time, and meanwhile the last check grows old."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text, ready to leave."""

    id: UUID
    to: str  # E.164
    body: str  # exactly what is to arrive
    encoding: str  # "GSM-7" or "UCS-2"
    segments: int
    sender: str  # brand name, number, or a provider's name of a pool; may be empty
    key: str  # opaque, unique
    callback_url: str  # where delivery reports go; carries the id; empty: none wanted
    expires_at: datetime | None  # aware; after this moment it must not be delivered
    at: datetime  # aware; the moment of sending
    message_class: str = "service"  # service, social, promotional or emergency
    priority: int = 50  # the smallest first


@dataclass(frozen=True, slots=True)
class LaterReport:
    """A raw report that the provider hands over in advance, together with its answer (the sandbox does)."""

    at: datetime  # aware; when it arrives
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has the text."""

    provider_id: str
    status: str = "sent"  # one of messaging.statuses; a provider that already knows it failed says so
    error_code: str = ""  # ours: why it failed
    price: Decimal | None = None
    reports: tuple[LaterReport, ...] = ()


class SendError(Exception):
    """The provider did not say yes.

    - `sentence`: what happened and what to do, for a person. `code`: ours, stable, snake_case.
    - `permanent`: the same text to the same number over this route will never pass.
    - `taken`: "no" when the provider certainly does not have the text; "maybe" when it may: such a text is in doubt
      and is never sent again blindly, whatever `permanent` says.
    - `retry_after`: seconds that the provider asks us to wait, if it said so.
    - `opted_out`: the provider refuses because the holder of the number said stop.
    - `reports`: as in `Accepted`, for a text that was taken although the answer was lost.
    - `raw`: the answer as it came, for the engineer who asks why.
    """

    def __init__(
        self,
        sentence: str,
        code: str,
        *,
        permanent: bool = False,
        taken: Literal["no", "maybe"] = "no",
        retry_after: float | None = None,
        opted_out: bool = False,
        reports: tuple[LaterReport, ...] = (),
        raw: dict[str, Any] | None = None,
    ) -> None:
        self.sentence, self.code = storable(sentence), storable(code)
        super().__init__(self.sentence)
        self.permanent = permanent
        self.taken: Literal["no", "maybe"] = taken
        self.retry_after = retry_after
        self.opted_out = opted_out
        self.reports = reports
        self.raw = raw or {}


class CannotTell(Exception):
    """The provider does not say whether it has a text: the text stays in doubt."""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report in our words."""

    message_id: UUID | None  # ours, when the payload carries it
    provider_id: str
    status: str  # one of messaging.statuses, or UNKNOWN: change nothing
    error_code: str = ""  # ours where a table knows the provider's, otherwise "<provider>_<code>"; empty: none
    operator: str = ""  # as the report names it
    part: int | None = None  # from 1, where parts are reported apart


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text from a phone."""

    from_: str  # as the provider writes it
    to: str
    body: str
    provider_id: str  # the same when the provider tells it twice; empty when it names none


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the provider waits for after it has called one of our addresses."""

    status: int = 204
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Provider(ABC):
    """One route's way to the network; made once per route and pass, used as an asynchronous context manager.

    `send` may be called many times at once between `open` and `close`. `verify`, `read_report` and `read_inbound` need
    no open provider.
    """

    name: ClassVar[str]
    settings_help: ClassVar[dict[str, str]] = {}
    """Name of each setting -> what it means, for the person who sets up a route."""
    secret_settings: ClassVar[frozenset[str]] = frozenset()
    """The settings that are never shown again."""
    required_settings: ClassVar[frozenset[str]] = frozenset()
    """The settings without which it cannot send, or nobody can tell what became of the texts."""
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """The settings that are numbers -> the smallest and the largest allowed."""
    object_settings: ClassVar[frozenset[str]] = frozenset()
    """The settings that are JSON objects; every other is one text, number, true or false."""
    webhook_methods: ClassVar[frozenset[str]] = frozenset({"POST"})
    """The HTTP methods with which it calls us."""
    one_webhook: ClassVar[bool] = False
    """It knows one address of ours and calls it with reports and texts alike."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    @classmethod
    def problems(cls, settings: Mapping[str, Any]) -> list[str]:
        """Why a route with `settings` cannot send, a sentence each; empty when it can.

        Opens nothing and repeats no value, for it may be a secret. A setting that is None or "" is not set. Adapters
        with rules of their own add to these: known names, required ones present, numbers within their limits.
        """
        found = []
        unknown = sorted(set(settings) - set(cls.settings_help))
        if unknown:
            known = ", ".join(sorted(set(cls.settings_help) - cls.secret_settings))
            found.append(
                f"The provider {cls.name} has no setting {', '.join(unknown)}. Correct or remove it; known: {known}."
            )
        for name in sorted(cls.required_settings):
            if not settings.get(name):
                found.append(f"The setting {name} is missing. Fill it in: {cls.settings_help[name]}")
        for name in sorted(set(settings) & set(cls.settings_help)):
            if settings[name] in (None, ""):
                continue
            if name in cls.number_settings:
                low, high = cls.number_settings[name]
                if not is_number(settings[name], low, high):
                    found.append(f"The setting {name} is not a number from {low:g} to {high:g}. Correct it.")
            elif name in cls.object_settings:
                if not isinstance(settings[name], dict):
                    found.append(f"The setting {name} is not an object. See what it means: {cls.settings_help[name]}")
            elif not isinstance(settings[name], str | int | float):
                found.append(f"The setting {name} is a list or an object. Write it as one text or number.")
        return found

    async def open(self) -> None:  # noqa: B027 (a provider without connections has nothing to open)
        """Open connections."""

    async def close(self) -> None:  # noqa: B027
        """Close them."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @abstractmethod
    async def send(self, m: Outgoing) -> Accepted:
        """Hand over one text, once. Raises `SendError` and nothing else (but a cancelled task stays cancelled)."""

    async def find(self, m: Outgoing, now: datetime) -> Accepted | None:
        """What the provider itself lists about a text in doubt; None: it certainly does not have it. Sends nothing.

        `m.at` is the moment of the call that was lost, `now` the present one. Raises `CannotTell`, and nothing else,
        when the provider keeps no such list, does not answer, or lists more than one that could be it.
        """
        raise CannotTell(f"The provider {self.name} keeps no list in which a text could be found.")

    def read_query(self, query: str) -> dict[str, str]:
        """The parameters of a GET, from the raw query of its address."""
        return dict(parse_qsl(query, keep_blank_values=True))

    def webhook_answer(self) -> WebhookAnswer:
        """The answer to a call that was genuine and is stored."""
        return WebhookAnswer()

    @abstractmethod
    def verify(self, url: str, headers: Mapping[str, str], body: bytes, params: Mapping[str, Any]) -> bool:
        """Whether a webhook call comes from the provider. `url` is the public one; compared in constant time."""

    @abstractmethod
    def read_report(self, payload: Mapping[str, Any]) -> Report:
        """A stored raw delivery report in our words. Pure; never raises for a strange word."""

    @abstractmethod
    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        """A stored raw inbound text, or None when the payload is none."""


def is_number(value: object, low: float, high: float) -> bool:
    """Whether `value` is a number, or a text of one, from `low` to `high`; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return False
    return math.isfinite(number) and low <= number <= high


def read_uuid(value: object) -> UUID | None:
    """`value` as a UUID, or None when it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
