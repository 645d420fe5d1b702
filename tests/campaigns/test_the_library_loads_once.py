"""Loading the message files makes drafts when they changed, and nothing when they did not."""

import pytest

from campaigns.content import library
from campaigns.content.files import LibraryFileError
from campaigns.models import Campaign, Revision, Step, StepText

pytestmark = pytest.mark.django_db

FILE = """
code = "trial"
anchor = "gestation"
topic = "anc"
message_class = "service"
priority = 20
name = { vi = "Thử", en = "Trial" }
description = { vi = "Thử", en = "Trial" }
[[step]]
key = "one"
from = "6w"
until = "12w6d"
time = "11:45"
catch_up = "send_latest"
group = "anc-1"
visit = "anc1"
source = "C1"
confidence = "S"
vi = "Chị {ten} ơi"
vi_discreet = "Chào chị {ten}"
en = "Dear {ten}"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trial.toml").write_text(FILE)
    return tmp_path


def rewrite(folder, old, new):
    file = folder / "trial.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_the_shipped_library_becomes_drafts(now):
    counts = library.load(now)
    assert counts["campaigns"] == counts["drafts"] == Campaign.objects.count() >= 10
    assert counts["steps"] == Step.objects.count() >= 100
    assert set(Revision.objects.values_list("state", "author", "reviewer", "number")) == {("draft", None, None, 1)}
    assert library.load(now) == {"campaigns": counts["campaigns"], "drafts": 0, "steps": 0, "texts": 0}


def test_a_step_arrives_with_every_field(folder, now):
    assert library.load(now, folder) == {"campaigns": 1, "drafts": 1, "steps": 1, "texts": 2}
    step = Step.objects.get()
    assert (step.from_days, step.until_days, step.visit_type, step.group) == (42, 90, "anc1", "anc-1")
    assert f"{step.send_time:%H:%M}" == "11:45"
    assert set(StepText.objects.values_list("language", "body", "discreet_body")) == {
        ("vi", "Chị {ten} ơi", "Chào chị {ten}"),
        ("en", "Dear {ten}", ""),
    }


def test_a_step_of_every_clock_arrives_with_its_day_and_its_ages(now):
    library.load(now)
    day = {"month_day": "12-01", "from_days": -7, "until_days": 1, "age_from_months": 6, "age_until_months": 36}
    assert Step.objects.get(key="vitamin-a-december", **day).without_mother
    session = Step.objects.get(key="immunisation-nine-months")
    assert (session.service, session.from_days, session.until_days) == ("immunisation", -2, -1)
    assert (session.age_from_months, session.age_from_days, session.age_until_months) == (9, 0, 12)
    by_hand = Step.objects.get(key="condolence")
    assert (by_hand.from_days, by_hand.until_days, by_hand.without_mother) == (0, 0, False)
    assert set(Campaign.objects.values_list("anchor", flat=True)) == set(Campaign.Anchor) - {"broadcast"}


def test_a_file_that_did_not_change_makes_no_draft_because_the_product_knows_more_fields(folder, now):
    library.load(now, folder)
    before_the_clocks = "8211a7b67e8cad94eb2906846237a3c7d19d95606058aa3170aea5120a828ea0"
    assert Revision.objects.get().checksum == before_the_clocks


def test_only_changed_words_make_a_new_draft(folder, now):
    library.load(now, folder)
    rewrite(folder, "[[step]]", "# a remark\n\n[[step]]")
    rewrite(folder, 'name = { vi = "Thử"', 'name = { vi = "Thử nữa"')
    assert library.load(now, folder)["drafts"] == 0
    assert Campaign.objects.get().name["vi"] == "Thử nữa"
    rewrite(folder, "Chị {ten} ơi", "Chị {ten} à")
    assert library.load(now, folder)["drafts"] == 1
    assert library.load(now, folder)["drafts"] == 0
    assert list(StepText.objects.filter(language="vi").order_by("id").values_list("body", flat=True)) == [
        "Chị {ten} ơi",
        "Chị {ten} à",
    ]
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_an_officers_own_draft_is_not_mistaken_for_a_changed_file(folder, now):
    library.load(now, folder)
    Revision.objects.create(campaign=Campaign.objects.get(), number=2, created_at=now)
    assert library.load(now, folder)["drafts"] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('anchor = "gestation"', 'anchor = "birth"', "anchor"),
        ('message_class = "service"', 'message_class = "emergency"', "message_class"),
    ],
)
def test_what_was_reviewed_does_not_change_by_file(folder, now, old, new, said):
    library.load(now, folder)
    rewrite(folder, old, new)
    with pytest.raises(LibraryFileError, match=said):
        library.load(now, folder)


def test_a_faulty_file_loads_nothing(folder, now):
    (folder / "zz.toml").write_text(FILE.replace('"trial"', '"second"').replace('visit = "anc1"', 'visit = "anc9"'))
    with pytest.raises(LibraryFileError, match=r"second.*one.*anc9"):
        library.load(now, folder)
    assert not Campaign.objects.exists()
