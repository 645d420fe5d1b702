"""Who calls, and what a refusal looks like in the description of the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from recipients.models import User


class Refused(serializers.Serializer[Any]):
    """What went wrong and what to do about it."""

    code = serializers.CharField(help_text="Stable, for programs: `not_allowed`, `wrong_state`, `invalid`...")
    sentence = serializers.CharField(help_text="For people, in the language that was asked for.")
    field = serializers.CharField(allow_null=True, help_text="The field that it is about, or null.")


ERRORS = {
    400: OpenApiResponse(Refused, "Something in the request cannot be right."),
    403: OpenApiResponse(Refused, "The account may not do this."),
    404: OpenApiResponse(Refused, "Not there, or outside the account's area."),
    409: OpenApiResponse(Refused, "Right in form, but the facts on record contradict it."),
}


def caller(request: Request) -> User:
    """The account that calls, of our own class."""
    assert isinstance(request.user, User)
    return request.user
