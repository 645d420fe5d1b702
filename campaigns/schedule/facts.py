"""Everything that decides about a batch of due rows, read in a few queries: who receives each, and what holds it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from threading import get_ident

from django.conf import settings
from django.db.models import BigIntegerField, Case, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Holiday, Pause, ScheduledMessage, Step
from campaigns.schedule import audience, irontime, pauses, toldloss
from campaigns.schedule.conditions import applies
from campaigns.schedule.endings import anchor_in_facts, ended
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.mothers import MOTHERS
from campaigns.schedule.rightday import right_days
from campaigns.schedule.sendtime import Hours, local_day
from campaigns.schedule.timeline import due_date
from messaging import optouts
from recipients import consent
from recipients.mains import main_caregivers
from recipients.models import AdminUnit, Caregiver, Child, Consent, Person, Visit

STAFF = frozenset({Step.Role.VILLAGE_WORKER, Step.Role.STATION})
AS_RECORDED = frozenset({Visit.Type.ANC1, Visit.Type.ANC2, Visit.Type.ANC3, Visit.Type.ANC4, Visit.Type.DELIVERY})
"""There is one of each in a pregnancy, so it silences its group whenever it took place."""
BEFORE_THE_GROUP = timedelta(days=14)
"""Of the visits that come again (immunisation, growth...) one silences a group from two weeks before its first day."""


@dataclass
class Facts:
    """About the rows of one batch, by their pk, on the local day `today`."""

    today: date
    to: dict[int, Person] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    consented: set[int] = field(default_factory=set)
    visited: set[int] = field(default_factory=set)
    days: dict[int, date | None] = field(default_factory=dict)
    paused: dict[int, Pause] = field(default_factory=dict)
    substitutes: dict[int, Step] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    excluded: dict[int, set[str]] = field(default_factory=dict)
    quiet: set[int] = field(default_factory=set)
    """Notices to staff about a woman who has not agreed to messages: they do not name her."""
    unmeant: set[int] = field(default_factory=set)
    holidays: frozenset[date] = frozenset()


def with_facts(rows: QuerySet[ScheduledMessage], now: datetime) -> QuerySet[ScheduledMessage]:
    """The rows with what `gather` and the gates read of each, in one query."""
    full = rows.select_related("person", "enrollment__visit", "step", "campaign")
    return _with_facts(full, local_day(now, settings.ZONE))


def _with_facts(rows: QuerySet[ScheduledMessage], today: date) -> QuerySet[ScheduledMessage]:
    return rows.annotate(
        ends=ended(today, "enrollment__"),
        anchor=anchor_in_facts("enrollment__"),
        mother=Coalesce(*MOTHERS),
        mother_died_on=Coalesce("enrollment__child__mother__died_on", "enrollment__visit__child__mother__died_on"),
        visit_occurrence=F("enrollment__visit__rescheduled"),
        pregnant_since=Case(_open_anchor("enrollment__pregnancy"), _open_anchor("enrollment__visit__pregnancy")),
        main=main_caregiver(),
    )


def load(keys: Collection[int], live: dict[int, LiveCampaign], now: datetime, *related: str) -> list[ScheduledMessage]:
    """The same for many rows, in the order of their keys: people, campaigns, steps and visits are read once each, not
    with every row; `related` is read with them.

    Of its steps a row has the one that is not live any more; the live ones are in `live`.
    """
    found = list(lean_rows(local_day(now, settings.ZONE), related, get_ident()).filter(pk__in=keys).order_by("pk"))
    people = Person.objects.order_by().in_bulk({row.person_id for row in found})
    campaigns = {pk: each.campaign for pk, each in live.items()}
    campaigns |= Campaign.objects.in_bulk({row.campaign_id for row in found} - campaigns.keys())
    visits = Visit.objects.in_bulk({row.enrollment.visit_id for row in found if row.enrollment.visit_id})
    steps = Step.objects.in_bulk({row.step_id for row in found if live_step(row, live) is None})
    for row in found:
        row.person, row.campaign = people[row.person_id], campaigns[row.campaign_id]
        if row.enrollment.visit_id is not None:
            row.enrollment.visit = visits[row.enrollment.visit_id]
        if row.step_id in steps:
            row.step = steps[row.step_id]
    return found


@lru_cache(maxsize=32)
def lean_rows(today: date, related: tuple[str, ...], thread: int) -> QuerySet[ScheduledMessage]:
    """Kept, since to build it costs a third of a question about few rows; by thread, since Django counts in a query
    while it makes SQL of it."""
    return _with_facts(ScheduledMessage.objects.select_related("enrollment", *related), today)


def main_caregiver() -> Case:
    """For querysets over the ledger: the id of the person who receives what is for the mother about a child or its
    visits instead of her, or NULL. A broadcast and what is sent by hand are for herself."""
    child = Coalesce(OuterRef("enrollment__child"), OuterRef("enrollment__visit__child"))
    main = main_caregivers().filter(child=child)
    hers = Q(enrollment__anchor__in=[Campaign.Anchor.BROADCAST, Campaign.Anchor.HAND])
    about_child = Q(enrollment__child__isnull=False) | Q(enrollment__visit__child__isnull=False)
    return Case(
        When(Q(enrollment__role=Step.Role.MOTHER) & about_child & ~hers, then=Subquery(main.values("person")[:1])),
        default=None,
        output_field=BigIntegerField(),
    )


def addressee() -> Coalesce:
    """For querysets over the ledger: the id of the person whose phone rings."""
    return Coalesce(main_caregiver(), F("person_id"), output_field=BigIntegerField())


def _open_anchor(pregnancy: str) -> When:
    """Where a pregnancy has no outcome: the day from which it counts."""
    return When(**{f"{pregnancy}__outcome": ""}, then=F(f"{pregnancy}__anchor_date"))


def gather(rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime) -> Facts:
    """The facts about rows that come from `with_facts`; the same few queries for one row and for a thousand."""
    facts = Facts(holidays=holidays_around(now), today=local_day(now, settings.ZONE))
    mains = {row.main for row in rows if row.main}  # type: ignore[attr-defined]
    others = Person.objects.order_by().in_bulk(mains) if mains else {}
    facts.to = {row.pk: others.get(row.main, row.person) for row in rows}  # type: ignore[attr-defined]
    mothers = {row.mother for row in rows if row.mother and row.mother != row.person_id}  # type: ignore[attr-defined]
    states = consent.state_of({person.pk for person in facts.to.values()} | mothers)
    facts.consented = {pk for pk, person in facts.to.items() if states[person.pk] == Consent.State.GIVEN}
    facts.closed = optouts.closed({person.phone for person in facts.to.values() if person.phone})
    facts.days = right_days(rows, live)
    facts.visited = _visited(rows, live)
    facts.agreed = _agreed(rows, facts)
    facts.lost = _lost(rows, now)
    facts.unmeant = _unmeant(rows, live) | irontime.over(rows, local_day(now, settings.ZONE))
    others = Person.objects.order_by().in_bulk(mothers)
    _mothers(rows, facts, others, states)
    _pauses(rows, others, live, facts)
    return facts


def holidays_around(now: datetime) -> frozenset[date]:
    today = local_day(now, settings.ZONE)
    days = Holiday.objects.filter(day__range=(today, today + timedelta(days=30))).values_list("day", flat=True)
    return frozenset(days)


def hours_of(message_class: str, holidays: frozenset[date]) -> Hours:
    """The sending hours of a class (setting SEND_HOURS); an emergency knows no holiday."""
    opens, closes = settings.SEND_HOURS[message_class]
    known = frozenset() if message_class == "emergency" else holidays
    return Hours(opens, closes, settings.ZONE, known)


def live_step(row: ScheduledMessage, live: dict[int, LiveCampaign]) -> Step | None:
    """The step of a row in the live revision of its campaign; it may have been removed since the row was planned, or
    be somebody else's now."""
    campaign = live.get(row.campaign_id)
    step = campaign.steps.get(row.step_key) if campaign else None
    return step if step and step.role == row.enrollment.role else None


