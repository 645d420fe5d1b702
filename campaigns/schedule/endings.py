"""Whether the subject of an enrollment has ended, and why: one expression over the facts, for every query that asks."""

from datetime import date
from functools import lru_cache

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields import CharField, DateField
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Reason, Step
from campaigns.schedule.corrected import corrected_birth
from campaigns.schedule.villages import SameWords
from recipients.events import LOSSES
from recipients.gestation import add_months
from recipients.mains import main_caregivers
from recipients.models import Caregiver, ChangeEvent, Child, Pregnancy, Visit, Worker

ENDINGS = [reason for reason in Reason if reason.startswith("ended_")] + [Reason.VISIT_DONE]
LAST_MONTH = 60
"""Messages go on until the child's fifth birthday (plan of Vĩnh Long, II.2)."""
UNTIL_BIRTH = [Visit.Type.ANC1, Visit.Type.ANC2, Visit.Type.ANC3, Visit.Type.ANC4, Visit.Type.ANC_MORE,
               Visit.Type.DELIVERY]  # fmt: skip
"""Visits of a pregnancy that a birth ends; a postnatal one goes on."""
CAREGIVERS = list(Caregiver.Role)
WORKERS = list(Worker.Role)
FIXED = [Campaign.Anchor.ENROLLMENT, Campaign.Anchor.BROADCAST, Campaign.Anchor.HAND]
"""Anchors whose date was a decision or a moment, and never moves."""


def taken_back_since(prefix: str = "") -> QuerySet[ChangeEvent]:
    """What was taken back about the pregnancy or child of an enrollment since it was enrolled."""
    same = Q(pregnancy=OuterRef(f"{prefix}pregnancy")) | Q(child=OuterRef(f"{prefix}child"))
    return ChangeEvent.objects.filter(same, what=ChangeEvent.What.UNDONE, at__gt=OuterRef(f"{prefix}enrolled_at"))


@lru_cache(maxsize=8)
def ended(today: date, prefix: str = "") -> Case:
    """The reason why an enrollment is over on the local day `today`, or "".

    `prefix` leads from the queried model to the enrollment, like "enrollment__".

    - A loss speaks before everything else (D12), for the mother and the whole household, about visits too. Only what
      is sent by hand (condolence) goes on: not after a termination, not when the loss is taken back (also where it,
      or another, is recorded again: that asks for a new decision), and not after the death of its reader.
    - A death of the mother ends what is said about her pregnancy to everybody. About a living child the caregivers
      and workers go on, and what goes to the mother when the child has a main caregiver (only steps whose words allow
      it then leave).
    - A visit that took place or was canceled ends its own reminders. A birth ends those of the antenatal visits, the
      death of the newborn those of the postnatal ones; a welcome presumes nothing and goes on after a birth.
    - A caregiver's messages end with her or his care, a worker's with the post, or when the mother moves away.
    """
    by_hand = Q(**{f"{prefix}anchor": Campaign.Anchor.HAND})
    born_by = add_months(today, -LAST_MONTH)
    to_mother = Q(**{f"{prefix}role": Step.Role.MOTHER})
    person_died = Q(**{f"{prefix}person__died_on__isnull": False})
    of_pregnancy = Q(**{f"{prefix}pregnancy__isnull": False})
    of_child = Q(**{f"{prefix}child__isnull": False}) | Q(**{f"{prefix}visit__child__isnull": False})
    main = Exists(
        main_caregivers().filter(child=Coalesce(OuterRef(f"{prefix}child"), OuterRef(f"{prefix}visit__child")))
    )
    welcome = Q(**{f"{prefix}anchor": Campaign.Anchor.ENROLLMENT})
    children = Child.objects.filter(pregnancy=OuterRef(f"{prefix}visit__pregnancy"))
    bereft = Q(**{f"{prefix}visit__pregnancy__outcome": Pregnancy.Outcome.LIVE_BIRTH})
    bereft &= Exists(children) & ~Exists(children.filter(died_on=None))
    over: list[tuple[Reason | str, Combinable | Q]] = [
        (Reason.ENDED_DEATH, by_hand & person_died),
        (Reason.ENDED_LOSS, by_hand & Q(**{f"{prefix}pregnancy__outcome": Pregnancy.Outcome.TERMINATION})),
        (Reason.ENDED_UNDONE, by_hand & of_pregnancy & ~Q(**{f"{prefix}pregnancy__outcome__in": LOSSES})),
        (Reason.ENDED_UNDONE, by_hand & ~of_pregnancy & Q(**{f"{prefix}child__died_on": None})),
        (Reason.ENDED_UNDONE, by_hand & Exists(taken_back_since(prefix))),
        ("", by_hand),
        (Reason.ENDED_UNDONE, _subject(prefix, "child", "withdrawn_at__isnull", False)),
        (Reason.ENDED_BROADCAST, Q(**{f"{prefix}campaign__broadcast__stopped_at__isnull": False})),
        (Reason.ENDED_LOSS, _subject(prefix, "pregnancy", "outcome__in", LOSSES)),
        (Reason.ENDED_LOSS, _subject(prefix, "child", "died_on__isnull", False)),
        (Reason.ENDED_DEATH, _subject(prefix, "pregnancy", "outcome", Pregnancy.Outcome.MATERNAL_DEATH)),
        (Reason.ENDED_DEATH, _subject(prefix, "pregnancy", "mother__died_on__isnull", False)),
        (Reason.ENDED_DEATH, person_died & ~(to_mother & of_child & main)),
        (Reason.VISIT_DONE, Q(**{f"{prefix}visit__attended_date__isnull": False})),
        (Reason.ENDED_VISIT, Q(**{f"{prefix}visit__canceled_on__isnull": False})),
        (Reason.ENDED_LOSS, bereft),
        (Reason.ENDED_BIRTH, Q(**{f"{prefix}pregnancy__outcome": Pregnancy.Outcome.LIVE_BIRTH}) & ~welcome),
        (
            Reason.ENDED_BIRTH,
            Q(**{
                f"{prefix}visit__pregnancy__outcome": Pregnancy.Outcome.LIVE_BIRTH,
                f"{prefix}visit__type__in": UNTIL_BIRTH,
            }),
        ),
        (Reason.ENDED_UNKNOWN, _subject(prefix, "pregnancy", "outcome", Pregnancy.Outcome.UNKNOWN)),
        (Reason.ENDED_AGE, _subject(prefix, "child", "date_of_birth__lte", born_by)),
        (Reason.ENDED_CARE, Q(**{f"{prefix}role__in": CAREGIVERS}) & ~_cares(prefix)),
        (Reason.ENDED_CARE, Q(**{f"{prefix}role__in": WORKERS}) & ~_works(prefix)),
    ]  # fmt: skip
    whens = [When(condition, then=Value(str(reason))) for reason, condition in over]
    return Case(*whens, default=Value(""), output_field=CharField())


