"""Values as a file: fetched for a unit and all below it, and loaded again with a verdict for every row."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.local import setting, sheets
from campaigns.pages import units
from campaigns.pages.asking import user_of
from recipients.errors import Refusal
from recipients.register_import.reader import RegisterError

FILES = {
    "xlsx": (sheets.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (sheets.to_csv, "text/csv; charset=utf-8"),
}


class FileForm(forms.Form):
    """A table of values."""

    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("XLSX or CSV."))


@login_required
def parameter_file(request: HttpRequest) -> HttpResponse:
    """The form, what became of a file, and with `?format=` the file itself."""
    user = user_of(request)
    unit = units.asked(user, request.GET.get("unit", ""))
    if (kind := request.GET.get("format", "")) in FILES:
        write, content_type = FILES[kind]
        response = HttpResponse(write(setting.below(unit)), content_type=content_type)
        name = f"tham-so-{unit.code}" if unit else "tham-so"
        response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        return response
    may_set = setting.may_set(user, unit)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "unit": unit, "may_set": may_set}
    if request.method == "POST" and may_set and form.is_valid():
        file, trial = form.cleaned_data["file"], "trial" in request.POST
        try:
            outcome = sheets.import_parameters(file, now=timezone.now(), by=user, dry_run=trial)
        except RegisterError as error:
            form.add_error("file", _(str(error)))
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            counts = {name: outcome.count(name) for name in ("accepted", "known", "refused")}
            context |= {"outcome": outcome, "counts": counts, "trial": trial, "filename": file.name}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "campaigns/parameter_file.html", context, status=status)


urlpatterns = [path("parameters/file/", parameter_file, name="parameter-file")]
