"""Whom a broadcast is for: a structured filter, checked once and turned into a query over the facts of a day."""

import json
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from recipients.errors import Refusal
from recipients.events import LOSSES
from recipients.gestation import MAX_GESTATION_DAYS, add_months
from recipients.models import AdminUnit, Caregiver, Child, Person, Pregnancy
from recipients.names import clean_text

PREGNANT, CHILDREN, EVERYBODY = "pregnant", "children", "everybody"
KINDS = (PREGNANT, CHILDREN, EVERYBODY)
LAST_WEEK, LAST_MONTH = 42, 59
"""The last completed week of an ongoing pregnancy, and the last completed month before the fifth birthday."""

_KEYS = {"units", "who", "weeks", "months", "languages", "tags", "occupation"}
_LONGEST_WORD = 60

Subjects: TypeAlias = "QuerySet[Pregnancy] | QuerySet[Child] | QuerySet[Person]"


def validate(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The filter in its one spelling, without empty parts; Refusal (`field` is the part) when it cannot be meant.

    - `who` is needed. `weeks` (completed, 0-42) go with the pregnant, `months` (of age, completed, 0-59) with children.
    - `units` are codes of units in force; without any it is everywhere. Repeated codes and words count once.
    """
    unknown = sorted(set(asked) - _KEYS)
    if unknown:
        raise _refusal("units", _("The audience has no part called “%(name)s”. Leave it out.") % {"name": unknown[0]})
    who = asked.get("who")
    if who not in KINDS:
        raise _refusal("who", _("It is not said whom the text is for. Choose one of the groups."))
    found: dict[str, Any] = {"who": who}
    for part, group, last in (("weeks", PREGNANT, LAST_WEEK), ("months", CHILDREN, LAST_MONTH)):
        if asked.get(part):
            if who != group:
                raise _refusal(part, _("Weeks go with pregnant women and months with children. Empty the other field."))
            found[part] = _range(part, asked[part], last)
    for part in ("units", "languages", "tags"):
        if words := _words(part, asked.get(part)):
            found[part] = words
    _check_units(found.get("units", []))
    if set(found.get("languages", [])) - set(Person.Language.values):
        raise _refusal("languages", _("There is no such language. Choose from the list."))
    if occupation := clean_text(asked.get("occupation") or ""):
        if len(occupation) > _LONGEST_WORD:
            raise _refusal("occupation", _("The occupation is too long. Write it as the register has it."))
        found["occupation"] = occupation
    return found


def people(audience: Mapping[str, Any], on: date) -> Subjects:
    """Who is meant on the local day `on`, living and ongoing; from a filter that `validate` gave.

    - "pregnant": ongoing pregnancies of living mothers, up to the hold at EDD + 21 days (D12).
    - "children": living children under five years with a living mother.
    - "everybody": every living person, but nobody whose only pregnancies and children, her own or those she or he
      cares for, are lost (D12).
    - A unit means it and everything below it; its code is read as of `on`. A code that is no longer in force finds
      nobody, never everybody.
    """
    if audience["who"] == PREGNANT:
        return _pregnant(on, audience.get("weeks")).filter(_persons(audience, on, "mother__"), mother__died_on=None)
    if audience["who"] == CHILDREN:
        return _children(on, audience.get("months")).filter(_persons(audience, on, "mother__"), mother__died_on=None)
    return Person.objects.filter(_persons(audience, on, ""), ~_only_lost(on), died_on=None)


def receivers(audience: Mapping[str, Any], on: date) -> QuerySet[Person]:
    """The same as people: each once, however many children she has."""
    if audience["who"] == EVERYBODY:
        return Person.objects.filter(pk__in=people(audience, on).values("pk"))  # type: ignore[misc]
    return Person.objects.filter(pk__in=people(audience, on).values("mother"))  # type: ignore[misc]


def codes(audience: Mapping[str, Any]) -> list[str]:
    """The codes of the units that it names; none means everywhere."""
    return list(audience.get("units", []))


def _pregnant(on: date, weeks: list[int] | None) -> QuerySet[Pregnancy]:
    first, last = weeks or [0, LAST_WEEK]
    oldest = on - timedelta(days=min(last * 7 + 6, MAX_GESTATION_DAYS - 1))
    return Pregnancy.objects.filter(outcome="", anchor_date__range=(oldest, on - timedelta(days=first * 7)))


def _children(on: date, months: list[int] | None) -> QuerySet[Child]:
    first, last = months or [0, LAST_MONTH]
    return Child.objects.filter(
        died_on=None, date_of_birth__lte=_born_by(on, first), date_of_birth__gt=_born_by(on, last + 1)
    )


def _born_by(on: date, months: int) -> date:
    """The last date of birth that is `months` completed months old on a day: on 28 February, who was born on
    31 January is one month old."""
    day = add_months(on, -months)
    if on.day == monthrange(on.year, on.month)[1]:
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day


def _persons(audience: Mapping[str, Any], on: date, prefix: str) -> Q:
    """What is asked of the person herself; `prefix` leads to her."""
    wanted = Q()
    if codes(audience):
        in_force = AdminUnit.objects.filter(code__in=codes(audience), valid_from__lte=on)
        in_force = in_force.filter(Q(valid_to=None) | Q(valid_to__gte=on))
        below = Q(pk__in=[])
        for path in in_force.values_list("path", flat=True):
            below |= Q(**{f"{prefix}unit__path__startswith": path})
        wanted &= below
    if audience.get("languages"):
        wanted &= Q(**{f"{prefix}language__in": audience["languages"]})
    if audience.get("occupation"):
        written = audience["occupation"]
        spellings = {written, written.lower(), written.upper(), written.capitalize(), written.title()}
        wanted &= Q(**{f"{prefix}occupation__in": sorted(spellings)})
    if audience.get("tags"):
        wanted &= Q(**{f"{prefix}pk__in": _tagged(audience["tags"])})
    return wanted


def _tagged(tags: list[str]) -> QuerySet[Person, Any]:
    """People with one of the tags. The JSON is compared as text, the one way that both databases have: one of them
    keeps letters with marks as they are, the other escaped."""
    wanted = Q()
    for tag in tags:
        wanted |= Q(as_text__contains=json.dumps(tag)) | Q(as_text__contains=json.dumps(tag, ensure_ascii=False))
    return Person.objects.alias(as_text=Cast("programme_tags", TextField())).filter(wanted).values("pk")


def only_lost(people: QuerySet[Person], on: date) -> QuerySet[Person]:
    """Of some people, those whose only pregnancies or children, their own or cared for, are lost."""
    return people.filter(_only_lost(on))


def _only_lost(on: date) -> Q:
    mine, cared = OuterRef("pk"), Caregiver.objects.filter(person=OuterRef("pk"))
    gone = [*LOSSES, Pregnancy.Outcome.MATERNAL_DEATH]
    lost = (
        Q(Exists(Pregnancy.objects.filter(mother=mine, outcome__in=gone)))
        | Q(Exists(Child.objects.filter(mother=mine, died_on__isnull=False)))
        | Q(Exists(cared.filter(Q(pregnancy__outcome__in=gone) | Q(child__died_on__isnull=False))))
    )
    pregnant, children = _pregnant(on, None), _children(on, None)
    left = (
        Q(Exists(pregnant.filter(mother=mine)))
        | Q(Exists(children.filter(mother=mine)))
        | Q(
            Exists(
                cared.filter(Q(pregnancy__in=pregnant.values("pk")) | Q(child__in=children.values("pk")), ended_on=None)
            )
        )
    )
    return lost & ~left


def _range(part: str, asked: object, last: int) -> list[int]:
    if (
        not isinstance(asked, list | tuple)
        or len(asked) != 2
        or not all(isinstance(end, int) and not isinstance(end, bool) for end in asked)
        or not 0 <= asked[0] <= asked[1] <= last
    ):
        sentence = _("This is no range. Give two whole numbers from 0 to %(last)d, the smaller one first.")
        raise _refusal(part, sentence % {"last": last})
    return list(asked)


def _words(part: str, asked: object) -> list[str]:
    if asked is None:
        return []
    if not isinstance(asked, list | tuple) or not all(isinstance(word, str) for word in asked):
        raise _refusal(part, _('This is no list of words. Write for example ["86"].'))
    cleaned = list(dict.fromkeys(word for each in asked if (word := clean_text(each))))
    if len(cleaned) > 200 or any(len(word) > _LONGEST_WORD for word in cleaned):
        raise _refusal(part, _("The list is too long. Choose a unit above these, or fewer and shorter words."))
    return cleaned


def _check_units(named: list[str]) -> None:
    known = set(AdminUnit.objects.filter(code__in=named, valid_to=None).values_list("code", flat=True))
    missing = [code for code in named if code not in known]
    if missing:
        raise _refusal(
            "units", _("There is no unit with the code %(code)s in force. Correct it.") % {"code": missing[0]}
        )


def _refusal(field: str, sentence: str) -> Refusal:
    return Refusal("invalid", sentence, field=field)
