"""The words of explain: what each reason means, what somebody could do, and the sentences about one due message.

Nothing is read here: facts come in, sentences in the language of the moment go out.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Pause, Reason, ScheduledMessage
from campaigns.schedule.caps import MOST_A_DAY, MOST_A_NUMBER, MOST_A_WEEK
from campaigns.schedule.toldloss import is_told
from messaging.models import OutboundMessage
from messaging.statuses import Status

REASONS: dict[Reason, tuple[Promise, Promise | str]] = {
    Reason.ENDED_LOSS: (
        gettext_lazy("A loss was recorded, so no routine text about this pregnancy or child leaves any more."),
        gettext_lazy("If it was recorded by mistake, undo it on the mother's page within 24 hours."),
    ),
    Reason.ENDED_BIRTH: (
        gettext_lazy("The child is born, so the texts about the pregnancy have ended."),
        gettext_lazy("Texts by the child's age go instead."),
    ),
    Reason.ENDED_DEATH: (
        gettext_lazy("A death was recorded, so this text does not leave."),
        gettext_lazy("If it was recorded by mistake, undo it within 24 hours; later an administrator does."),
    ),
    Reason.ENDED_AGE: (gettext_lazy("The child is five years old; the texts end with that birthday."), ""),
    Reason.ENDED_UNKNOWN: (
        gettext_lazy("The pregnancy was closed, and what became of it is not known."),
        gettext_lazy("Record the birth or the loss as soon as somebody knows."),
    ),
    Reason.ENDED_CARE: (
        gettext_lazy("The care for this pregnancy or child has ended, so its texts have ended too."),
        gettext_lazy("If that is wrong, add the caregiver again on the mother's page."),
    ),
    Reason.ENDED_VISIT: (
        gettext_lazy("The visit was canceled."),
        gettext_lazy("If it takes place after all, plan it again."),
    ),
    Reason.ENDED_UNDONE: (
        gettext_lazy("The loss was taken back."),
        gettext_lazy("Nothing need be done; her other texts go on."),
    ),
    Reason.ENDED_BROADCAST: (
        gettext_lazy("The broadcast was stopped."),
        gettext_lazy("Make a new one if it is still needed."),
    ),
    Reason.RESCHEDULED: (
        gettext_lazy("Another day was agreed for the visit."),
        gettext_lazy("The reminder of the new day goes instead."),
    ),
    Reason.VISIT_DONE: (
        gettext_lazy("The visit has taken place, so this text is not needed any more."),
        gettext_lazy("If the visit was recorded by mistake, take it back."),
    ),
    Reason.LATE: (
        gettext_lazy("Its last day passed before it could leave."),
        gettext_lazy("If several texts end like this, ask the administrator whether the worker runs."),
    ),
    Reason.LATE_ENTRY: (
        gettext_lazy("The person was registered, or dated again, after its day, and this text is not made up for."),
        "",
    ),
    Reason.SUPERSEDED: (gettext_lazy("A later text of the same topic goes instead."), ""),
    Reason.COVERED: (gettext_lazy("The same words already go to this number, so they leave once."), ""),
    Reason.REDATED: (
        gettext_lazy("Its day is being counted again, because a date has changed."),
        gettext_lazy("The next pass puts it on its day; nothing needs to be done."),
    ),
    Reason.HOLD: (
        gettext_lazy("The due date has passed and no outcome is recorded, so nothing but questions leaves."),
        gettext_lazy("Ask gently what happened, then record the birth or the loss."),
    ),
    Reason.OPTED_OUT: (
        gettext_lazy("The number is closed, by STOP or by staff."),
        gettext_lazy("It opens again only when the person agrees: ask, and record the answer on the page."),
    ),
    Reason.NO_CONSENT: (
        gettext_lazy("The person has not agreed to receive messages, or no longer agrees."),
        gettext_lazy("Ask at the next visit and record the answer."),
    ),
    Reason.NO_PHONE: (
        gettext_lazy("There is no mobile number that can be reached."),
        gettext_lazy("Record a number as soon as one is known."),
    ),
    Reason.DEAD_NUMBER: (
        gettext_lazy("On three days the operator said that nobody has this number."),
        gettext_lazy("Ask for the right number, or say on the person's page that it works again."),
    ),
    Reason.NOT_AGREED: (
        gettext_lazy("The mother has not agreed that he receives texts."),
        gettext_lazy("Ask her when she is alone, and record her answer."),
    ),
    Reason.MOTHERS_OWN: (
        gettext_lazy("The words are for the mother herself, and somebody else receives her texts now."),
        gettext_lazy("It leaves when the mother receives her texts again, unless its last day passes before."),
    ),
    Reason.CANNOT_READ: (
        gettext_lazy("The person cannot read texts."),
        gettext_lazy("Tell it face to face and record that, or add a caregiver who reads."),
    ),
    Reason.UNCONFIRMED: (
        gettext_lazy(
            "Nobody has confirmed the number, so its first text carries no name and no topic; it has not gone yet."
        ),
        gettext_lazy("Ask whether the number is right and record it as confirmed; then everything goes."),
    ),
    Reason.TOPIC_EXCLUDED: (
        gettext_lazy("This topic is excluded for the person."),
        gettext_lazy("If it is wanted again, take it out of the excluded topics under “Edit details”."),
    ),
    Reason.PAUSED: (
        gettext_lazy("The campaign is not live."),
        gettext_lazy("It goes on when a communication officer publishes a revision."),
    ),
    Reason.NOT_MEANT: (
        gettext_lazy("The step is for children born early or light, and this child is none of them."),
        gettext_lazy("If the weight or the weeks at birth are recorded wrongly, correct them."),
    ),
    Reason.STEP_REMOVED: (gettext_lazy("The present revision of the campaign no longer has this text."), ""),
    Reason.NO_TEXT: (
        gettext_lazy("There are no words in a language that applies, or none that others may read on a shared phone."),
        gettext_lazy("Tell it face to face and record that. The communication officer can add the words."),
    ),
    Reason.NO_PARAMETER: (
        gettext_lazy("A value in the text, such as the station's phone, is not set for the commune."),
        gettext_lazy("The administrator sets it."),
    ),
    Reason.NO_ROUTE: (
        gettext_lazy("No route takes this message."),
        gettext_lazy("The administrator checks the routes and their number prefixes."),
    ),
    Reason.NOT_REGISTERED: (
        gettext_lazy("The operator sends registered texts only, and these words are not registered there."),
        gettext_lazy("The administrator submits them on the page of the route; when the operator agrees, it leaves."),
    ),
    Reason.NO_TAIL: (
        gettext_lazy("It has to say how to stop, and no words are set for that."),
        gettext_lazy("The administrator writes them into the route."),
    ),
    Reason.PREFERRED_TIME: (gettext_lazy("It waits for the time of day that the person prefers."), ""),
    Reason.QUIET_HOURS: (gettext_lazy("It was outside the sending hours."), ""),
    Reason.HOLIDAY: (gettext_lazy("It was a holiday, on which nothing routine leaves."), ""),
    Reason.FREQUENCY_CAP: (
        gettext_lazy("The person has had enough texts for a while: at most %(day)s a day and %(week)s in seven days."),
        gettext_lazy("What matters most goes first; this one waits its turn."),
    ),
    Reason.NUMBER_CAP: (
        gettext_lazy("The law allows %(number)s texts to one number within 24 hours, and they have gone."),
        gettext_lazy("This one waits its turn."),
    ),
    Reason.NUMBER_CHANGED: (
        gettext_lazy("The number was changed after the text had been handed over."),
        gettext_lazy("It goes to the new number with the next pass."),
    ),
}
"""What it is; and what somebody could do or what follows, where there is something."""

_LIMITS = {"day": MOST_A_DAY, "week": MOST_A_WEEK, "number": MOST_A_NUMBER}

FIRST_WORDS = 8
"""By so many words of it somebody knows a text again."""

ENDS_THE_TEXT = frozenset(
    {reason for reason in Reason if reason.startswith("ended_")}
    | {
        Reason.RESCHEDULED, Reason.VISIT_DONE, Reason.LATE_ENTRY, Reason.SUPERSEDED, Reason.COVERED,
        Reason.STEP_REMOVED,
    }
)  # fmt: skip
"""Reasons that end a text by themselves; with the others it ends because its last day has passed."""


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def moment_words(moment: datetime) -> str:
    return f"{moment.astimezone(settings.ZONE):%d/%m/%Y %H:%M}"


def reason_words(reason: Reason, pause: Pause | None = None) -> tuple[str, str]:
    """What a reason means and what could be done; a pause says since when, by whom and why."""
    if reason == Reason.PAUSED and pause is not None:
        return _pause_words(pause)
    what, hand = REASONS[reason]
    return str(what) % _LIMITS, str(hand)


def _pause_words(pause: Pause) -> tuple[str, str]:
    user = pause.started_by
    words = {
        "since": moment_words(pause.started_at),
        "by": (f"{user.last_name} {user.first_name}".strip() or user.get_username()) if user else "",
        "why": pause.why.rstrip(". "),
    }
    what = _("Paused since %(since)s by %(by)s: %(why)s.") if user else _("Paused since %(since)s: %(why)s.")
    if is_told(pause):
        return what % words, _("It ends when the station has recorded what happened, or that it was a mistake.")
    return what % words, _("It goes on when a communication officer ends the pause.")


def joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def named(due_on: date, text: str) -> str:
    """Which text a sentence is about: its day and its first words, where there are words for her."""
    words = {"day": day_words(due_on), "words": Truncator(text).words(FIRST_WORDS)}
    return (_("Text of %(day)s, “%(words)s”:") if text else _("Text of %(day)s:")) % words


def several(count: int, campaign: str) -> str:
    """That a sentence is about several texts of a campaign."""
    sentence = ngettext("%(count)d text of “%(campaign)s”:", "%(count)d texts of “%(campaign)s”:", count)
    return sentence % {"count": count, "campaign": campaign}


def waits(row: ScheduledMessage, reason: Reason | None, again: datetime | None, pause: Pause | None) -> str:
    """A row that is due and has not left. `again`: when it is looked at again, where that is worth knowing."""
    last = _("It may leave until %(last)s.") % {"last": day_words(row.last_day)}
    if reason is None:
        due = _("It is due since %(due)s and leaves with the next pass of the worker.")
        return joined(due % {"due": moment_words(row.due_at)}, last)
    what, hand = reason_words(reason, pause)
    due = _("It is due since %(due)s and waits.") % {"due": moment_words(row.due_at)}
    retry = _("It is looked at again on %(again)s.") % {"again": moment_words(again)} if again else ""
    return joined(due, what, hand, retry, last)


def skipped(row: ScheduledMessage, pause: Pause | None = None) -> str:
    """A row that ended without a text."""
    reason = Reason(row.reason)
    what, _hand = reason_words(reason, pause)
    if reason in ENDS_THE_TEXT:
        return joined(_("It was not sent."), what)
    return joined(_("It was not sent."), what, _("Its last day was %(last)s.") % {"last": day_words(row.last_day)})


def told(row: ScheduledMessage) -> str:
    assert row.decided_at is not None, "a told row was decided"
    return _("It was told face to face on %(on)s.") % {"on": day_words(row.decided_at.astimezone(settings.ZONE).date())}


def handed_over(row: ScheduledMessage, sms: OutboundMessage) -> tuple[str, str]:
    """The kind, and the sentence, of a row that was handed over to the gateway."""
    words = {
        "to": sms.to,
        "at": moment_words(sms.sent_at or row.decided_at or row.due_at),
        "final": moment_words(sms.final_at or sms.sent_at or row.due_at),
        "error": f" ({sms.error_code})" if sms.error_code else "",
    }
    kind, sentence = {
        Status.QUEUED: ("waiting", _("It was handed over on %(at)s and is about to leave to %(to)s.")),
        Status.SENDING: ("waiting", _("It is leaving to %(to)s now.")),
        Status.SENT: ("got", _("It was sent to %(to)s on %(at)s; the operator's report is still awaited.")),
        Status.DELIVERED: ("got", _("It was sent to %(to)s on %(at)s and arrived on %(final)s.")),
        Status.UNKNOWN: (
            "got",
            _("It was sent to %(to)s on %(at)s; the operator gave no report, so it is not known whether it arrived."),
        ),
        Status.UNDELIVERED: ("not", _("It was sent to %(to)s on %(at)s and did not arrive%(error)s.")),
        Status.EXPIRED: ("not", _("It was sent to %(to)s on %(at)s, and the operator gave up%(error)s.")),
        Status.FAILED: ("not", _("It could not be sent to %(to)s%(error)s.")),
        Status.CANCELED: ("not", _("It was held back on %(final)s, before it left.")),
    }[Status(sms.status)]
    return kind, sentence % words


def will(due_at: datetime, obstacles: Sequence[str], reader: str = "") -> str:
    """A text ahead, with what stands in its way today, and who reads it in the person's place."""
    goes_to = _("It goes to %(name)s, the main caregiver.") % {"name": reader} if reader else ""
    sentence = _("It falls due on %(due)s and leaves then, within the sending hours and caps.")
    if obstacles:
        sentence = _("It falls due on %(due)s. As things stand it will not leave:")
    return joined(sentence % {"due": moment_words(due_at)}, *obstacles, goes_to)


