"""What every page needs to know about this deployment and about the one who looks at it."""

from django.conf import settings
from django.http import HttpRequest

from recipients.areas import may_register, may_see_names


def deployment(request: HttpRequest) -> dict[str, object]:
    """`live_sending` decides the banner on every page; `brand` is the name in the texts; the others decide the menu.

    Error pages are rendered with it too, possibly before anybody was recognised.
    """
    user = getattr(request, "user", None)
    return {
        "live_sending": settings.LIVE_SENDING,
        "brand": settings.BRAND,
        "sees_people": user is not None and may_see_names(user),
        "registers_people": user is not None and may_register(user),
    }