@lru_cache(maxsize=8)
def anchor_in_facts(prefix: str = "") -> Case:
    """The anchor date as the facts have it now: the pregnancy's, the child's date of birth or the day of its corrected
    age, the planned day of the visit. A registration and a broadcast keep theirs."""
    own = F(f"{prefix}anchor_date")
    return Case(
        When(Q(**{f"{prefix}anchor__in": FIXED}), then=own),
        When(**{f"{prefix}pregnancy__isnull": False}, then=F(f"{prefix}pregnancy__anchor_date")),
        When(**{f"{prefix}anchor": Campaign.Anchor.CORRECTED}, then=corrected_birth(f"{prefix}child__")),
        When(**{f"{prefix}child__isnull": False}, then=F(f"{prefix}child__date_of_birth")),
        default=Coalesce(F(f"{prefix}visit__planned_date"), own),
        output_field=DateField(),
    )


def _subject(prefix: str, kind: str, name: str, value: object) -> Q:
    """A fact of the pregnancy or child that an enrollment is about, directly or by its visit."""
    return Q(**{f"{prefix}{kind}__{name}": value}) | Q(**{f"{prefix}visit__{kind}__{name}": value})


def _cares(prefix: str) -> Exists:
    about = Q(pregnancy=OuterRef(f"{prefix}pregnancy")) | Q(child=OuterRef(f"{prefix}child"))
    about |= Q(pregnancy=OuterRef(f"{prefix}visit__pregnancy")) | Q(child=OuterRef(f"{prefix}visit__child"))
    return Exists(
        Caregiver.objects.filter(
            about, person=OuterRef(f"{prefix}person"), role=OuterRef(f"{prefix}role"), ended_on=None
        )
    )


def _works(prefix: str) -> Exists:
    mothers = ("pregnancy__mother", "child__mother", "visit__pregnancy__mother", "visit__child__mother")
    here = Worker.objects.filter(
        person=OuterRef(f"{prefix}person"),
        role=OuterRef(f"{prefix}role"),
        unit=Coalesce(*(OuterRef(f"{prefix}{mother}__unit") for mother in mothers)),
        ended_on=None,
    ).annotate(lives_in=Coalesce(*(OuterRef(f"{prefix}{mother}__village") for mother in mothers)))
    return Exists(here.filter(Q(village="") | SameWords("village", "lives_in")))
