"""A register as a spreadsheet, sent by another system."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from recipients.api.access import WorksWithNames, caller
from recipients.api.errors import ERRORS
from recipients.api.serializers import UnitField
from recipients.errors import Refusal
from recipients.events import LOSSES
from recipients.models.consent import Source
from recipients.register_import.endings import BIRTH
from recipients.register_import.reader import RegisterError
from recipients.register_import.run import import_register


class RegisterIn(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="XLSX or CSV.")
    unit = UnitField(required=False, help_text="Code of the unit that rows without one belong to.")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Judge every row, write nothing.")


class RowOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Running number of the data row, from 1.")
    verdict = serializers.ChoiceField(choices=["accepted", "known", "refused"])
    reasons = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    anchor_date = serializers.DateField(allow_null=True)
    consent = serializers.BooleanField(allow_null=True)
    recorded = serializers.ChoiceField(
        choices=[BIRTH, *LOSSES],
        required=False,
        help_text="The outcome of the pregnancy that this row brought; in a dry run, would bring.",
    )
    warnings = serializers.ListField(child=serializers.CharField(), required=False, help_text="Stable codes.")
    sentences = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="The warnings in words: what happened, what to do."
    )


class RegisterOut(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    births = serializers.IntegerField(required=False, help_text="Rows whose live birth was recorded.")
    losses = serializers.IntegerField(required=False, help_text="Rows whose loss was recorded.")
    details = RowOut(many=True)
    unknown_headings = serializers.ListField(child=serializers.CharField(), required=False)
    left_out = serializers.ListField(child=serializers.CharField(), required=False, help_text="Sheets without heading.")


class RegisterViewSet(viewsets.ViewSet):
    """Antenatal registers."""

    permission_classes = (IsAuthenticated, WorksWithNames)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="registers_import",
        request={"multipart/form-data": RegisterIn},
        responses={200: RegisterOut, 400: ERRORS[400], 403: ERRORS[403]},
    )
    def create(self, request: Request) -> Response:
        """Imports a register: every row accepted, known or refused with its reasons. Safe to send again.

        How a pregnancy ended is recorded where the row says it without doubt; what is on record already is not changed.
        """
        given = RegisterIn(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        try:
            result = import_register(
                asked["file"],
                asked["file"].name,
                unit=asked.get("unit"),
                now=timezone.now(),
                by=caller(request),
                dry_run=asked["dry_run"],
                source=Source.IMPORT,
            )
        except RegisterError as error:
            raise Refusal(error.code, _(str(error)), field="file") from None
        return Response(result.as_json())
