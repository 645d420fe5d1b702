"""Stop messages to a person or to a number, and begin again: each with a page that says what will happen."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import record, stopping
from campaigns.pages.access import names_needed
from recipients.areas import people_visible_to
from recipients.errors import Refusal
from recipients.models import Person, User
from recipients.models.consent import Source
from recipients.phones import as_written, to_e164

ONLY_HER, NUMBER = "person", "number"


class StopForm(forms.Form):
    """How far the stop goes."""

    reach = forms.ChoiceField(label=gettext_lazy("What shall stop?"), widget=forms.RadioSelect)

    def __init__(self, *args: object, person: Person, others: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = []
        if person.phone:
            words = _("Everything to the number %(number)s") % {"number": as_written(person.phone)}
            if others:
                shared = ngettext(
                    "%(count)d other person on it will have to be asked again",
                    "%(count)d other people on it will have to be asked again",
                    others,
                )
                words += " (" + shared % {"count": others} + ")"
            choices.append((NUMBER, words))
        choices.append((ONLY_HER, _("Only the messages to %(name)s") % {"name": person.name}))
        field = self.fields["reach"]
        field.choices = choices  # type: ignore[attr-defined]
        field.initial = choices[0][0]


class ResumeForm(forms.Form):
    """Silence is not consent: somebody must have asked her."""

    agreed = forms.BooleanField(
        label=gettext_lazy("I have asked, and the person agrees to receive messages about mother and child health."),
        error_messages={"required": gettext_lazy("Messages begin only when the person agrees. Ask, then tick this.")},
    )


class NumberForm(forms.Form):
    """A number as people write it."""

    number = forms.CharField(
        label=gettext_lazy("Mobile number"),
        help_text=gettext_lazy("As the caller gives it, for example 0912 345 678. It need not be registered."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        """E.164, or the sentence that says what is wrong with it."""
        try:
            return to_e164(self.cleaned_data["number"])
        except ValueError as error:
            raise forms.ValidationError(_(str(error))) from None


@names_needed
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stops a person's messages, or everything to her number, after one question."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    others = Person.objects.filter(phone=person.phone).exclude(pk=pk).count() if person.phone else 0
    form = StopForm(_sent(request), person=person, others=others)
    if form.is_valid():
        stopped = stopping.stop_person(
            person, now=timezone.now(), source=Source.PAGE, by=_user(request),
            number_too=form.cleaned_data["reach"] == NUMBER,
        )  # fmt: skip
        messages.success(request, _("Nothing more is sent to %(name)s.") % {"name": person.name})
        _say_who_to_ask(request, stopped)
        return redirect("person", pk)
    return render(request, "campaigns/stop.html", {"person": person, "form": form}, status=_status(form))


@names_needed
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Records that a person agreed again, and opens her number."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    form = ResumeForm(_sent(request))
    if form.is_valid():
        try:
            stopping.resume_person(person, now=timezone.now(), source=Source.PAGE, by=_user(request))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("%(name)s receives messages from now on.") % {"name": person.name})
            return redirect("person", pk)
    return render(
        request,
        "campaigns/resume.html",
        {"person": person, "form": form, "door": record.door(person)},
        status=_status(form),
    )


@names_needed
def stop_number(request: HttpRequest) -> HttpResponse:
    """Closes a number that somebody gives on the hotline, registered or not."""
    form = NumberForm(_sent(request), initial={"number": request.GET.get("number", "")})
    if form.is_valid():
        number = form.cleaned_data["number"]
        stopped = stopping.stop_number(number, now=timezone.now(), source=Source.PAGE, by=_user(request))
        closed = _("The number %(number)s is closed. Nothing more is sent to it.")
        already = _("The number %(number)s was closed already. Nothing is sent to it.")
        messages.success(request, (closed if stopped.number_closed else already) % {"number": as_written(number)})
        _say_who_to_ask(request, stopped)
        return redirect("number-stop")
    return render(request, "campaigns/stop_number.html", {"form": form}, status=_status(form))


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, or None for a page that is only looked at. An empty form that was sent is still sent."""
    return request.POST if request.method == "POST" else None


def _status(form: forms.Form) -> int:
    """422 for a form that comes back with errors."""
    return 422 if form.errors else 200


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _say_who_to_ask(request: HttpRequest, stopped: stopping.Stopped) -> None:
    """Names those in the user's own area; the others are a task of their own stations."""
    keys = [person.pk for person in stopped.to_ask_again]
    names = list(people_visible_to(request.user).filter(pk__in=keys).values_list("name", flat=True))
    if names:
        sentence = _("Ask again whether they still want messages: %(names)s.") % {"names": ", ".join(names)}
        messages.warning(request, sentence)
