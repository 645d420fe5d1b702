"""The REST API against requests made from its own OpenAPI description: no input may end in a server error."""

import json
from typing import Any

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import callers
from messaging.models import ApiToken, OutboundMessage
from messaging.outgoing.routing import ensure_sandbox_route
from recipients.models import Person, User
from tests import people

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(SchemaGenerator().get_schema(public=True), default=str)))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


def plain(value: Any) -> Any:
    """A generated body as JSON can carry it; a file becomes its bytes as text."""
    return json.loads(json.dumps(value, default=lambda part: str(part)))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_server_error(operation, data, db, now):
    if not Person.objects.exists():
        unit = people.commune()
        people.lan(unit, now)
        people.be_an(unit, now)
        people.user(User.Role.OFFICER, unit.parent)
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="officer"), backend="django.contrib.auth.backends.ModelBackend")
    if "/sms/" in operation.path:  # for other systems, that sign in with a token of their own
        OutboundMessage.objects.filter(caller__isnull=False).delete()
        ApiToken.objects.all().delete()
        _token, written, _signing = callers.make_token("Schema", ApiToken.Scope.values, now=now, per_minute=100_000)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {written}"
        ensure_sandbox_route()
    case = data.draw(operation.as_strategy())
    path = operation.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", str(data.draw(st.sampled_from([value, 1, 2]))).replace("/", "-") or "0")
    answer = client.generic(
        case.method,
        path,
        json.dumps(plain(case.body)) if operation.body else "",
        content_type="application/json",
        query_params={name: str(value) for name, value in (case.query or {}).items()},
    )
    assert answer.status_code < 500, answer.content[:500]


def test_every_part_of_the_api_is_described():
    paths = {operation.path for operation in OPERATIONS}
    assert len(paths) > 15
    assert any("reach" in path for path in paths)
    assert sum("/sms/" in path for path in paths) == 8
