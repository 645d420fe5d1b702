"""How much a route's delivery reports prove: an acknowledgement of the network is not a text on a phone."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from messaging.providers.base import UNKNOWN
from messaging.statuses import Status

HANDSET, NETWORK, NONE = "handset", "network", "none"
OTHERS = "*"


def counts_as(status: str, operator: str, trust: Mapping[str, str]) -> str:
    """What a reported `status` counts as, where `trust` (Route.report_trust) is by operator, "*" for the others.

    - handset, and where nothing is said: as reported.
    - network: `delivered` says that the operator's centre has the text, so it counts as `sent`, and becomes `unknown`
      when nothing more comes in time. Failures are believed.
    - none: reports are kept and change nothing.
    """
    if not trust:
        return status
    kind = trust.get(operator) or trust.get(OTHERS) or HANDSET
    if kind == NONE:
        return UNKNOWN
    return str(Status.SENT) if kind == NETWORK and status == Status.DELIVERED else status


def trust_problems(trust: object) -> list[str]:
    """Why `trust` cannot be a route's trust in reports, a sentence each."""
    kinds = (HANDSET, NETWORK, NONE)
    if isinstance(trust, dict) and all(isinstance(o, str) and o and kind in kinds for o, kind in trust.items()):
        return []
    return [
        _(
            "The trust in delivery reports is not an object of operators with handset, network or none. "
            'Write it like {"Viettel": "network", "*": "handset"}.'
        )
    ]