def _visited(rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign]) -> set[int]:
    """Rows whose visit took place (those of a visit campaign end with their enrollment instead)."""
    asked = {row: step for row in rows if (step := live_step(row, live)) and step.visit_type}
    asked = {row: step for row, step in asked.items() if row.enrollment.visit_id is None}
    if not asked:
        return set()
    attended: dict[tuple[int | None, int | None, str], list[date]] = {}
    children = {row.enrollment.child_id for row in asked if row.enrollment.child_id}
    born_of = dict(Child.objects.filter(pk__in=children).values_list("pk", "pregnancy"))
    pregnancies = {row.enrollment.pregnancy_id for row in asked} | set(born_of.values())
    visits = Visit.objects.filter(attended_date__isnull=False).filter(
        Q(pregnancy__in=pregnancies - {None}) | Q(child__in=children)
    )
    for pregnancy, child, type_, day in visits.values_list("pregnancy", "child", "type", "attended_date"):
        assert day is not None, "the query asks for attended ones"
        attended.setdefault((pregnancy, child, type_), []).append(day)
    found = set()
    for row, step in asked.items():
        each = row.enrollment
        days = attended.get((each.pregnancy_id, each.child_id, step.visit_type), [])
        if born_of.get(each.child_id or 0):  # a visit after birth is recorded for the pregnancy
            days = days + attended.get((born_of[each.child_id or 0], None, step.visit_type), [])
        if days and (step.visit_type in AS_RECORDED or max(days) >= _group_begins(row, step, live)):
            found.add(row.pk)
    return found


