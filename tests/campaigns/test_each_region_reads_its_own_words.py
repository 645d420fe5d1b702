"""A mother in Vĩnh Long reads "chén" and "muỗng", one in Bắc Ninh "bát" and "thìa"; nobody reads a brace."""

from datetime import date

import pytest
from django.core.management import call_command

from campaigns.content import library, regions, review
from campaigns.content.files import LibraryFileError, load_folder, load_sample_values, parse_campaign
from campaigns.content.library import FOLDER
from campaigns.content.lint import form, wording
from campaigns.content.lint.findings import written
from campaigns.content.parameters import values_for
from campaigns.content.registration import wordings
from campaigns.content.rehearsal import rehearse
from campaigns.content.rendering import placeholders, render
from campaigns.schedule import broadcast
from campaigns.schedule.live import live_campaigns
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from tests import people

LIBRARY = load_folder(FOLDER)
TRIAL = """
code = "trial"
anchor = "birth"
topic = "nutrition"
message_class = "service"
priority = 50
name = { vi = "Thử", en = "Trial" }
description = { vi = "Thử", en = "Trial" }
[[step]]
key = "one"
from = "12m"
until = "14m"
time = "11:45"
catch_up = "skip"
source = "C1"
confidence = "GK"
vi = "VI"
en = "EN"
"""


def trial(vi: str, en: str = "Use a spoon."):
    return parse_campaign(TRIAL.replace("VI", vi).replace("EN", en), "trial.toml")


@pytest.mark.parametrize(
    ("province", "region"),
    [("01", "north"), ("24", "north"), ("42", "north"), ("44", "south"), ("86", "south"), ("96", "south"),
     ("29551", ""), ("", "")],
)  # fmt: skip
def test_a_province_is_of_the_south_or_the_north(province, region):
    assert regions.region_of(province) == region


def test_every_province_that_is_loaded_has_a_region(db):
    people.units()
    codes = AdminUnit.objects.filter(level="province").values_list("code", flat=True)
    assert len(codes) == 34
    assert {regions.region_of(code) for code in codes} == set(regions.REGIONS)


def test_her_province_chooses_the_words(db, now):
    south, north = people.commune(), people.commune("09442", "Xã Yên Phong", people.province("24", "Tỉnh Bắc Ninh"))
    lan, mai = people.somebody(south, now), people.somebody(north, now, name="Lê Thị Mai", phone="0963843026")
    body = "{Bố} cho bé ăn nửa {bát} bằng {thìa}."
    said = {key: render(body, values) for key, values in values_for([lan, mai], now.date()).items()}
    assert said[lan.pk] == "Cha cho bé ăn nửa chén bằng muỗng."
    assert said[mai.pk] == "Bố cho bé ăn nửa bát bằng thìa."


def test_where_the_region_is_unknown_the_words_of_the_file_stand():
    assert regions.words("")["thìa"] == "thìa"


def test_only_vietnamese_texts_have_such_words():
    with pytest.raises(LibraryFileError, match="thìa"):
        trial("Cho bé ăn nhé.", "Use a {thìa}.")


def test_the_longer_form_is_measured():
    longest = load_sample_values(FOLDER).longest

    def too_long(letters: int) -> bool:
        library_ = [trial("Dùng {thìa} " + "á" * letters + ".")]
        return any(f.rule == "size" and "3 parts" in f.sentence for f in form.check(library_, longest))

    room = 134 - len("Dùng muỗng .")
    assert not too_long(room)
    assert too_long(room + 1), "two parts in the North, three in the South"


def test_a_word_without_braces_is_found_and_a_phrase_with_another_meaning_is_not():
    found = [f.sentence for f in wording.check([trial("Cho bé uống bằng ly, không mở màn hình, ăn bắp cải.")])]
    assert len(found) == 1
    assert '"ly"' in found[0]
    assert "{cốc}" in found[0]


def test_a_word_that_reads_badly_in_one_region_is_found_there(monkeypatch):
    pair = regions.Pair("thìa", "phải", "none", ())
    monkeypatch.setattr(regions, "PAIRS", (pair,))
    monkeypatch.setattr(regions, "WORDS", frozenset({"thìa"}))
    regions.words.cache_clear()
    try:
        rules = {f.rule for f in wording.check([trial("Dùng {thìa} nhé.")])}
    finally:
        regions.words.cache_clear()
    assert rules == {"kind"}


def test_the_library_uses_each_pair_that_it_is_there_for():
    used = {name for words in written(LIBRARY, "vi") for name in placeholders(words.body) if name in regions.WORDS}
    assert {"thìa", "bát", "sinh", "hoa quả", "màn", "ốm", "tiêm"} <= used


def test_a_rehearsal_shows_either_region(db, now, capsys):
    library.load(now)
    south, north = (
        " ".join(line.text for line in rehearse("birth", date(2025, 10, 13), region=region))
        for region in ("south", "north")
    )
    assert "muỗng" in south
    assert "thìa" not in south
    assert "nửa bát" in north
    assert "{" not in south + north
    call_command("rehearse", "--born", "2025-10-13", "--region", "north")
    assert "2-3 thìa" in capsys.readouterr().out


def test_operators_get_each_form(db, now):
    unit = people.commune()
    library.load(now)
    review.approve_everything(people.user(User.Role.CLINICAL, unit), now)
    forms = {each.name: each.body for each in wordings(live_campaigns())}
    name = "nutrition-1000-days/food-begins/vi"
    assert "2-3 thìa" in forms[f"{name}/north"]
    assert "2-3 muỗng" in forms[f"{name}/south"]
    assert "2-3 muong" in forms[f"{name}/south/plain"]
    assert name not in forms
    assert all("{" not in body.replace("{1}", "").replace("{2}", "").replace("{3}", "") for body in forms.values())


def test_a_broadcast_may_use_them():
    assert broadcast._words("Dùng {thìa} nhé.", "vi") == "Dùng {thìa} nhé."
    for body, field in (("Dùng {muỗng} nhé.", "vi"), ("Use a {thìa}.", "en")):
        with pytest.raises(Refusal, match=r"muỗng|thìa"):
            broadcast._words(body, field)
