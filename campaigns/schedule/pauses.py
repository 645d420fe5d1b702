"""Pauses: what is held until somebody lets it go on, and the one question whether a due message is held."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Enrollment, Pause, Reason, Revision, ScheduledMessage, Step
from campaigns.schedule.mothers import home
from messaging.batches import batched
from recipients import areas
from recipients.errors import Refusal
from recipients.mains import main_caregivers
from recipients.models import AdminUnit, Person, User

NEVER_INSTEAD = frozenset({"loss"})
"""Campaigns sent by hand whose words are no substitute for anything: a condolence is for one woman."""

State = ScheduledMessage.State


@transaction.atomic
def pause(
    *,
    why: str,
    now: datetime,
    by: User | None = None,
    campaign: Campaign | None = None,
    step_key: str = "",
    topic: str = "",
    unit: AdminUnit | None = None,
    person: Person | None = None,
    substitute: str = "",
) -> Pause:
    """Nothing that matches every scope given leaves from `now` on, until `resume`.

    - At least one of campaign, topic, unit (it and all below) and person; a step goes with its campaign.
    - Officers and administrators pause in their area; without a unit or a person the pause is put on that area. A
      station pauses a person. Other roles do not pause. `by` is None for commands and other systems' operators.
    - `substitute` is one of `substitutes()`: its words go out instead, once to a person.
    - The same scopes are paused once: a second time is refused (`paused_already`).
    """
    if by is not None:
        unit = _within(by, unit, person)
    checked = draft(
        why=why, campaign=campaign, step_key=step_key, topic=topic, unit=unit, person=person, substitute=substitute
    )
    checked.started_at, checked.started_by = now, by
    open_ones = Pause.objects.select_for_update(of=("self",)).filter(ended_at=None, step_key=step_key, topic=topic)
    if known := open_ones.filter(campaign=campaign, unit=unit, person=person).first():
        raise Refusal(
            "paused_already",
            _("This is paused already: %(why)s. Let it go on first if the reason has changed.") % {"why": known.why},
            conflict=True,
            facts={"pause": known.pk},
        )
    checked.save(force_insert=True)
    return checked


def draft(
    *,
    why: str = "",
    campaign: Campaign | None = None,
    step_key: str = "",
    topic: str = "",
    unit: AdminUnit | None = None,
    person: Person | None = None,
    substitute: str = "",
) -> Pause:
    """A pause that is not saved, with its scopes checked: to say what it would hold, before anybody decides."""
    if campaign is None and unit is None and person is None and not topic:
        raise Refusal("nothing", _("It is not said what shall pause. Choose a campaign, a topic, a unit or a person."))
    if step_key and (campaign is None or not Step.objects.filter(revision__campaign=campaign, key=step_key).exists()):
        sentence = _("The campaign has no such step. Choose the campaign and then a step of it.")
        raise Refusal("no_step", sentence, field="step_key")
    if topic and topic not in topics():
        raise Refusal("no_topic", _("No campaign has this topic. Choose one of the list."), field="topic")
    if substitute and not any(step.key == substitute for step in substitutes()):
        raise Refusal(
            "no_substitute",
            _("There is no live text to send instead under this name. Choose one of the list, or have one published."),
            field="substitute",
        )
    why = " ".join(why.split())
    if not why or len(why) > 200:
        raise Refusal("no_reason", _("Say why in a few words, up to 200 characters; others will read it."), field="why")
    return Pause(
        why=why, campaign=campaign, step_key=step_key, topic=topic, unit=unit, person=person, substitute=substitute
    )


@transaction.atomic
def resume(pause: Pause, *, now: datetime, by: User | None = None) -> Pause:
    """What it held may go on. By those who could have made it; a second time changes nothing.

    The rows that waited for it are asked again in the next pass. They go as the caps allow and while their windows
    last, so nobody gets a burst; what another pause holds waits on.
    """
    locked = Pause.objects.select_for_update(of=("self",)).select_related("unit", "person__unit").get(pk=pause.pk)
    if by is not None and not may_change(locked, by):
        raise Refusal("not_allowed", _("This pause is not yours to end. Ask a communication officer of its area."))
    if locked.ended_at is None:
        locked.ended_at, locked.ended_by = now, by
        locked.save(update_fields=["ended_at", "ended_by"])
        # What somebody has in his hands is left to him: waiting for it in another order than his is a deadlock, and
        # `wake` finds it again.
        held = _could_hold(locked).filter(reason=Reason.PAUSED).order_by("pk")
        free = held.select_for_update(skip_locked=True, of=("self",), no_key=True)
        for some in batched(free.values_list("pk", flat=True)):
            ScheduledMessage.objects.filter(pk__in=some).update(not_before=None)
    return locked


def active() -> list[Pause]:
    """Every pause in force, in one query, for `holding`."""
    return list(Pause.objects.filter(ended_at=None).select_related("unit").order_by("pk"))


def holding(pauses: Iterable[Pause], row: ScheduledMessage, reader: int | None = None) -> Pause | None:
    """The pause that holds a row, or None. `reader`: who receives it in her place.

    A pause of a unit holds what is about the women and children who live there, whoever reads it; what is about nobody
    (a broadcast) where its person lives.

    A condolence is one woman's by a person's decision: only a pause of herself or of its campaign holds it.

    Of several, one without a text to send instead: where somebody wants silence, nothing goes.
    """
    about = row.enrollment.visit or row.enrollment
    subject = about.pregnancy or about.child
    living = subject.mother if subject else row.person
    return Holding(pauses).of(scopes(row, living.unit.path), row.person_id, reader)


class Scopes(NamedTuple):
    """What of a due message a pause may name, beside its people."""

    campaign: int
    by_hand: bool
    step_key: str
    topic: str
    path: str
    """Of the unit in which the mother lives whom it is about, or its person (`home`)."""


class Holding:
    """Pauses laid out by the person whom they name, for the question about many rows: thousands may be in force."""

    def __init__(self, pauses: Iterable[Pause]) -> None:
        self._of: dict[int | None, list[Pause]] = defaultdict(list)
        self._known: dict[Scopes, list[Pause]] = {}
        for pause in pauses:
            self._of[pause.person_id].append(pause)

    def of(self, row: Scopes, person: int, reader: int | None = None) -> Pause | None:
        """The pause that holds a row of these scopes, as `holding` says."""
        found = self._known.get(row)
        if found is None:
            found = self._known[row] = [pause for pause in self._of[None] if _holds(pause, row)]
        for each in {person, reader} & self._of.keys() - {None}:
            found = found + [pause for pause in self._of[each] if _holds(pause, row)]
        if len(found) > 1:
            found = sorted(found, key=lambda pause: (bool(pause.substitute), pause.pk or 0))
        return found[0] if found else None


def scopes(row: ScheduledMessage, path: str) -> Scopes:
    """Those of a row whose woman lives in the unit of this path."""
    by_hand = row.campaign.anchor == Campaign.Anchor.HAND
    return Scopes(row.campaign_id, by_hand, row.step_key, row.topic, path)


def _holds(pause: Pause, row: Scopes) -> bool:
    """Whether the scopes match, whoever it is about."""
    if row.by_hand and pause.campaign_id is None and pause.person_id is None:
        return False
    return (
        (pause.campaign_id is None or pause.campaign_id == row.campaign)
        and pause.step_key in ("", row.step_key)
        and pause.topic in ("", row.topic)
        and (pause.unit is None or row.path.startswith(pause.unit.path))
    )


def waiting(pause: Pause) -> QuerySet[ScheduledMessage]:
    """The rows of the ledger that wait and match the scopes, as `holding` reads them."""
    rows = _could_hold(pause)
    return rows if pause.person_id is None else rows.filter(person=pause.person_id)


def _could_hold(pause: Pause) -> QuerySet[ScheduledMessage]:
    """These, and of a person's pause what she receives in the place of mothers."""
    rows = ScheduledMessage.objects.filter(state=State.WAITING)
    if pause.campaign_id is not None:
        rows = rows.filter(campaign=pause.campaign_id)
    if pause.step_key:
        rows = rows.filter(step_key=pause.step_key)
    if pause.topic:
        rows = rows.filter(topic=pause.topic)
    if pause.person_id is not None:
        mothers = main_caregivers().filter(person=pause.person_id).values("child__mother")
        rows = rows.filter(Q(person=pause.person_id) | Q(person__in=mothers))
    if pause.unit is not None:
        rows = rows.alias(home=home()).filter(home__startswith=pause.unit.path)
    return rows


