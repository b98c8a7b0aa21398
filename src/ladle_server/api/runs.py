"""Runs over HTTP: takes a dataset to collect, gives runs, how far they are, and their requests one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ladle
from ladle.errors import BadInput
from ladle.shapes import request_shape
from ladle_server.access.kinds import asker
from ladle_server.api import lists, shapes
from ladle_server.api.formats import boolean, object_of, shown, texts
from ladle_server.api.once import KEY, made_once
from ladle_server.catalog import control, discover, runs
from ladle_server.catalog.models import RequestedBy, Run
from ladle_server.catalog.telling_runs import told_run, told_runs

ONLY: tuple[Literal["failed", "slow"], ...] = ("failed", "slow")
BY = "the API"
KEYS = ("dataset", "parameters", "files", "afresh")


class Runs(APIView):
    """All runs, and new ones."""

    @extend_schema(
        responses={200: shapes.listed(shapes.RunShape), **shapes.problems(400)},
        parameters=shapes.WINDOW,
    )
    def get(self, request: Request) -> Response:
        """All runs, newest first, those of the command line too."""
        part = lists.window(request)
        discover.discover()
        known = Run.objects.all()
        results = list(told_runs(known[part.offset : part.offset + part.limit]))
        return lists.answer(request, part, count=known.count(), results=results)

    @extend_schema(
        request=shapes.NewRun,
        examples=[shapes.example({"dataset": "swapi/people"})],
        parameters=[KEY],
        responses={202: shapes.RunShape, **shapes.problems(400, 404, 409, 415)},
    )
    def post(self, request: Request) -> Response:
        """Start a run; it is at the address that Location gives."""
        lists.check_keys(request.query_params, ())
        body = _body(request.data)
        dataset, afresh = dataset_in(body), boolean(body, "afresh") or False
        parameters, files = parameters_in(body.get("parameters", {})), texts(body.get("files", {}), "files")

        def make() -> str:
            started = runs.start(
                dataset, requested_by=RequestedBy.API, parameters=parameters, files=files, afresh=afresh
            )
            return started.pk

        wish = {"dataset": dataset, "parameters": parameters, "files": files, "afresh": afresh}
        run = made_once(request, make, find=find, what="runs", wish=wish)
        headers = {"Location": reverse("api-run", args=[run.pk])}
        return Response(told_run(run), status=HTTPStatus.ACCEPTED, headers=headers)


class OneRun(APIView):
    """One run."""

    @extend_schema(responses={200: shapes.RunShape, **shapes.problems(400, 404)})
    def get(self, request: Request, run: str) -> Response:
        """How far a run is, what troubles it, and what became of it."""
        lists.check_keys(request.query_params, ())
        return Response(told_run(find(run)), headers={"Cache-Control": "no-store"})


class _Control(APIView, ABC):
    """What somebody wants of a run: answered with the run as it is then, 202 while what is in flight comes home."""

    state: str
    """What becomes of the run; until it has, the answer is a 202."""

    @extend_schema(
        request=None,
        responses={200: shapes.RunShape, 202: shapes.RunShape, **shapes.problems(400, 404, 409)},
    )
    def post(self, request: Request, run: str) -> Response:
        lists.check_keys(request.query_params, ())
        found = find(run)
        progress = self.carry_out(found, by=asker(request).or_else(BY))
        status = HTTPStatus.OK if progress.state == self.state else HTTPStatus.ACCEPTED
        return Response(told_run(found), status=status, headers={"Cache-Control": "no-store"})

    @abstractmethod
    def carry_out(self, run: Run, *, by: str) -> ladle.Progress:
        """Do it; `by` is said as the reason."""


class CancelRun(_Control):
    """End a run without a snapshot; what was collected stays to be looked at."""

    state = "cancelled"

    def carry_out(self, run: Run, *, by: str) -> ladle.Progress:
        """Raises Conflict for a run that has ended, or has its snapshot already."""
        return control.cancel(run, by=by)


class PauseRun(_Control):
    """Stop a run until it is resumed."""

    state = "paused"

    def carry_out(self, run: Run, *, by: str) -> ladle.Progress:
        """Raises Conflict for a run that has ended."""
        return control.pause(run, by=by)


class ResumeRun(_Control):
    """Let a run go on that was paused, failed or left."""

    state = "running"

    def carry_out(self, run: Run, *, by: str) -> ladle.Progress:
        """Raises Conflict for a run that is complete, incomplete or cancelled."""
        return control.resume(run)


class RequestsOfRun(APIView):
    """The requests of a run."""

    @extend_schema(
        parameters=[
            shapes.number(
                "after",
                "Only requests after this number: the last one seen.",
                default=0,
            ),
            shapes.number(
                "limit",
                "How many results.",
                default=lists.DEFAULT_LIMIT,
                most=lists.MOST,
            ),
            OpenApiParameter("only", enum=ONLY),
        ],
        responses={
            200: shapes.RequestShapeList,
            **shapes.problems(400, 404),
        },
    )
    def get(self, request: Request, run: str) -> Response:
        """Requests in the order in which they came back; `next` goes on after the last one. They are not counted."""
        query = request.query_params
        lists.check_keys(query, ("after", "limit", "only"))
        after = lists.whole_number(query, "after", default=0, least=0, most=lists.LARGEST)
        limit = lists.whole_number(query, "limit", default=lists.DEFAULT_LIMIT, least=1, most=lists.MOST)
        only = lists.word(query, "only", ONLY, of="kind of requests")
        opened = ladle.open_run(runs.home(), find(run).pk)
        found = opened.requests(after=after, limit=limit + 1, only=only)
        following = query.copy()
        if len(found) > limit:
            following["after"] = str(found[limit - 1].number)
        link = lists.address(request, f"?{following.urlencode()}") if len(found) > limit else None
        lines = [request_shape(line) for line in found[:limit]]
        headers = {"Link": f'<{link}>; rel="next"'} if link else {}
        return Response({"count": None, "next": link, "previous": None, "results": lines}, headers=headers)


def find(run_id: str) -> Run:
    """The run of that id, also one that the command line has just made; raises NotFound."""
    return discover.find(run_id, hint="See /api/v1/runs for all of them.")


def _body(body: Any) -> Mapping[str, Any]:
    return object_of(body, KEYS, hint='Send {"dataset": "swapi/people"}.')


def dataset_in(body: Mapping[str, Any]) -> str:
    """The dataset that a body names; raises BadInput."""
    dataset = body.get("dataset")
    if not isinstance(dataset, str):
        raise BadInput(
            f"The dataset is {shown(dataset)}.",
            hint='Send {"dataset": "swapi/people"}.',
        )
    return dataset


def parameters_in(value: Any) -> dict[str, str | int | float | bool]:
    """Parameters by name, as they stand in a body; raises BadInput that names what can be none."""
    if not isinstance(value, dict):
        raise BadInput(f'"parameters" is {shown(value)}.', hint='It is an object, like {"units": "metric"}.')
    for name, each in value.items():
        if not isinstance(each, (str, int, float)):
            raise BadInput(
                f'"parameters.{name[:100]}" is {shown(each)}.', hint="It is a text, a number, true or false."
            )
    return value
