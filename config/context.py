"""What every page needs to know about this deployment and about the one who looks at it."""

from django.conf import settings
from django.http import HttpRequest

from campaigns import inbox
from recipients.areas import may_register, may_see_names


def deployment(request: HttpRequest) -> dict[str, object]:
    """`live_sending` decides the banner on every page; `brand` is the name in the texts; the others decide the menu.
    `inbox_waiting` counts, when a page asks, the texts that wait for the reader of an inbox; None for who has none.

    Error pages are rendered with it too, possibly before anybody was recognised.
    """
    user = getattr(request, "user", None)
    reads_inbox = user is not None and inbox.reads_inbox(user)
    return {
        "live_sending": settings.LIVE_SENDING,
        "brand": settings.BRAND,
        "sees_people": user is not None and may_see_names(user),
        "registers_people": user is not None and may_register(user),
        "inbox_waiting": (lambda: inbox.waiting(inbox.visible_to(user)).count()) if reads_inbox else None,
    }
