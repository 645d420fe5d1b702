"""Who may open the pages of the gateway, said in words when the answer is no."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _


def administrators_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Sign-in first, then 403 in words for everybody who may not change routes."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.has_perm("messaging.change_route"):
            raise PermissionDenied(
                _("The routes to the operators are the administrator's work. Ask the administrator how they are.")
            )
        return view(request, *args, **kwargs)

    return guarded
