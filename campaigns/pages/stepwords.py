"""Steps in words: when they leave, what a rule of the linter wants, what a text costs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from campaigns.content import checking, onphone
from campaigns.content.clocks import BIRTH, CALENDAR, ENROLLMENT, GESTATION, HAND, SESSION, VISIT
from campaigns.content.files import FLAGS, StepFile
from campaigns.content.lint.findings import Finding
from campaigns.content.offsets import parse_offset
from campaigns.content.prices import PartPrice
from campaigns.content.rendering import MissingValue
from campaigns.content.titles import FIELDS
from campaigns.models import Step
from campaigns.pages.wording import spelling_word, topic_word
from campaigns.schedule.timeline import Offset
from campaigns.templatetags.wording import language_word
from recipients.models import Session, Visit

RULES: dict[str, Promise] = {
    "size": gettext_lazy(
        "It takes more than one SMS part without diacritics or two with, the longest names put in. Shorten it."
    ),
    "tidy": gettext_lazy("Typographic signs cost parts, or the end of the sentence is missing. Use plain signs."),
    "placeholders": gettext_lazy("A value in braces is missing or does not belong here. Correct the placeholders."),
    "languages": gettext_lazy("A language or a discreet text is missing, or both do not say the same. Complete it."),
    "indicator": gettext_lazy("No plan names this indicator. Choose one of the list."),
    "kind": gettext_lazy("The words order, blame or frighten. Say what to do and what is gained by it."),
    "plain-reading": gettext_lazy("Without diacritics this reads as something else. Use another word."),
    "region": gettext_lazy("The word is not read everywhere. Write the other region's word beside it."),
    "brands": gettext_lazy("A brand is named. Take it away."),
    "results": gettext_lazy("The result of a test is named. Take it away."),
    "reading": gettext_lazy("The sentence is long or the word is learned. Say it shorter, as a mother says it."),
    "living-child": gettext_lazy("A living child is presumed before a birth is recorded. Say it without a child."),
    "congratulation": gettext_lazy("It congratulates without a recorded birth. Take it away."),
    "condolence": gettext_lazy("A condolence is sent by hand only. Take it away here."),
    "counted": gettext_lazy("A visit or dose is numbered, and others had other ones. Say it without a number."),
    "earlier-service": gettext_lazy("An earlier visit or dose is presumed. Say it so that it always holds."),
    "without-mother": gettext_lazy("It names the mother and would go on after her death. Speak of the family."),
    "excluded-topics": gettext_lazy("Some women do not get this subject. Choose the topic that keeps it from them."),
    "discreet": gettext_lazy("The discreet text tells a stranger too much. Say it so that nothing is given away."),
    "window": gettext_lazy("It is open for too few days, and a holiday may take five. Let it end later."),
    "end": gettext_lazy("It is open when nothing of its kind may leave. Begin or end it within the allowed weeks."),
    "group": gettext_lazy("It would not stop after the visit. Give it both group and visit, or neither."),
    "ages": gettext_lazy("Two ages overlap, so a child is called twice. Let one begin where the other ends."),
    "welcome": gettext_lazy("Somebody in the family has no words of welcome. Add a step for that role."),
}
"""What each rule of the linter wants, for people who do not work with the files."""
_VALUES: dict[str, dict[str, Promise]] = {
    "role": dict(Step.Role.choices), "catch_up": dict(Step.CatchUp.choices), "visit": dict(Visit.Type.choices),
    "service": dict(Session.Service.choices),
}  # fmt: skip
_OFFSETS = frozenset({"from", "until", "age_from", "age_until"})
_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Fault:
    """A finding in the language of the page: what the rule wants, which wording breaks it, and the words themselves."""

    rule: Promise | str
    wording: str
    found: str
    blocks: bool


@dataclass(frozen=True)
class Shown:
    """One form of one text on the phone, with what it costs; `most` where the longest names take more parts."""

    spelling: str
    body: str
    longest_body: str
    parts: int
    units: int
    price: str
    most: int
    most_price: str


def fault(finding: Finding) -> Fault:
    """A finding of the linter in the words of the page; where it is read in English, the linter's own sentence."""
    quoted = _QUOTED.findall(finding.sentence)
    wording = wording_name(quoted[0]) if quoted and _is_wording(quoted[0]) else ""
    said = quoted[1:] if wording else quoted
    rule = RULES.get(finding.rule, finding.sentence)
    return Fault(rule, wording, said[0] if said else "", finding.rule in checking.BLOCKING)


