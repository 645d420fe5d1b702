"""Loading a register: choose the file, look at every verdict, take the refused rows home."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recipients.forms.station import ImportForm
from recipients.models.consent import Source
from recipients.pages.access import registrars_only, user_of
from recipients.register_import.reader import RegisterError
from recipients.register_import.result import ImportResult, write_refused
from recipients.register_import.run import import_register

SHOWN = 200
KEPT = timedelta(days=1)
"""How long a spreadsheet of refused rows can be fetched: it holds names and numbers."""

REASONS = {
    "date_invalid": gettext_lazy("A date or the weeks of gestation cannot be read"),
    "date_out_of_range": gettext_lazy("A date lies in the future, or the pregnancy is past 43 weeks"),
    "name_missing": gettext_lazy("The name is missing"),
    "no_anchor_date": gettext_lazy("Nothing says how far the pregnancy is"),
    "phone_invalid": gettext_lazy("The telephone number is not one"),
    "outcome_contradictory": gettext_lazy("What it says of the end of the pregnancy contradicts itself"),
    "pregnancy_over": gettext_lazy("The pregnancy had ended before it was ever registered"),
    "unit_unknown": gettext_lazy("The commune is unknown or outside your area"),
}
VERDICTS = {
    "refused": gettext_lazy("Refused"),
    "known": gettext_lazy("Known already"),
    "accepted": gettext_lazy("Accepted"),
}


@registrars_only
def register_import(request: HttpRequest) -> HttpResponse:
    """The form; after sending it, or trying it out, the verdicts."""
    user = user_of(request)
    form = ImportForm(request.POST or None, request.FILES or None, user=user)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        file, now = form.cleaned_data["file"], timezone.now()
        trial = "trial" in request.POST
        try:
            result = import_register(
                file, file.name, unit=form.cleaned_data["unit"], now=now, by=user, dry_run=trial, source=Source.IMPORT
            )
        except RegisterError as error:
            form.add_error("file", _(str(error)))
        else:
            context |= _verdicts(request, result, now, trial, file.name)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "recipients/register_import.html", context, status=status)


@registrars_only
def refused_rows(request: HttpRequest, token: uuid.UUID) -> FileResponse:
    """The spreadsheet of refused rows, for the session that loaded the register, for a day."""
    path = _place(token)
    if str(token) not in request.session.get("refused", []) or not path.exists():
        raise Http404(_("These rows are no longer here. Load the register again: what is known stays known."))
    return FileResponse(path.open("rb"), as_attachment=True, filename=_("refused-rows.xlsx"))


def _verdicts(
    request: HttpRequest, result: ImportResult, now: datetime, trial: bool, filename: str
) -> dict[str, object]:
    """What the page shows: what to look at, then the rows, refused ones first, each kind cut at SHOWN."""
    token = _keep_refused(request, result, now) if result.refused else None
    groups = []
    for verdict, words in VERDICTS.items():
        rows = [detail for detail in result.details if detail.verdict == verdict]
        reasons = [(row, [REASONS[reason] for reason in row.parsed.reasons]) for row in rows[:SHOWN]]
        if rows:
            groups.append({"verdict": verdict, "words": words, "rows": reasons, "more": max(len(rows) - SHOWN, 0)})
    doubts = [detail for detail in result.details if detail.sentences]
    return {"result": result, "groups": groups, "doubts": doubts[:SHOWN], "more_doubts": max(len(doubts) - SHOWN, 0),
            "token": token, "trial": trial, "filename": filename}  # fmt: skip


def _keep_refused(request: HttpRequest, result: ImportResult, now: datetime) -> uuid.UUID:
    token = uuid.uuid4()
    path = _place(token)
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("*.xlsx"):
        if old.stat().st_mtime < (now - KEPT).timestamp():
            old.unlink(missing_ok=True)
    write_refused(result, path)
    request.session["refused"] = [*request.session.get("refused", [])[-9:], str(token)]
    return token


def _place(token: uuid.UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / "refused" / f"{token}.xlsx"
