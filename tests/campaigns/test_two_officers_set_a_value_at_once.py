"""Two officers set the same value at the same moment: one is told to look again, and no day has two values."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from campaigns.local import setting
from campaigns.models import Parameter
from recipients.errors import Refusal
from tests import people


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_second_looks_again(now) -> None:
    unit = people.commune()
    written, told = Event(), []

    def second() -> None:
        written.wait(10)
        try:
            setting.set_value("hotline", unit, "1800 2222", now=now)
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    other = Thread(target=second)
    other.start()
    with transaction.atomic():
        setting.set_value("hotline", unit, "1800 1111", now=now)
        written.set()
        other.join(1)
        assert other.is_alive(), "it waits for the first"
    other.join(10)
    assert told == ["overlaps"]
    assert Parameter.objects.get().value == "1800 1111"
