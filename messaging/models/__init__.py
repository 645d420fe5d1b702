"""The tables of the gateway. A number is its only idea of a person, `key` its only idea of a caller."""

from messaging.models.callers import ApiToken, Callback
from messaging.models.phones import Keyword, OperatorOutage, OperatorPrefix, OptOut, Phone
from messaging.models.routes import MessageClass, Route, RouteBucket, RouteHealth, RouteTemplate
from messaging.models.texts import Attempt, InboundMessage, OutboundMessage, Receipt

__all__ = [
    "ApiToken",
    "Attempt",
    "Callback",
    "InboundMessage",
    "Keyword",
    "MessageClass",
    "OperatorOutage",
    "OperatorPrefix",
    "OptOut",
    "OutboundMessage",
    "Phone",
    "Receipt",
    "Route",
    "RouteBucket",
    "RouteHealth",
    "RouteTemplate",
]
