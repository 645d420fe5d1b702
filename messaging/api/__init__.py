"""REST of the gateway for other systems, under /api/v1/sms/; docs/sms-api.md tells how to use it."""

from messaging.api import health, messages, optouts

urlpatterns = [*messages.urlpatterns, *optouts.urlpatterns, *health.urlpatterns]
