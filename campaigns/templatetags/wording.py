"""Filters that turn states, numbers and dates into the words of the pages."""

from datetime import date, datetime

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from campaigns.content import sources
from campaigns.models import Campaign, ScheduledMessage
from campaigns.pages.wording import topic_word
from campaigns.schedule.explain import Why
from messaging.statuses import Status
from recipients import gestation
from recipients.events import LOSSES, UNDO_LOSS_WITHIN
from recipients.models import Child, Pregnancy, User

register = template.Library()
register.filter("topic_name", topic_word)

SMS_WORDS: dict[str, tuple[Promise, str]] = {
    Status.QUEUED: (gettext_lazy("About to leave"), "info"),
    Status.SENDING: (gettext_lazy("Leaving now"), "info"),
    Status.UNKNOWN: (gettext_lazy("Sent, arrival not known"), "warn"),
    Status.SENT: (gettext_lazy("Sent, report awaited"), "info"),
    Status.FAILED: (gettext_lazy("Could not be sent"), "bad"),
    Status.UNDELIVERED: (gettext_lazy("Did not arrive"), "bad"),
    Status.EXPIRED: (gettext_lazy("Too late to arrive"), "bad"),
    Status.DELIVERED: (gettext_lazy("Arrived"), "ok"),
    Status.CANCELED: (gettext_lazy("Held back before sending"), "warn"),
}


KEYWORD_WORDS: dict[str, Promise] = {
    "stop": gettext_lazy("STOP"),
    "start": gettext_lazy("START"),
    "wrong_number": gettext_lazy("Wrong number"),
    "birth": gettext_lazy("Birth"),
    "loss": gettext_lazy("Loss"),
    "visit": gettext_lazy("Visit"),
    "help": gettext_lazy("Asks for help"),
    "call_me": gettext_lazy("Asks to be called"),
}


CONFIDENCE_WORDS: dict[str, Promise] = {
    "S": gettext_lazy("the source says it"),
    "GK": gettext_lazy("general knowledge, to be confirmed by the reviewer"),
}


WHY_WORDS: dict[str, tuple[Promise, str]] = {
    "got": (gettext_lazy("Sent"), "ok"),
    "told": (gettext_lazy("Told face to face"), "ok"),
    "waiting": (gettext_lazy("Waiting"), "warn"),
    "will": (gettext_lazy("Comes"), "info"),
    "not": (gettext_lazy("Not sent"), ""),
}


@register.filter
def why_word(answer: Why) -> Promise | str:
    """The kind of an answer of explain, in a word; an answer about a day without texts has its own."""
    return WHY_WORDS[answer.kind][0] if answer.campaign else gettext_lazy("Nothing")


@register.filter
def why_class(answer: Why) -> str:
    """The badge's class of an answer of explain."""
    return WHY_WORDS[answer.kind][1]


@register.filter
def loss_is_new(pregnancy: Pregnancy) -> bool:
    """Whether a loss was recorded so short a time ago that it may be undone."""
    recorded = pregnancy.outcome_recorded_at
    return pregnancy.outcome in LOSSES and recorded is not None and timezone.now() - recorded <= UNDO_LOSS_WITHIN


@register.filter
def keyword_word(action: str) -> Promise | str:
    """What a text from a phone was understood as, in words."""
    return KEYWORD_WORDS.get(action, action)


@register.filter
def sms_word(status: str) -> Promise | str:
    """How a text of the gateway stands, in words."""
    return SMS_WORDS[status][0]


@register.filter
def sms_class(status: str) -> str:
    """The badge's class of how a text of the gateway stands."""
    return SMS_WORDS[status][1]


@register.filter
def fate(row: ScheduledMessage) -> Promise | str:
    """What became of a due message, in words."""
    if row.sms is not None:
        return SMS_WORDS[row.sms.status][0]
    if row.state == ScheduledMessage.State.TOLD:
        return gettext_lazy("Told face to face")
    return gettext_lazy("Not sent") if row.state == ScheduledMessage.State.SKIPPED else gettext_lazy("Waiting")


@register.filter
def fate_class(row: ScheduledMessage) -> str:
    """The badge's class of what became of a due message."""
    if row.sms is not None:
        return SMS_WORDS[row.sms.status][1]
    if row.state == ScheduledMessage.State.TOLD:
        return "ok"
    return "" if row.state == ScheduledMessage.State.SKIPPED else "info"