def wording_name(field: str) -> str:
    """ "vi_discreet" as "Vietnamese, for phones that others read"."""
    language, _under, discreet = field.partition("_")
    name = str(language_word(language))
    return _("%(language)s, for phones that others read") % {"language": name} if discreet else name


def field_word(name: str) -> Promise | str:
    """A field of a step in words; a wording by its language."""
    return FIELDS[name] if name in FIELDS else wording_name(name)


def value_word(name: str, value: str) -> str:
    """A value of a plain field as the form says it."""
    if name == "topic":
        return str(topic_word(value))
    if name in FLAGS:
        return _("yes") if value else _("no")
    if name in _OFFSETS and value:
        return offset_words(parse_offset(value), GESTATION if "w" in value else BIRTH)
    known = _VALUES.get(name, {})
    return str(known.get(value, value)) or "–"


def when(step: StepFile, anchor: str) -> str:
    """From when to when a step may leave, and at what time of day."""
    if anchor == HAND:
        return _("Sent by hand")
    first, last = offset_words(step.start, anchor), offset_words(step.until, anchor)
    values = {"first": first, "last": last, "time": f"{step.time:%H:%M}"}
    if anchor == CALENDAR:
        values["day"] = f"{step.month_day[3:]}/{step.month_day[:2]}"
        return _("Every year around %(day)s: %(first)s to %(last)s, at %(time)s") % values
    return _("%(first)s to %(last)s, at %(time)s") % values


def offset_words(offset: Offset, anchor: str) -> str:
    """Days counted from an anchor as people say them: "12 weeks 6 days", "1 month 20 days", "2 days before"."""
    if offset.days < 0:
        return ngettext("%(count)d day before", "%(count)d days before", -offset.days) % {"count": -offset.days}
    parts = []
    days = offset.days
    if anchor == GESTATION and not offset.months:
        weeks, days = divmod(days, 7)
        parts += [ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}] if weeks else []
    if offset.months:
        parts.append(ngettext("%(count)d month", "%(count)d months", offset.months) % {"count": offset.months})
    if days or not parts:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    after = anchor in (VISIT, CALENDAR, SESSION, ENROLLMENT)
    return _("%(time)s after") % {"time": " ".join(parts)} if after else " ".join(parts)


def shown(body: str, price: PartPrice | None) -> list[Shown]:
    """A text as phones show it. Nothing for one that cannot be filled in yet."""
    try:
        spellings = onphone.spellings(body, checking.samples())
    except (MissingValue, KeyError):
        return []
    return [
        Shown(
            str(spelling_word(each.script)), each.body, each.longest_body, each.parts, each.units,
            price_words(each.parts, price), each.most_parts if each.most_parts > each.parts else 0,
            price_words(each.most_parts, price),
        )
        for each in spellings
    ]  # fmt: skip


def price_words(parts: int, price: PartPrice | None) -> str:
    """What so many parts cost: "800 VND", or from the cheapest to the dearest route."""
    if price is None:
        return ""
    amounts = dict.fromkeys(_amount(each * parts, price.currency) for each in (price.least, price.most))
    return f"{'–'.join(amounts)} {price.currency}"


def faults_of(step: str, findings: Iterable[Finding]) -> list[Fault]:
    """Those of one step; what holds of a text with and without diacritics is said once."""
    return list(dict.fromkeys(fault(finding) for finding in findings if finding.step == step))


def _amount(value: Decimal, currency: str) -> str:
    """Dong have no decimals; thousands are set apart as the language of the page does it."""
    said = f"{value:,.0f}" if currency == "VND" else f"{value:,.4f}"
    return said.translate(str.maketrans(",.", ".,")) if get_language() == "vi" else said


def _is_wording(name: str) -> bool:
    return name.partition("_")[0] in ("vi", "en", "km")
