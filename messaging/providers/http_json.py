"""Any other aggregator over HTTP, by configuration: how it is asked, where its answer says what, what its words mean.

An example, for a provider that is posted a form and answers a number:

    {"url": "https://sms.example/send", "username": "tram",
     "form": {"USERNAME": "{username}", "PASSWORD": "{password}", "BRANDNAME": "{sender}", "PHONE": "{to_national}",
              "MESSAGE": "{text}", "TYPE": "{kind}", "IDREQ": "{id}"},
     "kinds": {"promotional": "0", "*": "1"},
     "answer": {"ok": "", "ok_values": ["0"], "error": ""},
     "errors": {"4": "bad_number", "108": "opted_out", "100": "auth_failed", "-4": "not_registered"}}
"""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from messaging.providers.base import UNKNOWN, Accepted, Inbound, Outgoing, Report, SendError, WebhookAnswer, read_uuid
from messaging.providers.errors import OURS, Known, failure, foreign
from messaging.providers.http import Answer, HttpProvider, lost, refusal, seconds_left
from messaging.providers.http_json_settings import mistakes
from messaging.providers.secretpath import report_address
from messaging.providers.templates import dig, fill, word


class HttpJson(HttpProvider):
    """An aggregator that is described by the route's settings."""

    name: ClassVar[str] = "http_json"
    title: ClassVar[str] = "The provider"
    settings_help: ClassVar[dict[str, str]] = {
        "url": "Address that a text is sent to. Placeholders as below.",
        "method": "POST (default), GET or PUT.",
        "headers": "Object: headers of the request. A secret never stands here itself: write {password} or {token}.",
        "query": "Object: parameters in the address.",
        "form": "Object: fields of a form. Or json.",
        "json": "Object: body in JSON. "
        "Placeholders: {to} +84..., {to_digits} 84..., {to_national} 0..., {text}, {text_base64}, {sender}, {id}, "
        "{key}, {callback}, {unicode} 1 or 0, {segments}, {kind}, {minutes} until it expires, {username}, {password}, "
        "{token}; {segments:number} for a number.",
        "username": "Account name.",
        "password": "Password, API key or client secret.",
        "token": "Token that does not change; one that must be asked for comes by token_request.",
        "token_request": 'Object: {"url", "form" or "json", "path"}: where {token} is asked for, once for each pass.',
        "kinds": 'Object: message class -> {kind}, "*" for the others, like {"promotional": "0", "*": "1"}.',
        "country": "Country code that {to_national} replaces by 0. Default 84.",
        "longest_minutes": "What {minutes} is at most, and where a text does not expire. Default 2880.",
        "answer": 'Object of paths like "data.0.id": "ok" with the list "ok_values", "id", "error", "words". '
        "Without ok an id is a yes.",
        "errors": "Object: the provider's error code -> ours: " + ", ".join(sorted(OURS)) + ".",
        "report": 'Object of paths into a report: "id" (ours), "provider_id", "status", "error", "operator".',
        "statuses": "Object: the provider's word -> sent, delivered, undelivered, failed or expired.",
        "operators": "Object: the provider's word -> operator as in the prefix table.",
        "inbound": 'Object of paths into a text from a phone: "from", "to", "text", "id".',
        "reply": "What the provider wants to read after it has called us, like OK. Empty: nothing, HTTP 200.",
        "reply_type": "Content type of the reply. Default text/plain.",
        "secret": "Part of the addresses that the provider calls: 16 to 64 letters, digits, - and _.",
        "timeout": "Seconds to wait for a connection, at most 4, and again for an answer. Default 20.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"password", "token", "secret"})
    required_settings: ClassVar[frozenset[str]] = frozenset({"url", "answer", "secret"})
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {
        "timeout": (0.1, 50),
        "country": (1, 999),
        "longest_minutes": (1, 100_000),
    }
    object_settings: ClassVar[frozenset[str]] = frozenset(
        {"headers", "query", "form", "json", "token_request", "kinds", "answer", "errors", "report", "statuses"}
        | {"operators", "inbound"}
    )
    webhook_methods: ClassVar[frozenset[str]] = frozenset({"GET", "POST"})

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._token = ""
        self._asking: asyncio.Lock | None = None

    @classmethod
    def problems(cls, settings: Mapping[str, Any]) -> list[str]:
        found = super().problems(settings)
        wrong_types = [name for name in cls.object_settings if not isinstance(settings.get(name) or {}, dict)]
        return found if wrong_types else found + mistakes(settings)

    async def open(self) -> None:
        self._token, self._asking = "", asyncio.Lock()
        await super().open()

    async def send(self, m: Outgoing) -> Accepted:
        """One request, never repeated.

        - A yes: the value at "ok" is among "ok_values", or, without "ok", there is an id.
        - A no: the error code's meaning in "errors". An error that the table does not know is a no with HTTP 4xx and
          leaves the text in doubt with HTTP 2xx, for nobody has said that it was not taken.
        - The provider's id is ours where it names none.
        """
        values = self._values(m, seconds_left(m))
        if self.settings.get("token_request"):
            values["token"] = await self._ask_token(m, values)
        url, parts = self._request(self.settings, values)
        answer = await self.call(str(self.settings.get("method") or "POST"), url, **parts)
        said, about = _read(answer), self._object("answer")
        code = word(dig(said, about["error"])) if "error" in about else ""
        if not 200 <= answer.status < 300:
            if code in self._object("errors"):
                raise self._refused(code, said, answer)
            raise refusal(self.title, answer, m.at)
        given = word(dig(said, about["id"])) if "id" in about else ""
        yes = word(dig(said, about["ok"])) in map(word, about.get("ok_values") or ()) if "ok" in about else bool(given)
        if yes and (given or "id" not in about):
            return Accepted(provider_id=given or str(m.id))
        if yes or said is None or not code:
            raise lost(self.title, "no id and no error", "unreadable_answer", {"answer": answer.text[:300]})
        raise self._refused(code, said, answer)

    def webhook_answer(self) -> WebhookAnswer:
        kind = str(self.settings.get("reply_type") or "text/plain")
        return WebhookAnswer(200, str(self.settings.get("reply") or ""), f"{kind}; charset=utf-8")

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        where = self._object("report")
        found = {name: word(dig(payload, path)) for name, path in where.items()}
        error = found.get("error", "")
        known = self._object("errors").get(error)
        return Report(
            message_id=read_uuid(found.get("id")),
            provider_id=found.get("provider_id", ""),
            status=str(self._object("statuses").get(found.get("status", ""), UNKNOWN)),
            error_code=str(known) if known else foreign("provider", error) if error != "0" else "",
            operator=str(self._object("operators").get(found.get("operator", ""), found.get("operator", ""))),
        )

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        found = {name: dig(payload, path) for name, path in self._object("inbound").items()}
        if not word(found.get("from")) or not isinstance(found.get("text"), str):
            return None
        return Inbound(word(found["from"]), word(found.get("to")), found["text"], word(found.get("id")))

    def _object(self, name: str) -> Mapping[str, Any]:
        value = self.settings.get(name)
        return value if isinstance(value, Mapping) else {}

    def _values(self, m: Outgoing, left: float | None) -> dict[str, str]:
        """The placeholders' values for one text."""
        country = f"+{self.settings.get('country') or '84'}"
        kinds = self._object("kinds")
        longest = int(float(self.settings.get("longest_minutes") or 2880))
        return {
            "to": m.to,
            "to_digits": m.to.removeprefix("+"),
            "to_national": f"0{m.to.removeprefix(country)}" if m.to.startswith(country) else m.to.removeprefix("+"),
            "text": m.body,
            "text_base64": base64.b64encode(m.body.encode()).decode(),
            "sender": m.sender,
            "id": str(m.id),
            "key": m.key,
            "callback": report_address(m.callback_url, m.id, self.secret),
            "unicode": "1" if m.encoding == "UCS-2" else "0",
            "segments": str(m.segments),
            "kind": str(kinds.get(m.message_class, kinds.get("*", ""))),
            "minutes": str(longest if left is None else max(1, min(longest, int(left // 60)))),
            **{name: str(self.settings.get(name) or "") for name in ("username", "password", "token")},
        }

    def _request(self, template: Mapping[str, Any], values: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """Address and parts of a request. In the address values are escaped, or a text would end at its first "&"."""
        parts = {"headers": "headers", "query": "params", "form": "data", "json": "json"}
        given = {ours: fill(template[name], values) for name, ours in parts.items() if template.get(name)}
        escaped = {name: quote(value, safe="") for name, value in values.items()}
        return str(fill(template.get("url") or "", escaped)), given

    async def _ask_token(self, m: Outgoing, values: Mapping[str, str]) -> str:
        """The token of this pass, asked for once. Whatever fails here, the text has not left."""
        if self._asking is None:
            raise RuntimeError("The provider is not open.")
        async with self._asking:
            if not self._token:
                asked = self._object("token_request")
                url, parts = self._request(asked, values)
                try:
                    answer = await self.call("POST", url, **parts)
                except SendError as error:
                    raise SendError(error.sentence, error.code, raw=error.raw) from error
                if not 200 <= answer.status < 300:
                    no = refusal(self.title, answer, m.at)
                    raise SendError(no.sentence, no.code, retry_after=no.retry_after, raw=no.raw)
                self._token = word(dig(answer.json, asked.get("path", "")))
                if not self._token:
                    raise failure(self.title, OURS["auth_failed"], raw={"answer": answer.text[:300]})
            return self._token

    def _refused(self, code: str, said: Any, answer: Answer) -> SendError:
        ours = self._object("errors").get(code)
        known = OURS.get(str(ours)) or Known(foreign("provider", code), False, taken="maybe")
        words = word(dig(said, self._object("answer").get("words", "words")))
        return failure(self.title, known, said=f"{code} {words}".strip()[:200], raw=_kept(said, answer.status))


def _read(answer: Answer) -> Any:
    """The answer's JSON; a body that is none is one text, so that a bare number or word can be an answer too."""
    body = answer.json
    return body if body is not None else answer.text.strip() or None


def _kept(said: Any, status: int) -> dict[str, Any]:
    return said if isinstance(said, dict) else {"http": status, "answer": str(said)[:300]}
