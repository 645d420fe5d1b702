"""Setting a value for a unit from one day through another, ending it, and taking back one that has not begun."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.local import kinds, rules
from campaigns.local.catalogue import known
from campaigns.models import Parameter, Reason, ScheduledMessage
from campaigns.schedule.sendtime import local_day
from messaging.batches import batched
from recipients import areas
from recipients.errors import Refusal
from recipients.models import AdminUnit, User

DAY = timedelta(days=1)


def may_set(user: User, unit: AdminUnit | None) -> bool:
    """Officers and administrators, in their area; what counts for everybody, those of the whole country."""
    if not user.is_superuser and user.role not in (User.Role.OFFICER, User.Role.ADMIN):
        return False
    if unit is None:
        return user.unit is None
    return areas.units_visible_to(user).filter(pk=unit.pk).exists()


def visible_to(user: User) -> QuerySet[Parameter]:
    """The values that count in the user's area: those of its units, of the units above, and those for everybody."""
    rows = Parameter.objects.select_related("unit", "set_by")
    if user.unit is None:
        return rows.filter(Q(unit=None) | Q(unit__in=areas.units_visible_to(user)))
    above = areas.chain(user.unit.path)
    return rows.filter(Q(unit=None) | Q(unit__in=above) | Q(unit__path__startswith=user.unit.path))


