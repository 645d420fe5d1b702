"""What an SMS part costs on the routes of this deployment."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from messaging.models import Route
from messaging.outgoing.routing import SANDBOX


@dataclass(frozen=True)
class PartPrice:
    """The cheapest and the dearest route that sends now; the way of one text depends on its number."""

    least: Decimal
    most: Decimal
    currency: str


def part_price() -> PartPrice | None:
    """Prices of the enabled routes, in the currency of the first of them; None where nothing has a price.

    With LIVE_SENDING the simulated operator does not count.
    """
    routes = Route.objects.filter(enabled=True, price__gt=0)
    if settings.LIVE_SENDING:
        routes = routes.exclude(provider=SANDBOX)
    found = list(routes.order_by("priority", "pk").values_list("price", "currency"))
    if not found:
        return None
    currency = found[0][1]
    prices = [price for price, said in found if said == currency]
    return PartPrice(min(prices), max(prices), currency)
