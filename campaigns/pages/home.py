"""Today: the day's figures, what needs a hand, and whether the machinery runs."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import attention, today
from campaigns.content import nextsteps
from campaigns.models import Reason
from campaigns.pages.access import names_needed
from recipients.areas import people_visible_to
from recipients.models import Task, User

KEEPERS = (User.Role.OFFICER, User.Role.ADMIN)
"""They see how routes and passes are; to the others it is a plain sentence at most."""

HEADINGS = {
    Task.Kind.LOSS_TOLD.value: (
        _("A loss was told by SMS"),
        _("Their texts are held. Call or visit each within 24 hours, then record the loss, or that it was a mistake."),
    ),
    Task.Kind.CALL_BACK.value: (_("They ask to be called"), _("Call each within 24 hours.")),
    Task.Kind.BIRTH_TOLD.value: (
        _("Births told by SMS"),
        _("Each birth is recorded with one child. Ask for name, weight and twins, and correct the day if it is wrong."),
    ),
    Task.Kind.WRONG_NUMBER.value: (
        _("Wrong numbers"),
        _("Whoever has the number wrote that it is the wrong one. Ask for the right one and write it down."),
    ),
    Task.Kind.DEAD_NUMBER.value: (
        _("Numbers at which texts no longer arrive"),
        _("Their texts wait. Ask each for the right number, or say on her page that it works again."),
    ),
    Task.Kind.LOSS.value: (
        _("Visit after a loss"),
        _("Visit each within 48 hours: how she is, danger signs, iron tablets, family planning when she wishes."),
    ),
    Task.Kind.OVERDUE.value: (
        _("Past the due date, no birth recorded"),
        _("Their texts are on hold. Ask what happened and record the birth or the loss."),
    ),
    Task.Kind.ASK_AGAIN.value: (
        _("To be asked again"),
        _("STOP came from their number. Ask each person whether messages are still wanted, then record the answer."),
    ),
    Task.Kind.TELL.value: (
        _("To be told face to face"),
        _("They cannot read texts, or there are none in their language. Their pages show what to say."),
    ),
    Task.Kind.MISSED_VISIT.value: (
        _("A planned visit was missed"),
        _("Ask what kept them away, then record the visit or agree on another day."),
    ),
    Task.Kind.CONFIRM.value: (
        _("Numbers to confirm"),
        _("Another number was recorded. Call it and confirm it on the person's page; until then no text leaves."),
    ),
    Reason.UNCONFIRMED.value: (
        _("Texts to numbers that nobody has confirmed"),
        _("The first text to them is a welcome without a name. Where it cannot go, call and confirm the number."),
    ),
    Reason.NO_PARAMETER.value: (
        _("Texts without a value"),
        _("A value in the text, such as the station's phone, is not set. An officer sets it on the page Parameters."),
    ),
    Reason.NO_TEXT.value: (
        _("Texts without words in their language"),
        _("There is no text in a language that applies. The communication officer adds it to the campaign."),
    ),
    Reason.NO_ROUTE.value: (
        _("No route for their number"),
        _("No route takes these texts. The administrator checks the routes and their number prefixes."),
    ),
    Reason.NOT_REGISTERED.value: (
        _("Words that are not registered"),
        _("The operator sends registered texts only. The administrator submits these on the page of the route."),
    ),
    Reason.NO_TAIL.value: (
        _("Texts that do not say how to stop"),
        _("They have to, and no words are set for that. The administrator writes them into the route."),
    ),
    Reason.PAUSED.value: (
        _("Paused texts"),
        _("They leave when the pause ends, unless their last day passes before. The page Pauses says who paused what."),
    ),
}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What the signed-in user's part of the province looks like now."""
    now = timezone.now()
    user: User = request.user  # type: ignore[assignment]
    keeper = user.is_superuser or user.role in KEEPERS
    figures = today.today(user.unit, now)
    return render(
        request,
        "campaigns/home.html",
        {
            "today": figures,
            "tasks": [(task, HEADINGS[task.kind][0]) for task in figures.tasks],
            "problems": [(problem, HEADINGS[problem.reason][0]) for problem in figures.problems],
            "machine": today.machine(now),
            "keeper": keeper,
            "revisions": len(nextsteps.waiting_for(user)),
        },
    )


@names_needed
def people_needing(request: HttpRequest, kind: str) -> HttpResponse:
    """The people behind one figure of the home page."""
    if kind not in HEADINGS:
        raise Http404
    people = attention.needing(kind, people_visible_to(request.user), timezone.now())
    page = Paginator(people.select_related("unit"), 50).get_page(request.GET.get("page"))
    heading, advice = HEADINGS[kind]
    return render(
        request,
        "campaigns/people_needing.html",
        {"page": page, "kind": kind, "heading": heading, "advice": advice, "of_tasks": kind in attention.TASKS},
    )
