"""What every provider has to do, written once. A provider's test inherits it and says how to bring each fault about."""

import asyncio
import json
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest

from messaging.providers import PROVIDERS
from messaging.providers.base import UNKNOWN, Accepted, CannotTell, Outgoing, Provider, SendError
from messaging.providers.secretpath import report_address
from messaging.statuses import RANK
from messaging.text.segments import measure

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
VIETNAMESE = "Chị Hạnh ơi, thai 12 tuần: mời chị khám tại Trạm Y tế xã Tân Hòa. ĐT & giờ: 07:30+ 100% “miễn phí” ☎ 👶🏽"
ID = UUID("0e3f7c52-6d0c-4a5e-9a54-0d1f3d5f3c11")


def outgoing(body: str = "Chao chi, moi chi kham thai.", **more: Any) -> Outgoing:
    """A text to an invented number."""
    size = measure(body)
    m = Outgoing(
        id=ID,
        to="+84912000001",
        body=body,
        encoding=size.encoding,
        segments=size.segments,
        sender="TRAMYTE",
        key="scheduled:1",
        callback_url=f"https://mam.example/sms/1/status?m={ID}",
        expires_at=None,
        at=NOW,
    )
    return replace(m, **more)


OTHER = UUID("99999999-6d0c-4a5e-9a54-0d1f3d5f3c11")


@dataclass(frozen=True)
class Webhook:
    """A call of our webhook, signed by the provider or with a secret in its address."""

    url: str
    headers: dict[str, str]
    body: bytes
    params: dict[str, str]


class World(ABC):
    """A provider with its far end, in one state."""

    provider: Provider

    @abstractmethod
    def bodies(self) -> list[str]:
        """The texts that the far end took."""


def assert_it_tells_a_person(error: SendError) -> None:
    assert error.sentence.endswith(".")
    assert error.sentence.count(". ") >= 1
    assert error.code.replace("_", "").isalnum()
    assert error.code == error.code.lower()
    json.dumps(error.raw)


