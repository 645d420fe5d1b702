"""What can be wrong in the description of an aggregator (`http_json`), a sentence for each mistake."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from messaging.providers.errors import OURS
from messaging.providers.http import is_address
from messaging.providers.templates import names
from messaging.statuses import Status

PLACEHOLDERS: Final = frozenset(
    {"to", "to_digits", "to_national", "text", "text_base64", "sender", "id", "key", "callback", "unicode", "segments"}
    | {"kind", "minutes", "username", "password", "token"}
)
NUMBER, TEXT = frozenset({"to", "to_digits", "to_national"}), frozenset({"text", "text_base64"})
REPORTED: Final = frozenset({Status.SENT, Status.DELIVERED, Status.UNDELIVERED, Status.FAILED, Status.EXPIRED})
PATHS: Final[Mapping[str, frozenset[str]]] = {
    "answer": frozenset({"ok", "ok_values", "id", "error", "words"}),
    "report": frozenset({"id", "provider_id", "status", "error", "operator"}),
    "inbound": frozenset({"from", "to", "text", "id"}),
    "token_request": frozenset({"url", "headers", "query", "form", "json", "path"}),
}
"""The objects with fixed names -> those names."""
REQUEST = ("url", "headers", "query", "form", "json")


def mistakes(settings: Mapping[str, Any]) -> list[str]:
    """Why texts cannot go out or reports not be read with these settings, a sentence each. Repeats no value."""
    return [*_request(settings), *_names(settings), *_answer(settings), *_tables(settings)]


def _request(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings.get("url") and not is_address(settings["url"]):
        yield "The setting url is no address. Write it like https://sms.example/send."
    if str(settings.get("method") or "POST") not in ("POST", "GET", "PUT"):
        yield "The setting method is not POST, GET or PUT. Choose one of them."
    if settings.get("form") and settings.get("json"):
        yield "A request has a form or JSON, not both. Remove the setting form or json."
    used = _used(settings)
    if settings.get("url") and not used & NUMBER:
        yield "The request holds no number. Put {to}, {to_digits} or {to_national} where the provider wants it."
    if settings.get("url") and not used & TEXT:
        yield "The request holds no text. Put {text} or {text_base64} where the provider wants it."
    if "kind" in used and not settings.get("kinds"):
        yield 'The request has {kind}, and the setting kinds is missing. Write it like {"promotional": "0", "*": "1"}.'
    asked = settings.get("token_request") or {}
    if asked and (not is_address(asked.get("url")) or not asked.get("path")):
        yield 'The setting token_request has no address or no path. Write "url" and "path" into it.'
    if "token" in used and not asked and not settings.get("token"):
        yield "The request has {token}, and there is none. Fill in token, or token_request."
    for part, template in [*((p, settings.get(p)) for p in REQUEST), ("token_request", asked)]:
        unknown = sorted(set(names(template)) - PLACEHOLDERS)
        if unknown:
            yield (
                f"The setting {part} has the unknown placeholder {{{unknown[0]}}}. "
                f"Use one of: {', '.join(sorted(PLACEHOLDERS))}."
            )


def _names(settings: Mapping[str, Any]) -> Iterator[str]:
    for part, known in PATHS.items():
        unknown = sorted(set(settings.get(part) or {}) - known)
        if unknown:
            yield f"The setting {part} has no {unknown[0]}. Use: {', '.join(sorted(known))}."


def _answer(settings: Mapping[str, Any]) -> Iterator[str]:
    answer = settings.get("answer") or {}
    if not answer:
        return
    if "ok" not in answer and "id" not in answer:
        yield 'The setting answer cannot tell a yes. Write "ok" with "ok_values", or "id", into it.'
    values = answer.get("ok_values")
    if "ok" in answer and (not isinstance(values, list) or not values):
        yield 'The setting answer has "ok" without a list "ok_values". Write the values that mean yes.'
    if settings.get("errors") and "error" not in answer:
        yield 'The setting errors is never looked at. Write into answer where the code stands: "error".'


def _tables(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, known in (("statuses", {str(status) for status in REPORTED}), ("errors", set(OURS))):
        strange = sorted(str(word) for word in set(map(str, (settings.get(name) or {}).values())) - known)
        if strange:
            yield (
                f"The setting {name} translates to {strange[0]}, which is no word of ours. "
                f"Use one of: {', '.join(sorted(known))}."
            )
    report = settings.get("report") or {}
    if report and not {"id", "provider_id"} & set(report) and "callback" not in _used(settings):
        yield "A report would belong to no text. Write into report where an id stands, or hand over {callback}."
    if report and "status" not in report:
        yield 'The setting report does not say where the status stands. Write "status" into it.'
    if bool(report) != bool(settings.get("statuses")):
        yield "The settings report and statuses belong together. Fill in both, or none."
    inbound = settings.get("inbound") or {}
    if inbound and not {"from", "text"} <= set(inbound):
        yield 'The setting inbound lacks "from" or "text". Write both into it.'


def _used(settings: Mapping[str, Any]) -> set[str]:
    return {name for part in REQUEST for name in names(settings.get(part))}
