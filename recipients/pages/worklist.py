"""The station's work list: what is open, the most urgent first; done with a line on what came of it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.forms.station import DoneForm
from recipients.models import Task
from recipients.models.consent import Source
from recipients.pages.access import registrars_only, user_of
from recipients.pages.steps import step
from recipients.templatetags.care import task_advice
from recipients.worklist import close_task, not_lost, tasks_visible_to

PAGE = 30


@registrars_only
def tasks(request: HttpRequest) -> HttpResponse:
    """The open tasks of the user's area by due date, of one kind or all."""
    open_ones = tasks_visible_to(user_of(request)).filter(done_at=None)
    counts = dict(open_ones.order_by().values_list("kind").annotate(Count("pk")))
    kind = request.GET.get("kind", "")
    found = open_ones.filter(kind=kind) if kind in Task.Kind else open_ones
    page = Paginator(found.order_by("due_at", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "now": timezone.now(),
        "kind": kind if kind in Task.Kind else "",
        "kinds": [(each.value, each.label, counts[each.value]) for each in Task.Kind if each.value in counts],
        "count": sum(counts.values()),
    }
    return render(request, "recipients/tasks.html", context)


@registrars_only
def task_close(request: HttpRequest, pk: int) -> HttpResponse:
    """One task is done. What is to be told is done on the person's page, where the texts are; of a loss told by SMS
    it is said here that it was none, for a loss is recorded on her page."""
    user = user_of(request)
    own = tasks_visible_to(user).exclude(kind=Task.Kind.TELL)
    task = get_object_or_404(own, pk=pk)
    form = DoneForm(request.POST if request.method == "POST" else None)
    kind = request.POST.get("kind", "")
    lost = task.kind == Task.Kind.LOSS_TOLD
    verb = not_lost if lost else close_task
    heading = _("It was a mistake: %(kind)s, %(name)s") if lost else _("Done: %(kind)s, %(name)s")
    mistake = _("Her texts go on from now. If there was a loss, go back and record it on her page instead.")
    return step(
        request,
        form,
        lambda: verb(task, now=timezone.now(), by=user, note=form.cleaned_data["note"], source=Source.PAGE),
        back=reverse("tasks") + (f"?kind={kind}" if kind in Task.Kind else ""),
        back_word=_("Tasks"),
        heading=heading % {"kind": task.get_kind_display(), "name": task.person.name},
        words=[str(task_advice(task)), *([mistake] if lost else [])],
        submit=_("It was a mistake") if lost else _("Done"),
        saved=_("Done: %(kind)s, %(name)s") % {"kind": task.get_kind_display(), "name": task.person.name},
    )
