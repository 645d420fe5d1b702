"""Two imports of one register at the same time, and an import beside a page: nobody is registered twice."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from recipients.errors import Refusal
from recipients.models import Person
from recipients.register_import import run
from recipients.register_import.run import import_register
from tests import people

SAMPLE = Path(__file__).parents[1] / "samples" / "so-kham-thai.csv"


def together(*verbs) -> list:
    """Runs the verbs in threads of their own and returns what they answered or raised."""
    answers: list = [None] * len(verbs)
    start = threading.Barrier(len(verbs))

    def go(place: int) -> None:
        try:
            start.wait(10)
            answers[place] = verbs[place]()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[place]) for place in range(len(verbs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_imports_register_everybody_once(monkeypatch, now):
    monkeypatch.setattr(run, "CHUNK", 20)
    for code in (people.LONG_CHAU, people.PHUOC_HAU, people.AN_BINH, people.BINH_PHUOC):
        people.commune(code, f"Xã {code}")
    first, second = together(*[lambda: import_register(SAMPLE, now=now)] * 2)
    assert first.accepted + second.accepted == Person.objects.count() == 98
    assert first.known + second.known == 98 + 2 * 4


@pytest.mark.django_db(transaction=True)
def test_two_pages_register_her_once(now):
    unit = people.commune()
    answers = together(*[lambda: people.lan(unit, now, seek=True)] * 3)
    assert Person.objects.count() == 1
    assert [getattr(each, "code", None) for each in answers if isinstance(each, Refusal)] == ["known"] * 2
