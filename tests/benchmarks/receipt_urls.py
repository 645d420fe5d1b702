"""The addresses of the product and one that does nothing, served by one process: `bench_receipts` compares them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

settings.ROOT_URLCONF = "tests.benchmarks.receipt_urls"

from config.wsgi import application  # noqa: E402

__all__ = ["application"]


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    """Reads what was posted and answers as the webhook does."""
    assert request.body
    return HttpResponse(status=204)


urlpatterns = [path("empty", empty), path("", include("config.urls"))]
