"""Words for what campaigns are about, and for what a pause holds."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TOPICS: dict[str, Promise] = {
    "anc": _("Antenatal care"),
    "birth-plan": _("Birth plan"),
    "breastfeeding": _("Breastfeeding"),
    "broadcast": _("Broadcast"),
    "danger-signs": _("Danger signs"),
    "family": _("Family"),
    "growth": _("Growth"),
    "immunisation": _("Immunisation"),
    "iron": _("Iron tablets"),
    "loss": _("Loss"),
    "movement": _("Movements of the child"),
    "newborn": _("Newborn care"),
    "notice": _("Notice"),
    "nutrition": _("Nutrition"),
    "outcome": _("Question about the birth"),
    "past-due": _("Past the due date"),
    "postnatal": _("Care after birth"),
    "tests": _("Tests"),
    "tetanus": _("Tetanus vaccine"),
    "visit": _("Visits"),
    "vitamin-a": _("Vitamin A"),
    "welcome": _("Welcome"),
    "work": _("Work and maternity leave"),
}


def topic_word(topic: str) -> Promise | str:
    """A topic in words; one that came with a later campaign file by its own name."""
    return TOPICS.get(topic, topic)
