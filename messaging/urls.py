"""The addresses that providers call. Those of providers that sign nothing end in a secret. And the pages of routes."""

from django.urls import path

from messaging import webhooks
from messaging.pages import route, routes

urlpatterns = [
    path("sms/<int:route_id>/status", webhooks.status, name="sms-status"),
    path("sms/<int:route_id>/status/<str:secret>", webhooks.status, name="sms-status-secret"),
    path("sms/<int:route_id>/status/<uuid:message_id>/<str:secret>", webhooks.status, name="sms-status-of"),
    path("sms/<int:route_id>/inbound", webhooks.incoming, name="sms-inbound"),
    path("sms/<int:route_id>/inbound/<str:secret>", webhooks.incoming, name="sms-inbound-secret"),
    *routes.urlpatterns,
    *route.urlpatterns,
]