@register.filter
def day(value: date | datetime | None) -> str:
    """A local date as dd/mm/yyyy, in every language of the pages: the reading is the same everywhere here."""
    if isinstance(value, datetime):
        value = value.astimezone(settings.ZONE).date()
    return f"{value:%d/%m/%Y}" if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """An instant as local dd/mm/yyyy HH:MM."""
    return f"{value.astimezone(settings.ZONE):%d/%m/%Y %H:%M}" if value else ""


@register.filter
def weeks(pregnancy: Pregnancy, today: date) -> str:
    """Gestational age on a local day: "24 weeks 3 days"."""
    if today < pregnancy.anchor_date:
        return ""
    return _weeks_and_days(gestation.gestational_age(pregnancy.anchor_date, today))


@register.filter
def born_at(child: Child) -> str:
    """Gestational age at birth, "" where nobody knows."""
    days = child.gestation_at_birth
    return "" if days is None else _weeks_and_days(gestation.GestationalAge.from_days(days))


@register.filter
def due_date(pregnancy: Pregnancy) -> date:
    """The expected date of delivery that the messages go by."""
    return gestation.edd_of(pregnancy.anchor_date)


@register.filter
def overdue(pregnancy: Pregnancy, today: date) -> bool:
    """On hold: EDD + 21 days have passed and no outcome is recorded (D12)."""
    return (
        pregnancy.outcome == ""
        and today >= pregnancy.anchor_date
        and gestation.pregnancy_stage(pregnancy.anchor_date, today) == "pregnancy_overdue"
    )


@register.filter
def age(child: Child, today: date) -> str:
    """A child's age on a local day in the unit that health workers use: days to one month, weeks to three, months to
    two years, then years and months."""
    if today < child.date_of_birth:
        return ""
    months = gestation.age_in_months(child.date_of_birth, today)
    if months < 1:
        days = gestation.age_in_days(child.date_of_birth, today)
        return ngettext("%(count)d day old", "%(count)d days old", days) % {"count": days}
    if months < 3:
        count = gestation.age_in_weeks(child.date_of_birth, today)
        return ngettext("%(count)d week old", "%(count)d weeks old", count) % {"count": count}
    if months < 24:
        return ngettext("%(count)d month old", "%(count)d months old", months) % {"count": months}
    if months % 12:
        return _("%(years)d years %(months)d months old") % {"years": months // 12, "months": months % 12}
    return _("%(years)d years old") % {"years": months // 12}


@register.filter
def corrected_age(child: Child, today: date) -> str:
    """Of a child born before 37 weeks the age by which its milestones count, until two years; else ""."""
    at_birth = child.gestation_at_birth
    if at_birth is None or at_birth >= gestation.PRETERM_DAYS or today < child.date_of_birth:
        return ""
    if gestation.age_in_months(child.date_of_birth, today) >= gestation.CORRECTED_UNTIL_MONTHS:
        return ""
    early = gestation.GestationalAge.from_days(at_birth)
    months = gestation.corrected_age_in_months(child.date_of_birth, early, today)
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


@register.filter
def campaign_name(campaign: Campaign) -> str:
    """A campaign's name in the language of the page, else in Vietnamese, else its code."""
    return campaign.name.get(get_language() or "") or campaign.name.get("vi") or campaign.code


@register.filter
def campaign_about(campaign: Campaign) -> str:
    """What a campaign is about, in the language of the page, else in Vietnamese."""
    return campaign.description.get(get_language() or "") or campaign.description.get("vi", "")


@register.filter
def source_words(code: str) -> str:
    """The document behind the source of a step, in the language of the page; "" for one written out already."""
    return sources.words(code, get_language() or "")


@register.filter
def confidence_word(code: str) -> Promise | str:
    """How sure it is that the source says what the step says."""
    return CONFIDENCE_WORDS.get(code, code)


@register.filter
def language_word(code: str) -> Promise | str:
    """The language of a person's texts, in words."""
    words = {"vi": gettext_lazy("Vietnamese"), "km": gettext_lazy("Khmer"), "en": gettext_lazy("English")}
    return words.get(code, code)


@register.filter
def full_name(user: User) -> str:
    """Family name first, as Vietnamese names are written; else the sign-in name."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()


@register.filter
def few(count: int, sees_names: bool) -> str:
    """A number of people; 1 to 4 as "<5" to those who may not see names, as in the reach table (domain.md 3.2)."""
    return "<5" if 0 < count < 5 and not sees_names else str(count)


def _weeks_and_days(age: gestation.GestationalAge) -> str:
    words = ngettext("%(count)d week", "%(count)d weeks", age.weeks) % {"count": age.weeks}
    if not age.days:
        return words
    return words + " " + ngettext("%(count)d day", "%(count)d days", age.days) % {"count": age.days}
