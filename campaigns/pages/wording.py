"""Words for what campaigns are about, and for what a pause holds."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TOPICS: dict[str, Promise] = {
    "air": _("Clean air"),
    "anc": _("Antenatal care"),
    "birth-plan": _("Birth plan"),
    "breastfeeding": _("Breastfeeding"),
    "broadcast": _("Broadcast"),
    "customs": _("Customs"),
    "danger-signs": _("Danger signs"),
    "deworming": _("Deworming"),
    "epidemic": _("Epidemics"),
    "family": _("Family"),
    "family-planning": _("Family planning"),
    "gentle-care": _("Gentle care"),
    "growth": _("Growth"),
    "hearing-sight": _("Hearing and sight"),
    "hygiene": _("Hygiene"),
    "immunisation": _("Immunisation"),
    "iron": _("Iron tablets"),
    "loss": _("Loss"),
    "milestones": _("Milestones"),
    "mood": _("Mood"),
    "movement": _("Movements of the child"),
    "newborn": _("Newborn care"),
    "notice": _("Notice"),
    "nutrition": _("Nutrition"),
    "outcome": _("Question about the birth"),
    "past-due": _("Past the due date"),
    "play": _("Play"),
    "postnatal": _("Care after birth"),
    "safety": _("Safety"),
    "screening": _("Health checks"),
    "sick-child": _("Sick child"),
    "teeth": _("Teeth"),
    "tests": _("Tests"),
    "tetanus": _("Tetanus vaccine"),
    "visit": _("Visits"),
    "vitamin-a": _("Vitamin A"),
    "welcome": _("Welcome"),
    "wellbeing": _("Wellbeing"),
    "work": _("Work and maternity leave"),
}


SPELLINGS: dict[str, Promise | str] = {
    "plain": _("without diacritics"), "diacritics": _("with diacritics"), "": "",
}  # fmt: skip


def spelling_word(script: str) -> Promise | str:
    """The form in which a text leaves, in words; nothing where both forms are the same."""
    return SPELLINGS[script]


def topic_word(topic: str) -> Promise | str:
    """A topic in words; one that came with a later campaign file by its own name."""
    return TOPICS.get(topic, topic)