def _group_begins(row: ScheduledMessage, step: Step, live: dict[int, LiveCampaign]) -> date:
    together = [each for each in live[row.campaign_id].steps.values() if each.group and each.group == step.group]
    starts = [due_date(row.anchor, timing(each).start) for each in together or [step]]  # type: ignore[attr-defined]
    return min(starts) - BEFORE_THE_GROUP


def _agreed(rows: Sequence[ScheduledMessage], facts: Facts) -> set[int]:
    """Rows that reach no husband, a widower, or one whose wife agrees that he receives texts: as a husband or as the
    main caregiver in her place."""
    others = {row.pk for row in rows if row.enrollment.role != Step.Role.MOTHER or facts.to[row.pk].pk != row.person_id}
    readers = {facts.to[pk].pk for pk in others}
    cares = Caregiver.objects.filter(person__in=readers, role=Caregiver.Role.HUSBAND, ended_on=None)
    words: dict[tuple[int, int | None, int | None], bool] = {
        (person, pregnancy, child): agreed
        for person, pregnancy, child, agreed in cares.values_list("person", "pregnancy", "child", "agreed_by_mother")
    }
    found = {row.pk for row in rows} - others
    for row in rows:
        if row.pk in found:
            continue
        about = row.enrollment.visit or row.enrollment
        husband = words.get((facts.to[row.pk].pk, about.pregnancy_id, about.child_id))
        if husband is None and row.enrollment.role == Step.Role.HUSBAND:
            husband = False
        if husband is not False or row.mother_died_on:  # type: ignore[attr-defined]
            found.add(row.pk)
    return found


def _lost(rows: Sequence[ScheduledMessage], now: datetime) -> set[int]:
    """Rows of a broadcast to everybody whose person has since lost whom it might speak of."""
    alone = {row.pk: row.person_id for row in rows if _about_nobody(row)}
    if not alone:
        return set()
    mourning = audience.only_lost(Person.objects.filter(pk__in=alone.values()), local_day(now, settings.ZONE))
    gone = set(mourning.values_list("pk", flat=True))
    return {pk for pk, person in alone.items() if person in gone}


