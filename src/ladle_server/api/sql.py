"""SQL over HTTP: takes a snapshot and one SELECT in a POST's body, gives a page of its result.

A query waits for its turn and runs while its request is one coroutine on the event loop (`catalog.queries`); a client
that closes its connection ends it.
"""

from __future__ import annotations

from uuid import uuid4

import orjson
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import BadInput, LadleError
from ladle.shapes import selected_shape
from ladle_server.api import lists, shapes, shapes_of_data
from ladle_server.api.errors import problem_response, status_of
from ladle_server.api.formats import object_of, shown
from ladle_server.api.snapshots import find
from ladle_server.catalog import queries
from ladle_server.for_now import for_now

_HINT = 'Send {"query": "SELECT * FROM data LIMIT 10"}.'


class Asked(Response):
    """The answer to a request that is right: never sent, it says what to run."""

    def __init__(self, request: Request, *, snapshot: ladle.Snapshot, query: str, part: lists.Window) -> None:
        super().__init__()
        self.asked, self.snapshot, self.query, self.part = request, snapshot, query, part

    def run(self, wanted: queries.Wanted) -> ladle.Selected:
        """The page of the result."""
        return self.snapshot.sql(self.query, offset=self.part.offset, limit=self.part.limit, wanted=wanted)

    def page(self, selected: ladle.Selected) -> HttpResponse:
        """The page of the result as JSON."""
        shape = selected_shape(selected)
        page = lists.page(self.asked, self.part, count=selected.total, results=shape["results"])
        links = lists.link_header(self.asked, self.part, count=selected.total)
        return HttpResponse(orjson.dumps(shape | page), content_type="application/json", headers=links)


class SqlOfSnapshot(APIView):
    """People's own SQL."""

    @extend_schema(
        request=shapes_of_data.QueryShape,
        examples=[shapes.example({"query": "SELECT * FROM data LIMIT 10"})],
        parameters=shapes.WINDOW,
        responses={200: shapes_of_data.SelectedShape, **shapes.problems(400, 404, 415, 503)},
    )
    def post(self, request: Request, snapshot: str) -> Response:
        """A page of the result of one SELECT on the table `data`, run apart within bounds; it can change nothing."""
        part = lists.window(request)
        return Asked(request, snapshot=find(snapshot), query=_query(request.data), part=part)


_asked = SqlOfSnapshot.as_view()


@csrf_exempt  # its body is JSON or refused, and another site's JSON is never sent without asking first
async def sql(request: HttpRequest, snapshot: str) -> HttpResponseBase:
    """POST …/sql: reading the request happens in a thread, waiting on the loop."""
    asked = await sync_to_async(_asked)(request, snapshot=snapshot)
    if not isinstance(asked, Asked):
        return asked
    ticket = uuid4().hex
    try:
        return asked.page(await queries.in_turn(asked.run, ticket=ticket))
    except queries.InLine as in_line:
        return _refused(queries.sent_away(ticket, in_line))
    except LadleError as error:
        return _refused(error)


# Where drf-spectacular looks for the description of a view.
sql.__dict__.update(cls=SqlOfSnapshot, initkwargs={})


def _refused(error: LadleError) -> HttpResponse:
    return for_now(problem_response(status_of(error), str(error)), error)


def _query(body: object) -> str:
    told = object_of(body, ("query",), hint=_HINT)
    query = told.get("query")
    if not isinstance(query, str):
        raise BadInput(f'"query" is {shown(query)}.' if "query" in told else "The query is missing.", hint=_HINT)
    return query