def set_value(
    name: str,
    unit: AdminUnit | None,
    value: object,
    *,
    now: datetime,
    by: User | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Parameter:
    """The value counts for the unit and all below it, from `valid_from` (without it today) through `valid_to` (without
    it: until another is set).

    - The value that was in force on the first day ends on the eve. If it went on beyond the last day, it counts again
      after it.
    - Set for the very day on which another begins, it takes its place. The value that is in force anyway only gets
      another last day; the same again changes nothing.
    - What waited for the value is asked again in the next pass; rules of the schedule count from the next plan.
    Refusals: not_allowed, unknown_name, unit_ended, bad_value, in_the_past, ends_before, no_last_day (closed), overlaps
    (another begins in between).
    """
    row = draft(name, unit, value, now=now, by=by, valid_from=valid_from, valid_to=valid_to)
    try:
        with transaction.atomic():
            made = _write(row)
            _wake(unit)
            return made
    except IntegrityError:  # somebody else set it at this moment
        raise _overlaps(None) from None


def draft(
    name: str,
    unit: AdminUnit | None,
    value: object,
    *,
    now: datetime,
    by: User | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Parameter:
    """The value as it would be set, checked and not saved: to say what it would change, before anybody decides."""
    today = local_day(now, settings.ZONE)
    first = valid_from or today
    about = known().get(name)
    if about is None:
        raise Refusal("unknown_name", _("There is no parameter of this name. Choose one of the list."), field="name")
    if by is not None and not may_set(by, unit):
        raise _not_yours()
    if unit is not None and unit.valid_to is not None and unit.valid_to < first:
        sentence = _("This unit does not exist any more on that day. Choose one that is in force.")
        raise Refusal("unit_ended", sentence, field="unit")
    try:
        written = kinds.clean(about.kind, value, about.longest)
    except kinds.BadValue as error:
        raise Refusal("bad_value", _(str(error)) % {"longest": about.longest}, field="value") from None
    if first < today:
        sentence = _("A value counts from today or later, since texts of the past have left. Write today's date.")
        raise Refusal("in_the_past", sentence, field="valid_from")
    if valid_to is not None and valid_to < first:
        raise Refusal(
            "ends_before", _("The last day lies before the first one. Correct one of them."), field="valid_to"
        )
    if (name, written, valid_to) == (rules.CLOSED, kinds.YES, None):
        raise Refusal(
            "no_last_day",
            _("Say until when it is closed. A station that closes for good ends on the list of facilities."),
            field="valid_to",
        )
    row = Parameter(name=name, unit=unit, value=written, valid_from=first, valid_to=valid_to, set_at=now, set_by=by)
    if (between := _beginning_inside(row)) is not None:
        raise _overlaps(between)
    return row


def end(parameter: Parameter, *, last_day: date, now: datetime, by: User | None = None) -> Parameter:
    """The value counts through `last_day`, today at the earliest; after it what is set for a unit above.

    Refusals: not_allowed, in_the_past, ends_before, overlaps (where it would run into the next one).
    """
    today = local_day(now, settings.ZONE)
    with transaction.atomic():
        row = Parameter.objects.select_for_update(of=("self",)).select_related("unit").get(pk=parameter.pk)
        if by is not None and not may_set(by, row.unit):
            raise _not_yours()
        if row.valid_to == last_day:
            return row
        if last_day < today or (row.valid_to is not None and row.valid_to < today):
            raise Refusal(
                "in_the_past",
                _("What has counted until yesterday stays as it was. Choose today or a later day."),
                field="valid_to",
            )
        if last_day < row.valid_from:
            sentence = _("It begins only after that day. Take it back if it shall not count at all.")
            raise Refusal("ends_before", sentence, field="valid_to")
        row.valid_to = last_day
        if (between := _beginning_inside(row)) is not None:
            raise _overlaps(between)
        row.save(update_fields=["valid_to"])
    return row


def take_back(parameter: Parameter, *, now: datetime, by: User | None = None) -> None:
    """A value that begins today or later is removed; the one that ended on its eve to make room goes on in its place.

    Refusals: not_allowed, counts_already (it began before today: end it instead).
    """
    with transaction.atomic():
        row = Parameter.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=parameter.pk).first()
        if row is None:
            return
        if by is not None and not may_set(by, row.unit):
            raise _not_yours()
        if row.valid_from < local_day(now, settings.ZONE):
            sentence = _("It has counted since before today, and what was sent stays as it was. End it instead.")
            raise Refusal("counts_already", sentence, conflict=True)
        former = before(row)
        row.delete()
        if former is not None:
            following = _same(row).filter(valid_from__gt=row.valid_from).order_by("valid_from").first()
            former.valid_to = row.valid_to
            if following is not None and following.value == former.value and _touches(former, following):
                former.valid_to = following.valid_to
                following.delete()
            former.save(update_fields=["valid_to"])


def before(row: Parameter) -> Parameter | None:
    """The value that ends, or would end, on the eve of another."""
    eve = row.valid_from - DAY
    ending = Q(valid_to=None) | Q(valid_to__gte=eve)
    return _same(row).filter(ending, valid_from__lte=eve).exclude(pk=row.pk).order_by("-valid_from").first()


def counting_on(row: Parameter) -> Parameter | None:
    """The value of the same name and unit that is in force on the first day of another."""
    there = _same(row).filter(valid_from__lte=row.valid_from).exclude(pk=row.pk)
    return next((each for each in there if each.counts_on(row.valid_from)), None)


def below(unit: AdminUnit | None) -> QuerySet[Parameter]:
    """Everything that is set for a unit and below it, by unit, name and time; without a unit, everything."""
    rows = Parameter.objects.select_related("unit").order_by("unit__path", "name", "valid_from")
    return rows if unit is None else rows.filter(unit__path__startswith=unit.path)


def _write(row: Parameter) -> Parameter:
    """Makes room for a row and saves it; whatever it finds is locked, and the database refuses an overlap."""
    there = list(_same(row).select_for_update(of=("self",)).order_by("valid_from"))
    former = next((each for each in there if each.counts_on(row.valid_from)), None)  # counting_on, locked
    if former is None:
        row.save(force_insert=True)
        return row
    if former.value == row.value and former.valid_to == row.valid_to:
        return former
    rest = None
    if former.value != row.value and row.valid_to and (former.valid_to is None or former.valid_to > row.valid_to):
        rest = Parameter(
            name=row.name, unit=row.unit, value=former.value, valid_from=row.valid_to + DAY, valid_to=former.valid_to,
            set_at=former.set_at, set_by=former.set_by,
        )  # fmt: skip
    if former.valid_from == row.valid_from or former.value == row.value:
        former.value, former.valid_to = row.value, row.valid_to
        former.set_at, former.set_by = row.set_at, row.set_by
        former.save()
        row = former
    else:
        former.valid_to = row.valid_from - DAY
        former.save(update_fields=["valid_to"])
        row.save(force_insert=True)
    if rest is not None:
        rest.save(force_insert=True)
    return row


def _same(row: Parameter) -> QuerySet[Parameter]:
    return Parameter.objects.filter(name=row.name, unit=row.unit)


def _beginning_inside(row: Parameter) -> Parameter | None:
    """Another value of the name and unit that begins after the first day of a row and not after its last."""
    later = _same(row).filter(valid_from__gt=row.valid_from).exclude(pk=row.pk)
    if row.valid_to is not None:
        later = later.filter(valid_from__lte=row.valid_to)
    return later.order_by("valid_from").first()


def _touches(former: Parameter, following: Parameter) -> bool:
    return former.valid_to is not None and following.valid_from == former.valid_to + DAY


def _wake(unit: AdminUnit | None) -> None:
    """Has the texts that wait for a value be asked again, in the order of their keys."""
    rows = ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING, reason=Reason.NO_PARAMETER)
    if unit is not None:
        rows = rows.filter(person__unit__path__startswith=unit.path)
    held = rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    for some in batched(held):
        ScheduledMessage.objects.filter(pk__in=some).update(not_before=None)


def _not_yours() -> Refusal:
    sentence = _("This value is not yours to set. Ask a communication officer of the unit, or an administrator.")
    return Refusal("not_allowed", sentence)


def _overlaps(other: Parameter | None) -> Refusal:
    if other is None:
        sentence = _("Somebody else has just set this value. Look at it and set yours again if it is still needed.")
    else:
        sentence = _(
            "From %(day)s on “%(value)s” is set already. End yours on the day before, or take that one back first."
        ) % {"day": f"{other.valid_from:%d/%m/%Y}", "value": other.value}
    return Refusal("overlaps", sentence, field="valid_to", conflict=True)
