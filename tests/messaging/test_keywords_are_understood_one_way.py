"""The starter list of keywords: one meaning each, and the words that the law and the field name."""

import csv
from pathlib import Path

from messaging.text.plain import to_plain

FILE = Path(__file__).parents[2] / "messaging" / "data" / "keywords.csv"
ACTIONS = {"stop", "start", "wrong_number", "birth", "loss", "visit", "help", "call_me", "text"}


def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_word_has_one_meaning_in_one_spelling() -> None:
    words = [row["keyword"] for row in rows()]
    assert len(words) == len(set(words))
    for word in words:
        assert word == to_plain(word).upper() == " ".join(word.split())
        assert word.isascii()
        assert len(word) <= 30
    assert {row["action"] for row in rows()} == ACTIONS
    assert {row["language"] for row in rows()} == {"vi", "en"}


def test_the_words_of_the_field_are_there() -> None:
    meaning = {row["keyword"]: row["action"] for row in rows()}
    expected = {"stop": "TC,TU CHOI,HUY,DUNG,STOP", "start": "BAT,DK,START", "birth": "SINH", "loss": "MAT,KHONG CON"}
    expected |= {"wrong_number": "SAI SO", "help": "GIUP,HELP", "call_me": "GOI LAI"}
    for action, words in expected.items():
        assert {meaning[word] for word in words.split(",")} == {action}
