"""A register loaded again says who gave birth and who lost her pregnancy; what is doubtful is asked, not guessed."""

from datetime import date, timedelta
from typing import Any

import pytest

from recipients import events
from recipients.errors import Refusal
from recipients.models import AdminUnit, ChangeEvent, Child, Person, Pregnancy, Task, User
from recipients.register_import import endings, run
from recipients.register_import.outcomes import read_outcome, read_weights
from recipients.register_import.run import import_register
from tests import people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KNOWN = "Trần Thị An;0912345678;03/03/2026;29584"
"""38 weeks on 21 November 2026."""
TITLES = "Họ tên;SĐT;KCC;Mã xã;Ngày đẻ;Kết quả thai kỳ;Cân nặng trẻ;Số con sinh ra;Tuổi thai khi sinh"
ANCHOR = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def unit() -> AdminUnit:
    return people.commune()


def load(now, *rows: str, titles: str = TITLES, **more: Any):
    return import_register("\n".join([titles, *rows]).encode(), now=now, **more)


def told(now, row: str, **more: Any) -> tuple[str, str, tuple[str, ...]]:
    [detail] = load(now, row, **more).details
    return detail.verdict, detail.recorded, detail.warnings


@pytest.fixture
def an(now) -> Pregnancy:
    load(now, f"{KNOWN};;;;;")
    return Pregnancy.objects.get()


def outcome(pregnancy: Pregnancy) -> tuple[str, date | None]:
    pregnancy.refresh_from_db()
    return pregnancy.outcome, pregnancy.outcome_date


def test_the_month_after_the_register_says_that_she_gave_birth(an, now):
    assert told(now, f"{KNOWN};15/11/2026;đẻ thường;3200;;") == ("known", "live_birth", ())
    assert outcome(an) == ("live_birth", date(2026, 11, 15))
    child = Child.objects.get()
    assert (child.birth_weight, child.gestation_at_birth) == (3200, (date(2026, 11, 15) - ANCHOR).days)
    assert ChangeEvent.objects.get(what="birth").source == "import"
    before = ChangeEvent.objects.count()
    assert told(now + 30 * DAY, f"{KNOWN};15/11/2026;đẻ thường;3200;;") == ("known", "", ())
    assert (ChangeEvent.objects.count(), Child.objects.count()) == (before, 1)


def test_twins_before_term_with_their_weights(an, now):
    assert told(now, f"{KNOWN};15/10/2026;sinh mổ;2,1/2,3 kg;2;32 tuần")[1] == "live_birth"
    found = Child.objects.order_by("birth_order").values_list("birth_order", "birth_weight", "gestation_at_birth")
    assert list(found) == [(1, 2100, 224), (2, 2300, 224)]


def test_a_twin_and_a_weight_that_come_later_are_filled_in(an, now):
    told(now, f"{KNOWN};15/11/2026;;;;")
    assert told(now, f"{KNOWN};15/11/2026;đẻ thường;2400/2500;;") == ("known", "", ())
    assert list(Child.objects.order_by("birth_order").values_list("birth_weight", flat=True)) == [2400, 2500]


@pytest.mark.parametrize(
    ("words", "on", "kind"),
    [
        ("sẩy thai lúc 9 tuần", date(2026, 5, 5), "miscarriage"), ("thai lưu", date(2026, 5, 5), "miscarriage"),
        ("thai lưu", date(2026, 11, 1), "stillbirth"), ("đình chỉ thai nghén", date(2026, 5, 5), "termination"),
        ("sinh con chết", date(2026, 11, 1), "stillbirth"),
    ],
)  # fmt: skip
def test_a_loss_needs_its_word_and_opens_a_task(an, now, words, on, kind):
    assert told(now, f"{KNOWN};{on:%d/%m/%Y};{words};;;") == ("known", kind, ())
    assert outcome(an) == (kind, on)
    assert Task.objects.get().kind == "loss"
    assert not Child.objects.exists()
    assert told(now + DAY, f"{KNOWN};{on:%d/%m/%Y};{words};;;") == ("known", "", ())