def followers(pause: Pause) -> QuerySet[Person]:
    """The people who follow something that matches: they have such texts before them, or waiting now."""
    steps = Step.objects.filter(revision__state=Revision.State.LIVE)
    if pause.campaign_id is not None:
        steps = steps.filter(revision__campaign=pause.campaign_id)
    if pause.step_key:
        steps = steps.filter(key=pause.step_key)
    if pause.topic:
        steps = steps.filter(topic=pause.topic)
    follows = Q(pk__in=[])
    for campaign_id, role in set(steps.values_list("revision__campaign", "role")):
        follows |= Q(campaign=campaign_id, role=role)
    enrolled = Enrollment.objects.filter(follows, active=True)
    if pause.unit is not None:
        enrolled = enrolled.alias(home=home("enrollment__")).filter(home__startswith=pause.unit.path)
    waits = waiting(pause).order_by().values("person")
    people = Person.objects.filter(Q(pk__in=enrolled.order_by().values("person")) | Q(pk__in=waits))
    if pause.person_id is not None:
        people = people.filter(pk=pause.person_id)
    return people


def topics() -> list[str]:
    """The topics that steps have or had, in order."""
    return sorted(set(Step.objects.order_by().values_list("topic", flat=True).distinct()))


def substitutes() -> list[Step]:
    """The steps whose words may go instead: live, reviewed like all, and sent by hand only."""
    steps = Step.objects.filter(
        revision__state=Revision.State.LIVE, revision__campaign__anchor=Campaign.Anchor.HAND
    ).exclude(revision__campaign__code__in=NEVER_INSTEAD)
    return list(steps.select_related("revision__campaign").prefetch_related("texts").order_by("key"))


