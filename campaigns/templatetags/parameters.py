"""Filters that turn the values of parameters, their days and their names into the words of the pages."""

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.local import kinds
from campaigns.local.catalogue import Known, known
from campaigns.models import Parameter, Target
from campaigns.models.local import SINCE_EVER
from recipients.models import Session

register = template.Library()


@register.filter
def label(about: Known | str) -> str:
    """What a parameter is called."""
    entry = known().get(about) if isinstance(about, str) else about
    return _in_language(entry.label) if entry else str(about)


@register.filter
def meaning(about: Known) -> str:
    return _in_language(about.meaning)


@register.filter
def words(value: str, kind: str) -> str:
    """A value as people say it."""
    if kind == "yes_no":
        return _("Yes") if value == kinds.YES else _("No")
    if kind == "services":
        return ", ".join(str(Session.Service(each).label) for each in value.split(", ") if each in kinds.SERVICES) or _(
            "None of them"
        )
    if kind == "age_range" and (ages := kinds.age_range(value)):
        return _("from %(first)s to under %(last)s months") % {"first": ages[0], "last": ages[1]}
    if kind == "months":
        return _("%(months)s months") % {"months": value}
    if kind == "days":
        return _("%(days)s days") % {"days": value}
    return "24/24" if value == kinds.ALWAYS else value


@register.filter
def period(row: Parameter) -> str:
    """From when until when a value counts."""
    days = {"first": f"{row.valid_from:%d/%m/%Y}", "last": f"{row.valid_to:%d/%m/%Y}" if row.valid_to else ""}
    if row.valid_from == SINCE_EVER:
        return _("until %(last)s") % days if row.valid_to else _("without a beginning or an end")
    return _("from %(first)s until %(last)s") % days if row.valid_to else _("since %(first)s") % days


@register.filter
def indicator_name(target: Target) -> str:
    return target.name_en if get_language() == "en" else target.name_vi


@register.filter
def target_words(target: Target) -> str:
    """The number with its comparator and unit, "≤ 42 per 100,000 live births"; a number alone as the plan has it."""
    sign = {"<=": "≤", ">=": "≥", "=": ""}.get(target.comparator, target.comparator)
    number = f"{target.value.normalize():f}"
    number = number if get_language() == "en" else number.replace(".", ",")
    unit = target.get_unit_display()
    return f"{sign} {number}{'' if len(unit) == 1 else ' '}{unit}".strip()


def _in_language(words_by_language: object) -> str:
    assert isinstance(words_by_language, dict)
    return str(words_by_language.get(get_language() or "", words_by_language["vi"]))
