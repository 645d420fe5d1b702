"""Long lists in pages that begin where the last one ended, also where a thousand rows share one moment."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

PAGE, MOST = 100, 1000


class Newest(BasePagination):
    """The newest first, by `moment` and id. `next` leads on; what comes in meanwhile shifts nothing."""

    moment = "queued_at"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        size = _size(request.query_params.get("page_size", ""))
        rows = queryset.order_by(f"-{self.moment}", "-id")
        try:
            if cursor := request.query_params.get("cursor"):
                rows = rows.filter(self._after(cursor))
            found = list(rows[: size + 1])
        except (ValueError, DjangoValidationError) as error:
            raise NotFound(_("There is no such page. Begin again without a cursor.")) from error
        self._next = self._address(request, found[size - 1]) if len(found) > size else None
        return found[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": "string", "nullable": True, "format": "uri"}
        return {"type": "object", "required": ["results"], "properties": {"next": following, "results": schema}}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From `next`."},
            {"name": "page_size", "in": "query", "schema": size},
        ]

    def _after(self, cursor: str) -> Q:
        moment, _bar, pk = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or "\0" in pk:
            raise ValueError("no cursor of ours")
        return Q(**{f"{self.moment}__lt": at}) | Q(**{self.moment: at, "id__lt": pk})

    def _address(self, request: Request, last: Any) -> str:
        cursor = base64.urlsafe_b64encode(f"{getattr(last, self.moment).isoformat()}|{last.pk}".encode()).decode()
        asked = {**{name: request.query_params.getlist(name) for name in request.query_params}, "cursor": [cursor]}
        return request.build_absolute_uri(f"{request.path}?{urlencode(asked, doseq=True)}")


def _size(asked: str) -> int:
    return min(MOST, max(1, int(asked))) if asked.isascii() and asked.isdigit() and len(asked) < 6 else PAGE