def test_a_loss_without_its_day_counts_from_the_day_on_which_it_is_told(an, now):
    assert told(now, f"{KNOWN};;sẩy thai;;;")[1] == "miscarriage"
    assert outcome(an) == ("miscarriage", date(2026, 11, 21))
    assert told(now + 9 * DAY, f"{KNOWN};;sẩy thai;;;") == ("known", "", ())


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ("15/11/2026;dọa sẩy thai;;;", "outcome_unread"), (";đẻ thường;;;", "outcome_undated"),
        ("15/12/2026;đẻ thường;;;", "outcome_future"), ("hôm qua;đẻ thường;;;", "outcome_unread"),
        ("15/11/2026;đẻ thường;;0;", "outcome_unread"), ("15/06/2026;đẻ thường;;;", "outcome_refused"),
    ],
)  # fmt: skip
def test_what_is_doubtful_records_nothing_and_says_so(an, now, cells, warning):
    assert told(now, f"{KNOWN};{cells}") == ("known", "", (warning,))
    assert outcome(an) == ("", None)
    assert not Child.objects.exists()


def test_a_day_on_which_it_ended_needs_to_be_said_how(an, now):
    titles = "Họ tên;SĐT;KCC;Mã xã;Ngày kết thúc thai kỳ;Kết quả thai kỳ"
    assert told(now, f"{KNOWN};15/11/2026;", titles=titles)[2] == ("outcome_missing",)
    assert told(now, f"{KNOWN};15/11/2026;sinh thường", titles=titles)[1] == "live_birth"


def test_a_weight_that_cannot_be_read_does_not_hold_up_the_birth(an, now):
    assert told(now, f"{KNOWN};15/11/2026;đẻ thường;nặng lắm;;") == ("known", "live_birth", ("newborn_unread",))
    assert Child.objects.get().birth_weight is None


def test_a_pregnancy_that_goes_on_is_no_end(an, now):
    for words in ("đang mang thai", "chưa sinh", "bình thường", ""):
        assert told(now, f"{KNOWN};;{words};;;") == ("known", "", ())


def test_her_record_is_not_overwritten(an, now):
    events.loss(an, kind="miscarriage", on=date(2026, 5, 5), now=now, source="page")
    assert told(now, f"{KNOWN};15/11/2026;đẻ thường;;;") == ("known", "", ("outcome_differs",))
    assert outcome(an) == ("miscarriage", date(2026, 5, 5))
    assert not Child.objects.exists()


def test_a_birth_months_ago_of_a_woman_who_is_new_begins_with_her_child(now):
    row = "Lê Thị Bé;0987654321;01/10/2025;29584;05/07/2026;sinh thường;3100;;"
    assert told(now, row) == ("accepted", "live_birth", ())
    child = Child.objects.get()
    assert (child.date_of_birth, child.mother.name, child.pregnancy.outcome) == (
        date(2026, 7, 5), "Lê Thị Bé", "live_birth"
    )  # fmt: skip
    assert told(now, row) == ("known", "", ())


def test_a_lost_pregnancy_that_was_never_on_record_is_not_begun(now):
    [detail] = load(now, "Lê Thị Bé;0987654321;01/05/2026;29584;05/07/2026;sẩy thai;;;").details
    assert (detail.verdict, detail.parsed.reasons) == ("refused", ("pregnancy_over",))
    assert not Person.objects.exists()
    assert not Task.objects.exists()


def test_what_ended_too_long_ago_or_before_it_began_is_refused(now):
    for row in ("01/10/2019;29584;05/07/2020", "01/10/2025;29584;05/07/2025"):
        [detail] = load(now, f"Lê Thị Bé;0987654321;{row};sinh thường;;;").details
        assert detail.parsed.reasons == ("date_out_of_range",)


