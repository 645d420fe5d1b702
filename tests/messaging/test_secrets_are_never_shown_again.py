"""What a route signs in with goes in by the administration and never comes out."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from messaging.models import Route
from tests.messaging.texts import make_route, route_form

pytestmark = pytest.mark.django_db
SECRET = "the-token-nobody-may-read"


def test_a_secret_goes_in_and_never_comes_out(admin):
    answer = admin.post("/admin/messaging/route/add/", route_form(secret_auth_token=SECRET), follow=True)
    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()
    route = Route.objects.get()
    assert route.settings == {"account_sid": "AC1", "auth_token": SECRET}
    page = admin.get(f"/admin/messaging/route/{route.pk}/change/").content.decode()
    assert "AC1" in page
    assert SECRET not in page
    assert SECRET not in admin.get(f"/admin/messaging/route/{route.pk}/history/").content.decode()


def test_an_empty_field_keeps_the_secret_and_a_new_one_replaces_it(admin):
    route = make_route("twilio", "twilio", settings={"account_sid": "AC1", "auth_token": SECRET})
    path = f"/admin/messaging/route/{route.pk}/change/"
    assert admin.post(path, route_form(open_settings='{"account_sid": "AC2"}')).status_code == 302
    route.refresh_from_db()
    assert route.settings == {"account_sid": "AC2", "auth_token": SECRET}
    admin.post(path, route_form(secret_auth_token="another"))
    route.refresh_from_db()
    assert route.settings["auth_token"] == "another"


def test_a_secret_among_the_settings_is_refused_with_a_sentence(admin):
    answer = admin.post("/admin/messaging/route/add/", route_form(open_settings='{"auth_token": "x"}'))
    assert answer.status_code == 200
    assert not Route.objects.exists()
    answer = admin.post(
        "/admin/messaging/route/add/", route_form(provider="sandbox", open_settings='{"profile": "odd"}')
    )
    assert "There is no sandbox profile" in answer.content.decode()
    assert not Route.objects.exists()


def test_the_database_holds_no_readable_secret():
    make_route("twilio", "twilio", settings={"auth_token": SECRET})
    with connection.cursor() as cursor:
        cursor.execute("SELECT settings FROM messaging_route")
        assert SECRET not in cursor.fetchone()[0]


def test_checks_tell_at_start_what_cannot_work(settings):
    settings.BEFORE_SEND = "campaigns.nowhere.at_all"
    settings.LIVE_SENDING = True
    settings.PUBLIC_URL = "http://example.org"
    make_route("strange", "pigeon")
    ids = {problem.id for problem in run_checks(databases=["default"])}
    assert {"messaging.E001", "messaging.E002", "messaging.W001"} <= ids
    settings.BEFORE_SEND = ""
    settings.LIVE_SENDING = False
    Route.objects.all().delete()
    ids = {problem.id for problem in run_checks(databases=["default"])}
    assert not ids & {"messaging.E001", "messaging.E002", "messaging.W001"}
