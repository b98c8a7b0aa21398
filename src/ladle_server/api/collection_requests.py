"""The weather of all cities under the caller's own id: takes POST and GET on /collection-request, gives the outcome.

A POST is answered when the collection has ended. Until then it is one coroutine on the event loop (`catalog.watch`);
with `Prefer: respond-async` it is answered at once. The run belongs to the worker: no client can harm it by leaving.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle.errors import BadInput, Busy, LadleError, SettingError
from ladle_server.access import audit
from ladle_server.access.places import PLACES, TooMany
from ladle_server.access.rates import client
from ladle_server.access.staying import ShownOut, pass_of, waited
from ladle_server.api import lists, shapes
from ladle_server.api.errors import BEARER, problem, problem_response, status_of
from ladle_server.api.formats import PROBLEM, shown
from ladle_server.catalog import requests, runs, watch
from ladle_server.catalog.ids import LARGEST_ID
from ladle_server.catalog.models import CollectionRequest
from ladle_server.catalog.reaching import fresh
from ladle_server.for_now import for_now

_starting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="start")
"""Starting a run writes and syncs files: a rush of new requests queues here, not in front of those who only look."""


class Started(Response):
    """The answer to a POST whose client wants to wait: never sent, it says what to wait for."""

    def __init__(self, request: CollectionRequest) -> None:
        super().__init__()
        self.collection_request = request


class CollectionRequests(APIView):
    """All collection requests, and new ones."""

    @extend_schema(
        responses={200: shapes.listed(shapes.CollectionRequestLine), **shapes.problems(400)},
        parameters=shapes.WINDOW,
    )
    def get(self, request: Request) -> Response:
        """All collection requests, newest first."""
        part = lists.window(request)
        known = CollectionRequest.objects.select_related("run")
        lines = [_line(each) for each in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=known.count(), results=lines)

    @extend_schema(
        request=shapes.NewCollectionRequest,
        examples=[shapes.example({"id": 1})],
        parameters=[OpenApiParameter("Prefer", location="header", description="`respond-async`: answer at once.")],
        responses={
            201: shapes.Done,
            202: shapes.Accepted,
            **shapes.problems(400, 409, 415, 503),
            **shapes.problems(502, shape=shapes.ProblemWithGaps),
        },
    )
    def post(self, request: Request) -> Response:
        """Collect the weather of all cities; answered when it is done, or at once with `Prefer: respond-async`."""
        lists.check_keys(request.query_params, ())
        number = chosen_id(request.data)
        try:
            begun = requests.begin(number)
        except SettingError as error:
            return _failed(str(error), [])
        # Now, not when it is answered: a client that waits may go away, and the collection goes on.
        audit.tell(request, "start a run", f"{begun.run_id} of {begun.run.dataset}, as collection request {number}")
        if not wants_no_wait(request.headers.get("Prefer", "")):
            return Started(begun)
        where = reverse("collection-request-progress", args=[number])
        headers = {"Location": where, "Preference-Applied": "respond-async"}
        return Response(
            {"id": number, "progress": where},
            status=HTTPStatus.ACCEPTED,
            headers=headers,
        )


class OneCollectionRequest(APIView):
    """One collection request and what it has collected."""

    @extend_schema(
        parameters=[shapes.numbered("number")],
        responses={200: shapes.CollectionRequestDetail, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, number: str) -> Response:
        """What is collected so far, in the order of the city list."""
        lists.check_keys(request.query_params, ())
        found = requests.get(number)
        weather = requests.weather(found)
        return Response({"id": found.pk, "created_at": written(found), "city_weather_info": weather})


class Progress(APIView):
    """How far a collection request is."""

    @extend_schema(
        parameters=[shapes.numbered("number")],
        responses={200: shapes.CollectionRequestProgress, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, number: str) -> Response:
        """Cities done / all cities, from 0 to 1."""
        lists.check_keys(request.query_params, ())
        return Response({"result": requests.share_done(requests.get(number))})


def chosen_id(body: Any) -> int:
    """The id in a POST's body: a positive integer of 64 bits at most, and nothing that only looks like one."""
    if not isinstance(body, dict):
        raise BadInput("The body is not a JSON object.", hint='Send {"id": 1}.')
    if "id" not in body:
        raise BadInput("The id is missing.", hint='Send {"id": 1}.')
    number = body["id"]
    if type(number) is not int or not 1 <= number <= LARGEST_ID:  # True is an int to isinstance
        raise BadInput(f"The id {shown(number)} is not a whole number from 1 to {LARGEST_ID}.")
    return number


