"""Every error of the API in one shape: a stable code, a sentence, and the field that it is about."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from recipients.errors import Refusal


class ErrorSerializer(serializers.Serializer[Any]):
    """What went wrong and what to do about it."""

    code = serializers.CharField(help_text="Stable, for programs: `known`, `date_out_of_range`, `invalid`...")
    sentence = serializers.CharField(help_text="For people, in the language that was asked for.")
    field = serializers.CharField(allow_null=True, help_text="The field that it is about, or null.")


FORBIDDEN = frozenset({"not_allowed", "not_yours"})
"""Codes of refusals that another account would not have got."""
ERRORS = {
    400: OpenApiResponse(ErrorSerializer, "Something in the request cannot be right."),
    403: OpenApiResponse(ErrorSerializer, "The account may not do this."),
    404: OpenApiResponse(ErrorSerializer, "Not there, or outside the account's area."),
    409: OpenApiResponse(ErrorSerializer, "Right in form, but the facts on record contradict it."),
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of the API (settings.REST_FRAMEWORK). What is not foreseen stays a 500."""
    if isinstance(error, Refusal):
        status = 403 if error.code in FORBIDDEN else 409 if error.conflict else 400
        body = {"code": error.code, "sentence": error.sentence, "field": error.field}
        return Response(body, status=status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, DjangoPermissionDenied):
        error = PermissionDenied(*([str(error)] if str(error) else []))
    assert isinstance(error, APIException)
    field, detail = _first(error.detail)
    code = "invalid" if isinstance(error, ValidationError) else getattr(detail, "code", error.default_code)
    response.data = {"code": code, "sentence": str(detail), "field": field}
    return response


def _first(detail: Any) -> tuple[str | None, Any]:
    """The first sentence of a tree of errors and the field it hangs on."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        deeper, sentence = _first(inner)
        own = None if name in ("non_field_errors", "detail") else str(name)
        return deeper or own, sentence
    if isinstance(detail, list):
        return _first(next((each for each in detail if each), ""))
    return None, detail