def test_a_trial_says_the_same_and_writes_nothing(an, now):
    rows = (f"{KNOWN};15/11/2026;đẻ thường;3200;;", "Lê Thị Bé;0987654321;01/10/2025;29584;05/07/2026;sinh;3100;;")
    trial = load(now, *rows, dry_run=True)
    assert (outcome(an), Child.objects.exists(), Person.objects.count()) == (("", None), False, 1)
    result = load(now, *rows)
    assert trial.as_json() == result.as_json()
    assert (result.births, result.losses) == (2, 0)


def test_a_woman_elsewhere_is_left_alone(an, now):
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    nurse = people.user(User.Role.STATION, elsewhere)
    row = f"Trần Thị An;0912345678;03/03/2026;{people.LONG_CHAU};15/11/2026;đẻ thường;3200;;"
    assert told(now, row, by=nurse, unit=elsewhere) == ("known", "", ())
    assert outcome(an) == ("", None)


def test_other_dates_are_told_and_not_taken(an, now):
    assert told(now, "Trần Thị An;0912345678;20/03/2026;29584;;;;;") == ("known", "", ("dates_differ",))
    assert told(now, "Trần Thị An;0912345678;10/03/2026;29584;;;;;") == ("known", "", ())
    an.refresh_from_db()
    assert an.anchor_date == ANCHOR


def test_killed_between_two_births_the_same_file_goes_on(now, monkeypatch):
    rows = [f"Trần Thị {name};091234567{n};03/03/2026;29584;15/11/2026;đẻ;3{n}00;;" for n, name in enumerate("ABCD")]
    calls = []

    def dies(*args: Any, **facts: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return record(*args, **facts)

    record = endings.record_ending
    with monkeypatch.context() as patch:
        patch.setattr(run, "record_ending", dies)
        with pytest.raises(KeyboardInterrupt):
            load(now, *rows)
    assert (Person.objects.count(), Child.objects.count()) == (4, 2)
    again = load(now, *rows)
    assert (again.known, again.births, Child.objects.count()) == (4, 2, 4)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("Mổ lấy thai", "live_birth"), ("đẻ thường, con sống", "live_birth"), ("C-section", "live_birth"),
        ("đẻ non lúc 34 tuần", "live_birth"), ("Sảy thai", "miscarriage"), ("chửa ngoài tử cung", "miscarriage"),
        ("nạo hút thai", "termination"), ("abortion", "termination"), ("stillbirth", "stillbirth"), ("theo dõi", None),
    ],
)  # fmt: skip
def test_ends_as_registers_name_them(cell, kind):
    assert read_outcome(cell) == kind


@pytest.mark.parametrize("cell", ["dọa sẩy", "dọa sẩy thai", "tiền sử sẩy thai", "lưu ý", "chưa", "cắt bớt", "1"])
def test_what_only_sounds_like_an_end_is_none(cell):
    with pytest.raises(ValueError):
        read_outcome(cell)


@pytest.mark.parametrize(
    ("cell", "grams"),
    [
        (3200, (3200,)),
        (3.2, (3200,)),
        ("3,2 kg", (3200,)),
        ("3.200g", (3200,)),
        ("2500 / 2300", (2500, 2300)),
        ("", ()),
    ],
)
def test_weights_as_midwives_write_them(cell, grams):
    assert read_weights(cell) == grams


@pytest.mark.parametrize("cell", ["32", "30 kg", "nặng", True, "2500/x"])
def test_what_is_no_weight_of_a_newborn(cell):
    with pytest.raises(ValueError):
        read_weights(cell)


def test_a_refusal_of_the_verb_costs_the_other_rows_nothing(an, now, monkeypatch):
    def refuses(*_args: Any, **_facts: Any) -> None:
        raise Refusal("overlaps", "no")

    other = "Lê Thị Bé;0987654321;01/10/2025;29584;05/07/2026;sinh thường;3100;;"
    with monkeypatch.context() as patch:
        patch.setattr(events, "loss", refuses)
        first, second = load(now, f"{KNOWN};;sẩy thai;;;", other).details
    assert (first.warnings, second.recorded) == (("outcome_refused",), "live_birth")
