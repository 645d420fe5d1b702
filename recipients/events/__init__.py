"""What happens to people: gestation dated again, birth, loss, death, visits, care, stop. Each verb is one transaction.

Every verb locks the mother first and then the pregnancy or child, writes one ChangeEvent where something changed,
and writes nothing where the same fact comes a second time. Days are local days.
"""

from recipients.details import change_language, change_number, confirm_number, move
from recipients.events.births import (
    Newborn,
    birth,
    correct_birth,
    redate,
    undo_birth,
)
from recipients.events.care import agree_to_care, end_care, set_main
from recipients.events.deaths import UNDO_DEATH_WITHIN, child_death, maternal_death, undo_death
from recipients.events.losses import LOSSES, UNDO_LOSS_WITHIN, loss, undo_loss
from recipients.events.messages import resume_person, stop_person
from recipients.events.visits import attend_visit, cancel_visit, plan_visit, reschedule_visit, unattend_visit
from recipients.gestation import EARLIEST_BIRTH_DAYS, LATEST_BIRTH_DAYS

__all__ = [
    "EARLIEST_BIRTH_DAYS",
    "LATEST_BIRTH_DAYS",
    "LOSSES",
    "UNDO_DEATH_WITHIN",
    "UNDO_LOSS_WITHIN",
    "Newborn",
    "agree_to_care",
    "attend_visit",
    "birth",
    "cancel_visit",
    "change_language",
    "change_number",
    "child_death",
    "confirm_number",
    "correct_birth",
    "end_care",
    "loss",
    "maternal_death",
    "move",
    "plan_visit",
    "redate",
    "reschedule_visit",
    "resume_person",
    "set_main",
    "stop_person",
    "unattend_visit",
    "undo_birth",
    "undo_death",
    "undo_loss",
]