class ProviderContract(ABC):
    """Inherit as `class TestX(ProviderContract)`, with what else is true of it: ToldStopsContract, ServerContract or
    SecretPathContract, NoListContract."""

    name: ClassVar[str]
    knows_our_id: ClassVar[bool] = True
    """Whether a report carries our id; otherwise it has the provider's alone."""
    inbound_to: ClassVar[str] = "8000"
    numbers_inbound: ClassVar[bool] = True
    """Whether a text from a phone has an id."""

    def settings(self) -> dict[str, Any]:
        """What reading a report or an inbound text needs; nothing, where the shape is fixed."""
        return {}

    @abstractmethod
    def world(self, fault: str = "") -> AbstractContextManager[World]:
        """A far end in which the next text meets `fault`:

        "", "invalid", "throttled", "timeout", "refused_connection", "dropped", "malformed"; in a
        ToldStopsContract also "opted_out", in a ServerContract "error_500".
        """

    @abstractmethod
    def report(self, word: str) -> dict[str, Any]:
        """A raw delivery report about `ID` with the provider's own `word`."""

    @abstractmethod
    def words(self) -> dict[str, str]:
        """Some of the provider's words -> ours."""

    @abstractmethod
    def inbound(self) -> dict[str, Any]:
        """A raw text "TC" from +84912000001 to "8000"."""

    @abstractmethod
    def webhook(self, provider: Provider) -> Webhook: ...

    def send(self, world: World, m: Outgoing) -> Accepted:
        async def once() -> Accepted:
            async with world.provider as provider:
                return await provider.send(m)

        return asyncio.run(once())

    def refusal(self, fault: str, m: Outgoing | None = None) -> tuple[SendError, list[str]]:
        with self.world(fault) as world:
            with pytest.raises(SendError) as caught:
                self.send(world, m or outgoing())
            return caught.value, world.bodies()

    def test_is_in_the_registry_and_explains_its_settings(self) -> None:
        kind = PROVIDERS[self.name]
        assert kind.name == self.name
        assert kind.settings_help
        assert kind.secret_settings <= set(kind.settings_help)

    def test_an_accepted_text_has_the_providers_id(self) -> None:
        with self.world() as world:
            accepted = self.send(world, outgoing())
            assert accepted.provider_id
            assert accepted.status == "sent"
            assert world.bodies() == ["Chao chi, moi chi kham thai."]

    def test_many_texts_at_once_are_each_taken_once(self) -> None:
        async def many(provider: Provider) -> list[Accepted]:
            async with provider:
                texts = [outgoing(f"So {n}", id=UUID(int=n), key=f"k:{n}") for n in range(40)]
                return await asyncio.gather(*(provider.send(m) for m in texts))

        with self.world() as world:
            ids = {accepted.provider_id for accepted in asyncio.run(many(world.provider))}
            assert len(ids) == 40
            assert sorted(world.bodies()) == sorted(f"So {n}" for n in range(40))

    @pytest.mark.parametrize("body", [VIETNAMESE, "a\n b  c + & = % ; é", "សូមអញ្ជើញ" * 20, "~" * 161])
    def test_a_text_arrives_exactly_as_given(self, body: str) -> None:
        with self.world() as world:
            self.send(world, outgoing(body))
            assert world.bodies() == [body]

    def test_a_text_whose_time_is_over_is_not_sent(self) -> None:
        with self.world() as world:
            with pytest.raises(SendError) as caught:
                self.send(world, outgoing(expires_at=NOW))
            assert (caught.value.code, caught.value.permanent, caught.value.taken) == ("expired", True, "no")
            assert world.bodies() == []

    def test_a_wrong_number_is_refused_for_good(self) -> None:
        error, bodies = self.refusal("invalid")
        assert (error.code, error.permanent, error.taken) == ("bad_number", True, "no")
        assert not error.opted_out
        assert bodies == []

    def test_throttling_passes_and_says_when(self) -> None:
        error, bodies = self.refusal("throttled")
        assert (error.code, error.permanent, error.taken) == ("throttled", False, "no")
        assert error.retry_after == 30
        assert bodies == []

    def test_a_refused_connection_took_nothing(self) -> None:
        error, bodies = self.refusal("refused_connection")
        assert (error.code, error.permanent, error.taken) == ("unreachable_provider", False, "no")
        assert bodies == []

    @pytest.mark.parametrize("fault", ["timeout", "dropped", "malformed"])
    def test_a_lost_answer_leaves_the_text_in_doubt(self, fault: str) -> None:
        error, bodies = self.refusal(fault)
        assert error.taken == "maybe"
        assert bodies == ["Chao chi, moi chi kham thai."]

    @pytest.mark.parametrize("fault", ["invalid", "throttled", "refused_connection", "timeout"])
    def test_an_error_tells_a_person_what_happened_and_what_follows(self, fault: str) -> None:
        error, _ = self.refusal(fault)
        assert_it_tells_a_person(error)

    def test_words_become_our_statuses(self) -> None:
        provider = PROVIDERS[self.name](self.settings())
        for word, ours in self.words().items():
            report = provider.read_report(self.report(word))
            assert report.status == ours, word
            assert ours in RANK
            assert report.message_id == (ID if self.knows_our_id else None)
            assert report.provider_id

    def test_an_unknown_word_changes_nothing(self) -> None:
        provider = PROVIDERS[self.name](self.settings())
        for word in ("teleported", "", "DELIVERED?", "-1", "٣"):
            assert provider.read_report(self.report(word)).status == UNKNOWN
        assert provider.read_report({}).status == UNKNOWN
        assert provider.read_report({"id": "not a uuid"}).message_id is None

    def test_an_inbound_text_is_read(self) -> None:
        provider = PROVIDERS[self.name](self.settings())
        inbound = provider.read_inbound(self.inbound())
        assert inbound is not None
        assert (inbound.from_, inbound.to, inbound.body) == ("+84912000001", self.inbound_to, "TC")
        assert bool(inbound.provider_id) == self.numbers_inbound
        assert provider.read_inbound(self.report("sent")) is None
        assert provider.read_inbound({}) is None

    def forgeries(self, call: Webhook) -> list[Webhook]:
        """Calls that look nearly like `call`: by default of a provider that signs in a header."""
        changed = call.params | {"MessageStatus": "failed"}
        return [
            replace(call, headers={name: value[:-2] + "AA" for name, value in call.headers.items()}),
            replace(call, headers=dict.fromkeys(call.headers, "chữ ký")),
            replace(call, headers={}),
            replace(call, body=json.dumps(changed).encode(), params=changed),
        ]

    def test_only_the_provider_opens_the_webhook(self) -> None:
        with self.world() as world:
            provider, call = world.provider, self.webhook(world.provider)
            lower = {name.lower(): value for name, value in call.headers.items()}
            assert provider.verify(call.url, call.headers, call.body, call.params)
            assert provider.verify(call.url, lower, call.body, call.params)
            for forged in [replace(call, url=call.url + "x"), *self.forgeries(call)]:
                assert not provider.verify(forged.url, forged.headers, forged.body, forged.params), forged
            assert not type(provider)({}).verify(call.url, call.headers, call.body, call.params)

    def test_a_route_without_secret_opens_to_nobody(self) -> None:
        bare = PROVIDERS[self.name]({})
        call = self.webhook(bare)
        assert not bare.verify(call.url, call.headers, call.body, call.params)

    def test_a_text_that_has_time_is_sent(self) -> None:
        with self.world() as world:
            self.send(world, outgoing(expires_at=NOW + timedelta(days=3)))
            assert len(world.bodies()) == 1


