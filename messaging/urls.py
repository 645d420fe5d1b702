"""The addresses that providers call."""

from django.urls import path

from messaging import webhooks

urlpatterns = [
    path("sms/<int:route_id>/status", webhooks.status, name="sms-status"),
    path("sms/<int:route_id>/inbound", webhooks.incoming, name="sms-inbound"),
]
