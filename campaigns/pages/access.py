"""Who may open a page that shows a person, said in words when the answer is no."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from recipients.areas import may_see_names


def names_needed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages with names: sign-in first, then 403 in words for roles that work with figures only."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not may_see_names(request.user):
            raise PermissionDenied(
                _(
                    "Your role works with figures and texts, so the pages with people's names are closed to you. "
                    "Open the reach page, or ask the health station if you need to know about one person."
                )
            )
        return view(request, *args, **kwargs)

    return guarded