def _unmeant(rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign]) -> set[int]:
    """Rows of steps for some children only (low birth weight), whose child is none of them by the facts of now."""
    asked = {row: step for row in rows if (step := live_step(row, live)) and step.condition}
    # Also a child that was taken back: what waits about it is judged with the others, and ends.
    children = Child.everything.in_bulk([row.enrollment.child_id for row in asked if row.enrollment.child_id])
    for row in asked:
        if row.enrollment.child_id:
            row.enrollment.child = children[row.enrollment.child_id]
    return {row.pk for row, step in asked.items() if not applies(step, row.enrollment)}


def _mothers(
    rows: Sequence[ScheduledMessage], facts: Facts, mothers: Mapping[int, Person], states: Mapping[int, str]
) -> None:
    """What the mother does not want said holds for everybody who is told about her and her child. `mothers`: those of
    rows that go to others, with the `states` of their consent."""
    for row in rows:
        told = [row.person, facts.to[row.pk]]
        mother = mothers.get(row.mother or 0)  # type: ignore[attr-defined]
        if mother is not None and mother.pk != row.person_id:
            told.append(mother)
            if row.enrollment.role in STAFF and states[mother.pk] != Consent.State.GIVEN:
                facts.quiet.add(row.pk)
        facts.excluded[row.pk] = {topic for person in told for topic in person.excluded_topics}


def _about_nobody(row: ScheduledMessage) -> bool:
    each = row.enrollment
    return each.pregnancy_id is None and each.child_id is None and each.visit_id is None


def _pauses(
    rows: Sequence[ScheduledMessage], mothers: Mapping[int, Person], live: dict[int, LiveCampaign], facts: Facts
) -> None:
    """Which pause holds each row, and the reviewed words that go out instead where they have not yet."""
    told = toldloss.held(rows, facts.to)
    active = pauses.active()
    if not active:
        facts.paused = told
        return
    held = pauses.Holding(active)
    homes = {row.pk: mothers.get(row.mother or 0, row.person).unit_id for row in rows}  # type: ignore[attr-defined]
    units = AdminUnit.objects.in_bulk(set(homes.values()))
    for row in rows:
        scopes = pauses.scopes(row, units[homes[row.pk]].path)
        if pause := held.of(scopes, row.person_id, facts.to[row.pk].pk):
            facts.paused[row.pk] = pause
    facts.paused |= told
    instead = {step.key: step for step in _by_hand(live)}
    offered = {pk: pause for pk, pause in facts.paused.items() if pause.substitute in instead}
    if not offered:
        return
    gone = ScheduledMessage.objects.filter(
        person__in={row.person_id for row in rows if row.pk in offered},
        state=ScheduledMessage.State.RELEASED,
        step__key__in={pause.substitute for pause in offered.values()},
    )
    lasts = gone.values_list("person", "step__key").annotate(last=Max("decided_at")).order_by()
    said = {(person, key): last for person, key, last in lasts}
    for row in rows:
        pause = offered.get(row.pk)
        if pause is None:
            continue
        step = instead[pause.substitute]
        if not _suits(step, row, facts):
            continue
        last = said.get((row.person_id, step.key))
        if row.step_id == step.pk or last is None or last < pause.started_at:
            facts.substitutes[row.pk] = step


def _suits(step: Step, row: ScheduledMessage, facts: Facts) -> bool:
    """Whether the words may stand in for a row: never for an emergency or a condolence, nor for somebody else's."""
    person = facts.to[row.pk]
    stands_in = person.pk != row.person_id or row.mother_died_on is not None  # type: ignore[attr-defined]
    return (
        row.campaign.message_class != "emergency"
        and row.enrollment.anchor != Campaign.Anchor.HAND
        and step.role == row.enrollment.role
        and step.topic not in facts.excluded[row.pk]
        and (step.without_mother or not stands_in)
    )


def _by_hand(live: dict[int, LiveCampaign]) -> list[Step]:
    by_hand = [each for each in live.values() if each.campaign.anchor == Campaign.Anchor.HAND]
    return [step for each in by_hand for step in each.steps.values()]
