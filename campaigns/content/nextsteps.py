"""What a person may do next with a revision, and what waits for her: the buttons of pages, and a list for systems."""

from django.db.models import QuerySet

from campaigns.content import history, review
from campaigns.models import Revision
from campaigns.schedule import broadcast
from recipients.models import User

State = Revision.State


def possible(revision: Revision, by: User) -> set[str]:
    """The names of the verbs that would not be refused for her role and its state: `submit`, `edit`, `discard`,
    `approve`, `return`, `withdraw`, `second`, `publish`, `schedule`, `unschedule`, `retire`, `copy`.

    The verbs decide again; this spares her buttons that would be refused.
    """
    if not by.is_active:
        return set()
    writes, clinical = review.writes(by), by.role == User.Role.CLINICAL
    own = by.pk in history.writers(revision)
    waits = review.waits_for_second(revision)
    seconds = by.role in (User.Role.CLINICAL, User.Role.CDC) and not own and by.pk != revision.reviewer_id
    decided = State.IN_REVIEW, State.APPROVED
    answers = {
        "submit": writes and revision.state == State.DRAFT,
        "edit": writes and revision.state == State.DRAFT,
        "discard": writes and revision.state == State.DRAFT,
        "approve": clinical and not own and revision.state == State.IN_REVIEW,
        "return": clinical and revision.state in decided,
        "withdraw": writes and own and not clinical and revision.state in decided,
        "second": waits and seconds,
        "publish": writes and revision.state == State.APPROVED and not waits,
        "schedule": writes and revision.state == State.APPROVED and not waits,
        "unschedule": writes and revision.publish_on is not None,
        "retire": writes and revision.state == State.LIVE,
        "copy": writes and revision.state != State.DRAFT,
    }
    return {name for name, answer in answers.items() if answer}


def waiting_for(user: User) -> list[Revision]:
    """The revisions (broadcasts' too) with which the next step is hers: a reviewer's to read, a writer's to publish or
    to change after they came back, an officer's to read where they were loaded from the files; the oldest first."""
    if not user.is_active:
        return []
    states = {
        User.Role.CLINICAL: (State.IN_REVIEW, State.APPROVED), User.Role.CDC: (State.APPROVED,),
        User.Role.OFFICER: (State.APPROVED, State.DRAFT),
    }.get(User.Role(user.role), ())  # fmt: skip
    elsewhere = broadcast.Broadcast.objects.exclude(pk__in=broadcast.visible_to(user).values("pk"))
    open_ones = _open(states).exclude(campaign__broadcast__in=elsewhere)
    return [revision for revision in open_ones if _is_next(revision, user)]


def _is_next(revision: Revision, user: User) -> bool:
    if revision.state == State.DRAFT:
        mine = user.pk == revision.author_id and history.last_return(revision) is not None
        return mine or revision.author_id is None
    can = possible(revision, user)
    return bool(can & {"approve", "second"}) or (user.role == User.Role.OFFICER and "publish" in can)


def _open(states: tuple[str, ...]) -> QuerySet[Revision]:
    newest = Revision.objects.filter(state__in=states, publish_on=None, campaign__broadcast__stopped_at=None)
    return newest.select_related("campaign__broadcast", "author", "based_on").order_by("created_at", "pk")