def may_pause(user: User) -> bool:
    """Who pauses more than one person."""
    return user.is_active and (user.is_superuser or user.role in (User.Role.OFFICER, User.Role.ADMIN))


def is_whole(pause: Pause) -> bool:
    """Whether it holds all of a campaign, for everybody of its unit."""
    return not pause.step_key and not pause.topic and pause.person_id is None


def may_change(pause: Pause, user: User) -> bool:
    """Whether the pause lies in the user's hands: in her area, and no wider."""
    if pause.person is not None and not _sees(user, pause.person):
        return False
    if not may_pause(user):
        return pause.person is not None and areas.may_see_names(user)
    if pause.unit is None:
        return pause.person is not None or user.unit is None
    return areas.units_visible_to(user).filter(pk=pause.unit.pk).exists()


def visible_to(user: User) -> QuerySet[Pause]:
    """The pauses that matter to a user: those of her area, those of a unit above it, and those of everywhere.

    A pause of a person is seen by those who see that person.
    """
    pauses = Pause.objects.select_related("campaign", "unit", "person", "started_by", "ended_by")
    of_mine = Q(person=None) | Q(person__in=areas.people_visible_to(user).values("pk"))
    if user.unit is None:
        everywhere = areas.units_visible_to(user).exists()
        return pauses.filter(of_mine) if everywhere else pauses.none()
    above = areas.chain(user.unit.path)
    return pauses.filter(of_mine, Q(unit=None) | Q(unit__in=above) | Q(unit__path__startswith=user.unit.path))


def _sees(user: User, person: Person) -> bool:
    return areas.people_visible_to(user).filter(pk=person.pk).exists()


def _within(by: User, unit: AdminUnit | None, person: Person | None) -> AdminUnit | None:
    """The unit of the pause once it is clear that `by` may make it."""
    if not may_pause(by) and not (person is not None and areas.may_see_names(by)):
        raise Refusal("not_allowed", _("Only a communication officer can pause this. Ask one of them to."))
    if person is not None and not _sees(by, person):
        raise Refusal(
            "not_in_area", _("There is no such person in your area. Look for her on the people page."), field="person"
        )
    if unit is not None and not areas.units_visible_to(by).filter(pk=unit.pk).exists():
        raise Refusal("not_in_area", _("This unit is not in your area. Choose one of the list."), field="unit")
    return by.unit if unit is None and person is None else unit
