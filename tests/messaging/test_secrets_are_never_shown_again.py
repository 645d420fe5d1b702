"""What a route signs in with goes in by the administration and never comes out."""

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from messaging.models import OutboundMessage, Route
from tests.messaging.texts import make_route, queue, route_form, send_all

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


def test_a_dump_holds_no_readable_secret_and_loads_again(tmp_path):
    make_route("twilio", "twilio", settings={"auth_token": SECRET})
    dump = tmp_path / "routes.json"
    call_command("dumpdata", "messaging.route", output=str(dump), verbosity=0)
    assert SECRET not in dump.read_text()
    Route.objects.all().delete()
    call_command("loaddata", str(dump), verbosity=0)
    assert Route.objects.get().settings["auth_token"] == SECRET


def test_after_a_change_of_the_key_the_former_one_still_opens(settings):
    make_route("twilio", "twilio", settings={"auth_token": SECRET})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert Route.objects.get().settings["auth_token"] == SECRET


def test_a_route_whose_key_is_gone_stops_no_other_and_is_entered_again(admin, now, settings):
    former = settings.SECRET_KEY
    lost = make_route("lost", settings={"profile": "calm"}, priority=1)
    settings.SECRET_KEY = "another key"
    make_route("well", priority=2)
    texts = queue(now, 2)
    OutboundMessage.objects.filter(pk=texts[0].pk).update(route=lost)
    OutboundMessage.objects.filter(pk=texts[1].pk).update(route=Route.objects.get(name="well"))
    send_all(now)
    send_all(now, 5)
    assert set(OutboundMessage.objects.values_list("status", "route__name")) == {("sent", "well")}
    admin.force_login(get_user_model().objects.get(is_superuser=True))  # a new key ends every session
    assert admin.get("/routes/").status_code == 200
    assert admin.get("/admin/messaging/route/").status_code == 200
    path = f"/admin/messaging/route/{lost.pk}/change/"
    assert admin.get(path).status_code == 200
    Route.objects.get(pk=lost.pk).save()
    settings.SECRET_KEY = former
    assert Route.objects.get(pk=lost.pk).settings["profile"] == "calm", "nothing was lost before it is entered again"
    settings.SECRET_KEY = "another key"
    admin.post(path, route_form(provider="sandbox", open_settings='{"profile": "ordinary"}'))
    assert Route.objects.get(pk=lost.pk).settings["profile"] == "ordinary"