def wants_no_wait(prefer: str) -> bool:
    """Whether a Prefer header (RFC 7240) holds `respond-async`, among whatever else."""
    preferences = (part.partition(";")[0].strip().lower() for part in prefer.split(","))
    return "respond-async" in preferences


def written(request: CollectionRequest) -> str:
    """`2021-06-27T01:55:00.255890Z`: always six digits of a second."""
    return f"{request.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _line(request: CollectionRequest) -> dict[str, object]:
    return {
        "id": request.pk,
        "created_at": written(request),
        "state": request.run.state,
        "run": request.run_id,
    }


def _failed(reason: str, gaps: list[dict[str, str]], **more: object) -> Response:
    body = problem(HTTPStatus.BAD_GATEWAY, reason, gaps=gaps, **more)
    return Response(body, status=HTTPStatus.BAD_GATEWAY, content_type=PROBLEM)


class Outcome(APIView):
    """The answer to a client that waited."""

    def post(self, request: Request, number: int) -> Response:
        """What a collection that has ended came to."""
        found = requests.get(str(number))
        if requests.succeeded(found):
            return Response({"value": "OK"}, status=HTTPStatus.CREATED)
        reason = found.run.reason or "The collection ended with gaps."
        kept = f"What was collected is kept: GET /collection-request/{number}."
        return _failed(f"{reason.rstrip('.')}. {kept}", requests.gaps(found))


def _let_go(number: int) -> HttpResponse:
    detail = f"The server ends; the next one goes on with this collection. Ask /collection-request/{number}/progress."
    return for_now(problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail))


def _shown_out(number: int) -> HttpResponse:
    detail = f"The token or session that you came with has ended. Collection request {number} goes on without you."
    response = problem_response(HTTPStatus.UNAUTHORIZED, detail)
    response["WWW-Authenticate"] = BEARER
    return response


def _no_place(error: LadleError) -> HttpResponse:
    """Nothing was started: who comes again with the same id starts it then."""
    hint = "Come again in a few seconds, or send Prefer: respond-async, which is answered at once."
    return for_now(problem_response(status_of(error), f"{error.message} {hint}"), error)


def _start(request: HttpRequest) -> HttpResponseBase:
    """In a thread of its own, whose connection to the database nobody else looks after."""
    return fresh(_list_or_start, request)


_list_or_start = CollectionRequests.as_view()
_outcome = Outcome.as_view()
one = OneCollectionRequest.as_view()
progress = Progress.as_view()


@csrf_exempt  # its body is JSON or refused, and another site's JSON is never sent without asking first
async def collection(request: HttpRequest) -> HttpResponseBase:
    """GET and POST on /collection-request: starting and looking happen in threads, waiting on the loop."""
    if request.method != "POST":
        return await sync_to_async(_list_or_start)(request)
    if wants_no_wait(request.headers.get("Prefer", "")):
        return await sync_to_async(_start, thread_sensitive=False, executor=_starting)(request)
    try:
        with PLACES.held(client(request), settings.LADLE_WAITING):
            return await _wait(request)
    except (Busy, TooMany) as error:
        return _no_place(error)


async def _wait(request: HttpRequest) -> HttpResponseBase:
    response = await sync_to_async(_start, thread_sensitive=False, executor=_starting)(request)
    if not isinstance(response, Started):
        return response
    begun = response.collection_request
    try:
        await waited(watch.ended(begun.run_id, live=runs.live_ids), by=pass_of(request))
    except watch.LetGo:
        return _let_go(begun.pk)
    except ShownOut:
        return _shown_out(begun.pk)
    return await sync_to_async(_outcome)(request, begun.pk)


# Where drf-spectacular looks for the description of a view.
collection.__dict__.update(cls=CollectionRequests, initkwargs={})
