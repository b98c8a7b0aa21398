"""Questions over HTTP: takes the name of one that is worked on, gives nothing: it is stopped."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import NotFound
from ladle_server.api import lists, shapes


class OneQuestion(APIView):
    """A question about a snapshot's whole table that is worked on."""

    @extend_schema(responses={204: None, **shapes.problems(400, 404)})
    def delete(self, request: Request, question: str) -> Response:
        """Stop it, for all who wait for its answer; its address is in the 202. Who asks again begins it anew."""
        lists.check_keys(request.query_params, ())
        if not ladle.stop_question(question):
            told = f'No question "{question[:60]}" is worked on here.'
            raise NotFound(told, hint="It is answered, or was stopped: ask it again to know.")
        return Response(status=HTTPStatus.NO_CONTENT)
