"""Whether the subject of an enrollment has ended, and why: one expression over the facts, for every query that asks."""

from datetime import date

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.fields import CharField

from campaigns.models import Reason
from recipients.events import LOSSES
from recipients.gestation import add_months
from recipients.models import Caregiver, Pregnancy

ENDINGS = [reason for reason in Reason if reason.startswith("ended_")]
LAST_MONTH = 60
"""Messages go on until the child's fifth birthday (plan of Vĩnh Long, II.2)."""


def ended(today: date, prefix: str = "") -> Case:
    """The reason why an enrollment is over on the local day `today`, or "".

    `prefix` leads from the queried model to the enrollment, like "enrollment__".

    - A loss speaks before everything else (D12), for the mother and the whole household.
    - A death of the mother ends what is said about her pregnancy and about her children to everybody.
    - A caregiver's messages end with her or his care.
    """
    fifth_birthday_passed = Q(**{f"{prefix}child__date_of_birth__lte": add_months(today, -LAST_MONTH)})
    still_cares = Exists(
        Caregiver.objects.filter(
            Q(pregnancy=OuterRef(f"{prefix}pregnancy")) | Q(child=OuterRef(f"{prefix}child")),
            person=OuterRef(f"{prefix}person"),
            role=OuterRef(f"{prefix}role"),
            ended_on=None,
        )
    )

    def when(reason: Reason, **facts: object) -> When:
        return When(Q(**{f"{prefix}{name}": value for name, value in facts.items()}), then=Value(reason.value))

    return Case(
        when(Reason.ENDED_LOSS, pregnancy__outcome__in=LOSSES),
        when(Reason.ENDED_LOSS, child__died_on__isnull=False),
        when(Reason.ENDED_DEATH, pregnancy__outcome=Pregnancy.Outcome.MATERNAL_DEATH),
        when(Reason.ENDED_DEATH, person__died_on__isnull=False),
        when(Reason.ENDED_DEATH, pregnancy__mother__died_on__isnull=False),
        when(Reason.ENDED_DEATH, child__mother__died_on__isnull=False),
        when(Reason.ENDED_BIRTH, pregnancy__outcome=Pregnancy.Outcome.LIVE_BIRTH),
        when(Reason.ENDED_UNKNOWN, pregnancy__outcome=Pregnancy.Outcome.UNKNOWN),
        When(fifth_birthday_passed, then=Value(Reason.ENDED_AGE.value)),
        When(~Q(**{f"{prefix}role": "mother"}) & ~still_cares, then=Value(Reason.ENDED_CARE.value)),
        default=Value(""),
        output_field=CharField(),
    )


def anchor_in_facts(prefix: str = "") -> Case:
    """The anchor date as the facts have it now: the pregnancy's, or the child's date of birth."""
    return Case(
        When(**{f"{prefix}pregnancy__isnull": False}, then=F(f"{prefix}pregnancy__anchor_date")),
        default=F(f"{prefix}child__date_of_birth"),
    )
