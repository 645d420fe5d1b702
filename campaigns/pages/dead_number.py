"""A number was found to work after all: one question, one button."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import dead_numbers
from campaigns.pages.access import names_needed
from recipients.areas import people_visible_to
from recipients.errors import Refusal
from recipients.models import User
from recipients.models.consent import Source


class WorksForm(forms.Form):
    """Somebody must have reached her there."""

    reached = forms.BooleanField(
        label=gettext_lazy("I have reached the person on this number."),
        error_messages={"required": gettext_lazy("Texts go on only to a number that works. Call it, then tick this.")},
    )


@names_needed
def works(request: HttpRequest, pk: int) -> HttpResponse:
    """Records that a dead number works, so that the texts to it go on."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    form = WorksForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        try:
            dead_numbers.works_again(person, now=timezone.now(), source=Source.PAGE, by=request.user)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("It is saved. Texts to this number go on with the next pass."))
            return redirect("person", pk)
    context = {"person": person, "form": form, "dead": dead_numbers.is_dead(person)}
    return render(request, "campaigns/number_works.html", context, status=422 if form.errors else 200)


urlpatterns = [path("people/<int:pk>/number-works/", works, name="person-number-works")]