class ToldStopsContract(ProviderContract):
    """For providers that say so when the holder of a number has said stop."""

    def test_a_number_that_said_stop_is_told_apart(self) -> None:
        error, bodies = self.refusal("opted_out")
        assert (error.opted_out, error.permanent, error.taken) == (True, True, "no")
        assert bodies == []
        assert_it_tells_a_person(error)


class ServerContract(ProviderContract):
    """For providers with a server between us and the network."""

    def test_an_error_of_its_server_leaves_the_text_in_doubt(self) -> None:
        error, _ = self.refusal("error_500")
        assert (error.code, error.permanent, error.taken) == ("provider_error", False, "maybe")


class NoListContract(ProviderContract):
    """For providers that keep no list in which a text could be found."""

    def test_a_text_in_doubt_cannot_be_found(self) -> None:
        async def look(world: World) -> None:
            async with world.provider as provider:
                await provider.find(outgoing(), NOW)

        with self.world() as world, pytest.raises(CannotTell, match=self.name):
            asyncio.run(look(world))


class SecretPathContract(ServerContract):
    """For providers that sign nothing: the secret stands in the address."""

    SECRET: ClassVar[str] = "a-secret-of-the-tests-0123456789"

    def webhook(self, provider: Provider) -> Webhook:
        url = report_address("https://mam.example/sms/1/status", ID, self.SECRET)
        return Webhook(url, {}, b"", {name: str(value) for name, value in self.report("1").items()})

    def forgeries(self, call: Webhook) -> list[Webhook]:
        proof = call.url.rsplit("/", 1)[1]
        base = "https://mam.example/sms/1/status"
        return [
            replace(call, url=url)
            for url in (
                base,
                f"{base}/",
                f"{base}/{ID}/",
                f"{base}/{proof}",  # the proof of one text is not the secret
                f"{base}/{OTHER}/{proof}",  # nor the proof of another
                f"{base}/{ID}/{self.SECRET}",
                f"{base}?m={ID}&secret={self.SECRET}",
                f"{base}/{ID}/chữ-ký",
            )
        ]

    def test_the_address_that_is_entered_once_ends_in_the_secret(self) -> None:
        with self.world() as world:
            for where in ("status", "inbound"):
                url = f"https://mam.example/sms/1/{where}/{self.SECRET}"
                assert world.provider.verify(url, {}, b"", {})
                assert world.provider.verify(url + "?from=1", {}, b"", {})
                assert not world.provider.verify(url[:-1], {}, b"", {})

    def test_a_weak_secret_is_a_problem(self) -> None:
        said = PROVIDERS[self.name].problems({"secret": "short"})
        assert any("The setting secret does not fit" in one for one in said)
        assert "short" not in " ".join(said)
