"""What a refusal looks like: a stable code, a sentence, and the field that it is about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException


class SmsError(serializers.Serializer[Any]):
    """What went wrong and what to do about it."""

    code = serializers.CharField(help_text="Stable, for programs: `opted_out`, `key_used`, `invalid`...")
    sentence = serializers.CharField(help_text="For people, in the language that was asked for.")
    field = serializers.CharField(allow_null=True, help_text="The field that it is about, or null.")


ERRORS = {
    400: OpenApiResponse(SmsError, "Something in the request cannot be right."),
    401: OpenApiResponse(SmsError, "There is no token, or it is not valid."),
    403: OpenApiResponse(SmsError, "The access has not this right."),
    404: OpenApiResponse(SmsError, "Not there, or not yours."),
    429: OpenApiResponse(SmsError, "More calls than the access may make; `Retry-After` says when to go on."),
}


class Conflict(APIException):
    """Right in form, but it contradicts what is there."""

    status_code = 409
    default_code = "conflict"
    default_detail = _("This contradicts what is on record. Look at it, then try again.")


class NotTaken(APIException):
    """The gateway does not take the text: asking again does not help until the reason is gone."""

    status_code = 422
    default_code = "refused"
    default_detail = _("The text was not taken. Correct it.")
