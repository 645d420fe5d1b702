"""Where an operator sends registered texts only: what a machine answers is among them, in every form."""

import pytest

from campaigns.content import registration
from campaigns.models import Parameter
from campaigns.replies import words
from messaging.models import OutboundMessage, Route, RouteTemplate
from messaging.registration import texts
from messaging.registration.texts import Register
from recipients.models import Person
from tests import people
from tests.replies.conftest import NOON, answers, writes
from tests.timelines import Line, publish

TAIL = "Dừng tin: gọi 1800 1234"
PHONES = {"vi": "0912345678", "en": "0912345679"}
VALUES = {
    "phone": "02703800200", "hours": "7:00-17:00, thứ 2 đến thứ 6", "day": "21/11/2026", "example": "21112026",
    "choices": "1 (Lan), 2 (Trang)",
}  # fmt: skip


@pytest.fixture
def strict(unit) -> Route:
    """The only route sends registered texts only; everything that may leave is registered there."""
    Route.objects.update(registered_only=True, tail=TAIL)
    route = Route.objects.get()
    registration.submit_live_words(route, NOON)
    RouteTemplate.objects.update(state="registered")
    return route


@pytest.mark.parametrize(
    "body", ["TC", "Sai số", "GIUP", "GOI LAI", "MAT", "SINH", "SINH 211126", "DA KHAM", "SINH 300226"]
)
@pytest.mark.parametrize("script", ["plain", "diacritics"])
def test_what_is_answered_leaves(unit, strict, body, script):
    for language in ("vi", "en"):
        lan = people.lan(unit, NOON, weeks=38, script=script, language=language, phone=PHONES[language]).mother
        OutboundMessage.objects.create(
            key=language, to=lan.phone, body="Chao chi.", language=language, encoding="GSM-7", segments=1,
            status="sent", route=strict, queued_at=NOON, send_after=NOON, sending_at=NOON, sent_at=NOON,
        )  # fmt: skip
        writes(lan, body)
        assert len(answers(lan.phone)) == 1, language


def test_nobody_waits_for_an_answer_that_is_not_registered(unit, strict):
    RouteTemplate.objects.filter(name__startswith="auto/will_call").delete()
    text = writes(people.lan(unit, NOON).mother, "GOI LAI")
    assert not answers()
    assert text.for_staff, "what cannot be answered is read by a person"


@pytest.mark.parametrize("hotline", ["", "1800 1234"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("script", ["plain", "diacritics"])
def test_every_form_of_every_answer_is_on_the_list(unit, strict, hotline, language, script):
    Parameter.objects.filter(name="hotline").update(value=hotline or "-")
    if not hotline:
        Parameter.objects.filter(name="hotline").delete()
        unit.facilities.update(phone="")
    lan = people.lan(unit, NOON, language=language, script=script).mother
    register = Register.of([strict], NOON)
    for what in set(words.WORDS) - {"urgent"}:
        said = words.say(what, [Person.objects.get(pk=lan.pk)], needed_at=NOON, **VALUES)
        assert register.template_for(strict.pk, said), said


def test_an_answer_never_carries_how_to_stop_and_so_lacks_nothing(unit, strict):
    automatic = RouteTemplate.objects.filter(name__startswith="auto/")
    assert automatic.count() > 30
    assert not automatic.filter(body__endswith="1800 1234").exists()
    assert not automatic.filter(name__endswith=" +").exists()
    assert texts.lacking_the_tail(strict) == 0
    publish([Line("week-12", day=84)])
    Route.objects.update(tail="")
    registration.submit_live_words(Route.objects.get(), NOON)
    assert texts.lacking_the_tail(strict) > 0, "the texts of the campaign"
