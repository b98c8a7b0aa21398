"""The audit log over HTTP: takes whose deeds are wanted, gives who did what, newest first."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle_server.access.audit import read
from ladle_server.access.telling import deed_told
from ladle_server.api import lists, shapes, shapes_of_access


class AuditLog(APIView):
    """Who did what."""

    @extend_schema(
        responses={200: shapes.listed(shapes_of_access.DeedShape), **shapes.problems(400)},
        parameters=[*shapes.WINDOW, OpenApiParameter("who", description="Of this user alone.")],
    )
    def get(self, request: Request) -> Response:
        """All deeds, newest first, for staff: never a body, a header or a password."""
        part = lists.window(request, known=("who",))
        known = read(who=request.query_params.get("who", ""))
        results = [deed_told(row) for row in known[part.offset : part.offset + part.limit]]
        page = lists.page(request, part, count=known.count(), results=results)
        return Response(page, headers={"Cache-Control": "no-store"})
