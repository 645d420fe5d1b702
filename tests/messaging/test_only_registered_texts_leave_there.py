"""Registered texts: submitted in every form, answered by the operator, matched character by character."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import RouteTemplate
from messaging.outgoing import gateway
from messaging.outgoing.gateway import Refused, Text
from messaging.registration import answers, files, texts
from messaging.registration.texts import Wording, decide, submit
from messaging.text.pattern import compiled, filled, is_whole, slots
from tests.messaging.texts import make_route, number

BODY = "Chị {1} ơi, mời chị đến {2} khám thai."
TEXT = "Chị Lan ơi, mời chị đến Trạm y tế Xã An Bình khám thai."
STOP = "Dừng tin gọi 02703800200"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def route(db):
    return make_route("viettel", registered_only=True, priority=1)


def registered(route, now, body=BODY, **more) -> RouteTemplate:
    submit(route, [Wording(more.pop("name", "anc/week-12"), body, ("Lan", "Trạm y tế"))], now)
    template = RouteTemplate.objects.get(route=route, body=body)
    decide(template, "registered", now, **({"code": "T1"} | more))
    return template


def send(now, body=TEXT, key="a", **more):
    try:
        return gateway.send(Text(**({"to": number(1), "body": body, "key": key} | more)), now)
    except Refused as refusal:
        return refusal.code


def test_what_is_not_registered_takes_another_route_or_is_refused(now, route):
    assert send(now) == "not_registered"
    template = registered(route, now)
    assert (send(now).template, send(now).route) == (template, route)
    other = make_route("any", priority=2)
    row = send(now, "Một lời khác.", key="b")
    assert (row.route, row.template) == (other, None)


def test_only_while_the_operator_agrees(now, route):
    template = registered(route, now, valid_to=date(2026, 12, 31))
    end = now.replace(month=12, day=31, hour=16, minute=59)  # 23:59 in Vietnam
    assert send(end, key="d").template == template
    assert send(end + timedelta(minutes=1), key="e") == "not_registered"
    assert texts.standing(template, end + timedelta(minutes=1)) == "submitted", "the row in memory is an old one"
    template.refresh_from_db()
    assert texts.standing(template, end + timedelta(minutes=1)) == "expired"
    for state in ("rejected", "expired"):
        decide(template, state, now)
        assert send(now, key=state) == "not_registered"


@pytest.mark.parametrize(
    "body",
    [
        "Chi Lan oi, moi chi den Tram y te Xa An Binh kham thai.", TEXT + ".", TEXT[:-1], "Chị  Lan" + TEXT[7:],
        TEXT.replace("Lan", "L" * 41), TEXT.replace("Lan ", " "), TEXT.replace("Lan", "Lan\nMai"),
    ],
)  # fmt: skip
def test_every_character_counts(body):
    assert not compiled(BODY, 40).fullmatch(body)
    assert compiled(BODY, 40).fullmatch(TEXT)
    assert compiled(BODY, 40).fullmatch(TEXT.replace("Lan", "L" * 40))


def test_the_text_with_the_most_given_words_is_the_one(now, route):
    registered(route, now, "Chị {1} ơi, {2} khám thai.", name="loose")
    exact = registered(route, now, "Chị {1} ơi, mời chị đến {2} khám thai.", name="exact")
    assert send(now).template == exact


def test_a_value_that_stands_twice_is_the_same_twice():
    pattern = compiled("{1} gọi {1} hoặc {2}.", 20)
    assert pattern.fullmatch("Trạm gọi Trạm hoặc 115.")
    assert not pattern.fullmatch("Trạm gọi trạm hoặc 115.")


values = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=40)


@given(first=values, second=values)
def test_whatever_stands_in_the_places_it_matches(first, second):
    assert compiled(BODY, 40).fullmatch(filled(BODY, [first, second]))


def test_label_and_tail_are_registered_with_the_words(now, settings, route):
    settings.OPT_OUT_TAIL = STOP
    made = submit(route, [Wording("anc", BODY), Wording("ad", "Ưu đãi {1}.", (), "promotional")], now)
    made_too = submit(route, [Wording("storm", "Bão gần {1}.", (), "emergency")], now)
    assert (made.new, made_too.new) == (3, 1)
    assert dict(route.templates.values_list("name", "body")) == {
        "anc": BODY, "anc +": f"{BODY} {STOP}", "ad +": f"[QC] Ưu đãi {{1}}. {STOP}", "storm": "Bão gần {1}.",
    }  # fmt: skip
    for template in route.templates.all():
        decide(template, "registered", now, code=template.name)
    assert send(now).template.code == "anc +"
    assert send(now, key="b").template.code == "anc"
    assert send(now, "Ưu đãi gói khám.", key="c", message_class="promotional").template.code == "ad +"
    assert texts.lacking_the_tail(route) == 0
    settings.OPT_OUT_TAIL = "Dừng tin gọi 1800 1234"
    assert texts.lacking_the_tail(route) == 2
    assert send(now, key="d", tail=True) == "not_registered"


def test_what_cannot_be_registered_is_said(now, route):
    wrong = {"four": "{1} a {2} b {3} c {4}", "hole": "Chị {ten} ơi", "order": "{2} rồi {1}", "bare": "{1} {2}"}
    made = submit(route, [Wording(name, body) for name, body in wrong.items()], now)
    assert (made.new, list(made.refused)) == (0, list(wrong))
    assert "It has 4 values and operators register at most 3" in made.refused["four"]
    assert all(sentence.endswith(".") for sentence in made.refused.values())
    assert not RouteTemplate.objects.exists()
    assert is_whole(BODY)
    assert slots("{2}{1}{2}") == [2, 1]


def test_submitting_again_changes_only_what_the_operator_refused(now, route):
    template = registered(route, now)
    submit(route, [Wording("b", "Lời {1}.")], now)
    decide(RouteTemplate.objects.get(name="b"), "rejected", now, note="sai mẫu")
    made = submit(route, [Wording("anc/week-12", BODY), Wording("b", "Lời {1}."), Wording("c", "Mới.")], now)
    assert (made.new, made.again, made.known) == (1, 1, 1)
    template.refresh_from_db()
    assert (template.state, template.code) == ("registered", "T1")
    assert RouteTemplate.objects.get(name="b").state == "submitted"


@pytest.mark.parametrize("write", [files.to_xlsx, files.to_csv])
def test_the_file_goes_out_and_comes_back(now, route, write):
    submit(
        route,
        [Wording("anc", BODY, ("Lan", "Trạm y tế")), Wording("b", '=Lời; "b" {1}.', ("1",)), Wording("c", "Mới.")],
        now,
    )
    route.sender = "MAM"
    sent_out = write(route, route.templates.all())
    assert [answer.state for answer in files.read(sent_out)] == ["", "", ""]
    assert answers.apply(route, files.read(sent_out), now).unchanged == 3
    book = openpyxl.load_workbook(io.BytesIO(files.to_xlsx(route, route.templates.all())))
    sheet = book.active
    first = [cell.value for cell in sheet[2]]
    assert first[1:8] == [
        "anc", BODY, "{1}: Lan; {2}: Trạm y tế", "Chị Lan ơi, mời chị đến Trạm y tế khám thai.", 1, "MAM", "CSKH",
    ]  # fmt: skip
    for line, (state, code) in enumerate((("Đã duyệt", 4711.0), ("Từ chối", None), ("Đang duyệt", None)), start=2):
        sheet.cell(line, 9).value, sheet.cell(line, 10).value = state, code
    sheet.cell(2, 11).value, sheet.cell(3, 12).value = date(2027, 12, 31), "Sai chính tả"
    sheet.cell(2, 2).value = "their own name"
    back = io.BytesIO()
    book.save(back)
    applied = answers.apply(route, files.read(back.getvalue()), now)
    assert (dict(applied.changed), applied.unchanged, applied.problems) == ({"registered": 1, "rejected": 1}, 1, [])
    assert list(route.templates.values_list("name", "state", "code", "valid_to", "note")) == [
        ("anc", "registered", "4711", date(2027, 12, 31), ""), ("b", "rejected", "", None, "Sai chính tả"),
        ("c", "submitted", "", None, ""),
    ]  # fmt: skip
    again = answers.apply(route, files.read(back.getvalue()), now)
    assert (again.changed.total(), again.unchanged) == (0, 3)


def test_lines_that_mean_nothing_are_told_and_change_nothing(now, route):
    submit(route, [Wording("anc", BODY), Wording("b", "Mới.")], now)
    table = "Ten mau;Ket qua;Hieu luc den\nanc;hmm;\nnobody;Duyet;\nb;Duyet;khi nao do\n"
    applied = answers.apply(route, files.read(table.encode()), now)
    assert [problem.partition(":")[0] for problem in applied.problems] == ["Line 2", "Line 3", "Line 4"]
    assert all(problem.endswith(".") for problem in applied.problems)
    assert not RouteTemplate.objects.exclude(state="submitted").exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no workbook", b"\xff\x00\x81", b"a;b\n1;2"])
def test_a_file_that_is_no_answer_is_refused_in_words(data):
    with pytest.raises(files.Unreadable) as error:
        files.read(data)
    assert str(error.value).endswith(".")