def ended(campaign: str, reason: Reason) -> str:
    """A text that falls on a day, of a campaign that the person no longer follows."""
    what, hand = reason_words(reason)
    return joined(_("Nothing of the campaign “%(campaign)s” leaves any more.") % {"campaign": campaign}, what, hand)


def before_entry(day: date, entered: date, last_day: date) -> str:
    """A text whose window had closed when the person began to follow the campaign."""
    sentence = _(
        "By the dates of today it belongs to %(day)s and could leave until %(last)s. The person follows the campaign "
        "since %(entered)s, so it never fell due."
    )
    return sentence % {"day": day_words(day), "last": day_words(last_day), "entered": day_words(entered)}


def never_planned(day: date) -> str:
    sentence = _(
        "By the dates and texts of today it belongs to %(day)s, but it was not planned: a date was corrected or the "
        "text was published after its last day, or the worker did not run."
    )
    return sentence % {"day": day_words(day)}


def nothing(day: date, upcoming: tuple[date, str] | None, ahead: int, follows: bool) -> str:
    """A day without a text."""
    falls = _("Nothing falls on %(day)s.") % {"day": day_words(day)}
    if upcoming is not None:
        when, campaign = upcoming
        after = _("The next text is that of %(day)s (%(campaign)s).") % {"day": day_words(when), "campaign": campaign}
    elif follows:
        after = _("Nothing more is planned in the %(days)s days after it.") % {"days": ahead}
    else:
        after = _(
            "The person follows no campaign: that takes an ongoing pregnancy or a child under five, and a campaign "
            "that is live."
        )
    return joined(falls, after)
