"""The pages of campaigns, revisions and steps: what each role sees, how a text is changed, reviewed and published."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from campaigns.content import drafting, editions, review
from campaigns.content.spelled import table_of
from campaigns.models import Campaign, ReviewEvent, Revision
from campaigns.pages import stepwords
from recipients.days import local_day
from recipients.models import AdminUnit, User
from tests import people
from tests.pages.test_campaigns_are_paused_and_broadcasts_go_out import broadcast_of
from tests.shipped import load_some

Role = User.Role
CODE, STEP = "iron", "iron-start"
pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def campaign(unit: AdminUnit, now: datetime) -> Campaign:
    """The campaign about iron, live."""
    load_some(now, CODE)
    review.approve_everything(people.user(Role.CLINICAL, unit, "duyet"), now)
    return Campaign.objects.get(code=CODE)


@pytest.fixture
def officer(signed_in, unit: AdminUnit):
    return signed_in(Role.OFFICER, unit.parent)


@pytest.fixture
def draft(campaign, officer, now: datetime) -> Revision:
    return drafting.new_draft(campaign, None, User.objects.get(username=Role.OFFICER), now)


def typed(draft: Revision, **changes: str) -> dict[str, str]:
    """The form of the step as it stands, with some of it typed over."""
    step = editions.step_file(draft.steps.get(key=STEP))
    table = {name: value for name, value in table_of(step, "gestation").items() if value not in (False, "")}
    return table | {"seen": editions.fingerprint_of(step)} | changes


def text(draft: Revision, language: str = "vi") -> str:
    return draft.steps.get(key=STEP).texts.get(language=language).body


def read(client, name: str, *arguments: object) -> str:
    return client.get(reverse(name, args=arguments)).content.decode()


def do(client, draft: Revision, action: str, **asked: str) -> str:
    asked = {"seen": editions.fingerprint(editions.file_of(draft))} | asked
    return client.post(reverse("revision-act", args=[draft.pk, action]), asked, follow=True).content.decode()


def test_from_a_click_to_a_live_text(signed_in, unit, campaign, officer) -> None:
    assert reverse("draft-new", args=[CODE]) in read(officer, "campaign", CODE)
    page = officer.post(reverse("draft-new", args=[CODE]), follow=True).content.decode()
    assert "No step differs from the live revision." in page
    draft = Revision.objects.get(state="draft")
    body = "Mỗi ngày 1 viên sắt giúp chị khỏe. Chị nhận viên tại {coso}."
    page = officer.post(reverse("step-edit", args=[draft.pk, STEP]), typed(draft, vi=body), follow=True)
    assert "Saved in the draft." in page.content.decode()
    assert text(draft) == body
    page = read(officer, "revision", draft.pk)
    assert '<ins><span class="hidden">[added: </span>khỏe<span class="hidden">]</span></ins>' in page
    assert "1 changed, 0 added, 0 removed" in page
    assert "Review is asked for." in do(officer, draft, "submit")
    reviewer = signed_in(Role.CLINICAL, unit.parent)
    assert reverse("revision", args=[draft.pk]) in read(reviewer, "campaigns")
    assert "Campaign texts that wait for you" in read(reviewer, "home")
    assert "It can be published." in do(reviewer, draft, "approve")
    assert "Published." in do(reviewer, draft, "publish")
    draft.refresh_from_db()
    assert draft.state == "live"
    assert "replaced by revision 2" in read(reviewer, "campaign", CODE)


def test_a_return_needs_its_words(signed_in, unit, draft, officer) -> None:
    do(officer, draft, "submit")
    reviewer = signed_in(Role.CLINICAL, unit.parent)
    assert "What should change?" in read(reviewer, "revision-act", draft.pk, "return")
    answer = reviewer.post(reverse("revision-act", args=[draft.pk, "return"]), {"comment": " "})
    assert answer.status_code == 422
    assert "It is a draft again" in do(reviewer, draft, "return", comment="Thêm nơi nhận viên.")
    page = read(signed_in(Role.OFFICER, unit.parent), "revision", draft.pk)
    assert "Returned by clinical" in page
    assert "Thêm nơi nhận viên." in page


def test_a_date_is_set_and_shown(signed_in, unit, draft, officer, now: datetime) -> None:
    do(officer, draft, "submit")
    do(signed_in(Role.CLINICAL, unit.parent), draft, "approve")
    officer = signed_in(Role.OFFICER, unit.parent)
    today = local_day(now)
    page = do(officer, draft, "schedule", publish_on=str(today))
    assert "Choose a day from tomorrow on" in page
    do(officer, draft, "schedule", publish_on=str(today + timedelta(days=2)))
    assert "Revision 2 goes live on 23/11/2026." in read(officer, "campaign", CODE)
    assert "Goes live by itself on 23/11/2026." in read(officer, "revision", draft.pk)


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        (Role.OFFICER, {"submit", "discard"}, {"approve", "publish", "return", "retire"}),
        (Role.CLINICAL, {"submit", "discard"}, {"approve", "publish", "return"}),
        (Role.CDC, set(), {"submit", "discard", "approve"}),
        (Role.STATION, set(), {"submit", "discard", "approve"}),
    ],
)
def test_only_buttons_that_she_may_use(signed_in, unit, draft, role, seen, unseen) -> None:
    client = signed_in(role, unit.parent)
    page = read(client, "revision", draft.pk)
    addresses = {name: reverse("revision-act", args=[draft.pk, name]) for name in seen | unseen}
    assert {name for name, address in addresses.items() if address in page} == seen
    edits = reverse("step-edit", args=[draft.pk, STEP])
    assert (edits in page) == bool(seen)
    assert client.get(edits).status_code == (200 if seen else 403)


def test_a_question_is_put_only_to_those_who_may_answer(signed_in, unit, campaign) -> None:
    live = campaign.revisions.get()
    address = reverse("revision-act", args=[live.pk, "retire"])
    assert (
        "Nothing of this campaign leaves any more" in signed_in(Role.OFFICER, unit.parent).get(address).content.decode()
    )
    answer = signed_in(Role.STATION, unit).get(address, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("revision", args=[live.pk])
    assert "not for your role" in answer.content.decode()


def test_the_first_look_at_a_new_deployment(signed_in, unit, now: datetime) -> None:
    load_some(now, CODE, "vitamin-a")
    officer, draft = signed_in(Role.OFFICER, unit.parent), Revision.objects.get(campaign__code=CODE)
    page = read(officer, "campaigns")
    assert "2 drafts from the message files" in page
    assert reverse("revision", args=[draft.pk]) in page
    page = read(officer, "campaign", CODE)
    assert "Daily iron or multiple micronutrients" in page, "what it is about, before anything is live"
    assert '<td data-label="Who">from the message files</td>' in page
    page = read(officer, "revision", draft.pk)
    assert "Source C4: Daily iron and folic acid: textbook" in page
    assert "(the source says it)" in page
    do(officer, draft, "submit")
    assert "1 draft from the message files" in read(officer, "campaigns")


def test_a_discarded_draft_hides_nothing_on_the_list(campaign, draft, officer, now: datetime) -> None:
    older = campaign.revisions.get(number=1)
    Revision.objects.filter(pk=older.pk).update(state=Revision.State.RETIRED)
    assert reverse("revision", args=[draft.pk]) in read(officer, "campaigns")
    do(officer, draft, "discard")
    page = read(officer, "campaigns")
    assert reverse("revision", args=[draft.pk]) not in page
    assert reverse("revision", args=[older.pk]) in page


@pytest.mark.parametrize(
    ("written", "said"),
    [("35w6d", "35 weeks 6 days"), ("1m20d", "1 month 20 days"), ("-2d", "2 days before"), ("0d", "0 days"), ("", "–")],
)
def test_days_are_written_out_where_they_changed(written: str, said: str) -> None:
    with translation.override("en"):
        assert stepwords.value_word("until", written) == said


def test_a_fault_of_both_spellings_is_said_once(draft, officer) -> None:
    long = "Mỗi ngày chị uống 1 {vien_sat} và nhớ nhận thêm tại {coso}. " * 4
    page = officer.post(reverse("step-look", args=[draft.pk]), typed(draft, vi=long.strip())).content.decode()
    assert page.count("It takes more than one SMS part") == 1


def test_what_breaks_a_rule_stands_at_its_field_with_the_text_she_typed(draft, officer) -> None:
    for changes, said in (
        ({"until": "5w"}, "lies before"), ({"vi": "Chào {chị}."}, "unknown placeholder"), ({"time": "22:00"}, "20:30"),
    ):  # fmt: skip
        answer = officer.post(reverse("step-edit", args=[draft.pk, STEP]), typed(draft, **changes))
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in page
        assert 'aria-invalid="true"' in page
        assert next(iter(changes.values())) in page
    assert not ReviewEvent.objects.filter(what="changed").exists()


def test_two_at_once_keep_what_both_typed(draft, officer, now: datetime, unit) -> None:
    mine = typed(draft, vi="Lời của tôi, chị nhận viên sắt nhé.")
    other = people.user(Role.OFFICER, unit.parent, "nga")
    step = editions.step_file(draft.steps.get(key=STEP))
    theirs = table_of(step, "gestation") | {"en": "Theirs, a tablet a day."}
    drafting.change_step(draft, STEP, theirs, seen=editions.fingerprint_of(step), by=other, now=now)
    answer = officer.post(reverse("step-edit", args=[draft.pk, STEP]), mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else has changed this step" in page
    assert "Lời của tôi, chị nhận viên sắt nhé.</textarea>" in page
    assert "Where yours differs from what is stored now" in page
    assert "Theirs" in page
    assert text(draft, "en") == "Theirs, a tablet a day."
    seen = editions.fingerprint_of(editions.step_file(draft.steps.get(key=STEP)))
    assert f'name="seen" value="{seen}"' in page
    officer.post(reverse("step-edit", args=[draft.pk, STEP]), mine | {"seen": seen})
    assert text(draft) == "Lời của tôi, chị nhận viên sắt nhé."


def test_a_step_that_is_gone_keeps_her_words(draft, officer, now: datetime) -> None:
    mine = typed(draft, vi="Lời của tôi, chị nhận viên sắt nhé.")
    user = User.objects.get(username=Role.OFFICER)
    drafting.remove_step(draft, STEP, seen=mine["seen"], by=user, now=now)
    page = officer.post(reverse("step-edit", args=[draft.pk, STEP]), mine).content.decode()
    assert "has taken this step out" in page
    assert "Lời của tôi" in page
    officer.post(reverse("step-new", args=[draft.pk]), mine)
    assert text(draft) == "Lời của tôi, chị nhận viên sắt nhé."


def test_a_step_is_added_and_taken_out(draft, officer) -> None:
    new = typed(draft, key="iron-rest", vi="Chị nghỉ ngơi nhé.")
    assert "in the draft, at its place" in officer.post(
        reverse("step-new", args=[draft.pk]), new, follow=True
    ).content.decode()  # fmt: skip
    question = officer.get(reverse("step-remove", args=[draft.pk, "iron-rest"]))
    assert "Chị nghỉ ngơi nhé." in question.content.decode()
    officer.post(reverse("step-remove", args=[draft.pk, "iron-rest"]), {"seen": question.context["seen"]})
    assert not draft.steps.filter(key="iron-rest").exists()


def test_the_look_counts_and_names_faults_without_saving(draft, officer) -> None:
    look = reverse("step-look", args=[draft.pk])
    page = officer.post(look, typed(draft, of=STEP, vi="Chị phải uống viên sắt tại {coso}.")).content.decode()
    assert "Chi phai uong vien sat tai Tram Y te xa Tan Hanh." in page
    assert "without diacritics: 49 characters, 1 SMS part, 400 VND" in page
    assert "with diacritics: 49 characters, 1 SMS part, 400 VND" in page
    assert "order, blame or frighten" in page
    page = officer.post(look, typed(draft, vi="Chào {chị")).content.decode()
    assert "brace that is not closed" in page
    assert "What you type is shown here" in officer.post(look, {}).content.decode()
    page = officer.post(reverse("step-edit", args=[draft.pk, STEP]), typed(draft, vi="Chào chị.", look="1"))
    assert "Chao chi." in page.content.decode(), "without a script too"
    assert "Chào" not in text(draft)


def test_retiring_asks_first(campaign, officer) -> None:
    live = campaign.revisions.get()
    address = reverse("revision-act", args=[live.pk, "retire"])
    assert address in read(officer, "campaign", CODE)
    assert "Nothing of this campaign leaves any more" in officer.get(address).content.decode()
    live.refresh_from_db()
    assert live.state == "live"
    officer.post(address)
    live.refresh_from_db()
    assert live.state == "retired"
    assert "no revision of this campaign is live" in read(officer, "campaign", CODE)
    assert officer.get(reverse("revision-act", args=[live.pk, "melt"])).status_code == 404


def test_a_broadcast_in_review_is_in_the_queue_of_its_area(signed_in, unit, campaign, now: datetime) -> None:
    row = broadcast_of(unit, now)
    client = signed_in(Role.OFFICER, unit)
    client.post(reverse("broadcast-act", args=[row.pk, "submit"]))
    assert reverse("broadcast", args=[row.pk]) in read(signed_in(Role.CLINICAL, unit), "campaigns")
    elsewhere = people.user(Role.CLINICAL, people.commune(people.LONG_CHAU, "Phường Long Châu"), "xa")
    client.force_login(elsewhere, backend="django.contrib.auth.backends.ModelBackend")
    assert reverse("broadcast", args=[row.pk]) not in read(client, "campaigns")
    assert client.get(reverse("revision", args=[row.campaign.revisions.get().pk])).status_code == 404


@pytest.mark.parametrize("code", ["visits", "vitamin-a", "immunisation-days", "welcome", "notices", "newborn-at-home"])
def test_a_step_of_every_clock_has_its_form(signed_in, unit, now, code) -> None:
    load_some(now, code)
    draft = Revision.objects.get()
    client = signed_in(Role.OFFICER, unit.parent, "vi")
    assert client.get(reverse("revision", args=[draft.pk])).status_code == 200
    assert client.get(reverse("campaign", args=[code])).status_code == 200
    before = editions.file_of(draft)
    for step in before.steps:
        form = client.get(reverse("step-edit", args=[draft.pk, step.key])).context["form"]
        answer = {bound.name: bound.value() for bound in form if bound.value() not in (None, False, "")}
        answer |= {"seen": editions.fingerprint_of(step)}
        answer = client.post(reverse("step-edit", args=[draft.pk, step.key]), answer)
        assert answer.status_code == 302, answer.context["form"].errors
    assert editions.file_of(draft) == before, "saved as it was"
