"""Schedules over HTTP: takes when to collect what, gives each with its next times and what came of the last."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle.errors import BadInput
from ladle_server.api import lists, shapes, shapes_of_schedules
from ladle_server.api.formats import boolean, object_of, shown, texts
from ladle_server.api.once import KEY, made_once
from ladle_server.api.runs import dataset_in, parameters_in
from ladle_server.catalog import schedules
from ladle_server.catalog.models import Schedule
from ladle_server.catalog.reaching import storable
from ladle_server.catalog.telling import told

NUMBER = shapes.numbered("schedule")
CHANGES = ("cron", "time_zone", "parameters", "files", "missed", "paused")


class Schedules(APIView):
    """All schedules, and new ones."""

    @extend_schema(
        responses={200: shapes.listed(shapes_of_schedules.ScheduleShape), **shapes.problems(400)},
        parameters=[*shapes.WINDOW, OpenApiParameter("dataset", description="Of this dataset alone: `swapi/people`.")],
    )
    def get(self, request: Request) -> Response:
        """All schedules, by dataset."""
        part = lists.window(request, known=("dataset",))
        known = Schedule.objects.all()
        if "dataset" in request.query_params:
            known = known.filter(dataset=storable(request.query_params["dataset"]))
        results = [told(row) for row in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=known.count(), results=results)

    @extend_schema(
        request=shapes_of_schedules.NewSchedule,
        examples=[shapes.example({"dataset": "swapi/people", "cron": "0 5 * * *", "time_zone": "Europe/Berlin"})],
        parameters=[KEY],
        responses={201: shapes_of_schedules.ScheduleShape, **shapes.problems(400, 404, 409, 415)},
    )
    def post(self, request: Request) -> Response:
        """Have a dataset collected by itself; the schedule is at the address that Location gives."""
        lists.check_keys(request.query_params, ())
        body = _body(request.data, ("dataset", *CHANGES))
        dataset, wish = dataset_in(body), _wish(body)

        def make() -> str:
            return str(schedules.add(dataset, wish).pk)

        row = made_once(request, make, find=schedules.get, what="schedules", wish=dict(body))
        headers = {"Location": reverse("api-schedule", args=[row.pk])}
        return Response(told(row), status=HTTPStatus.CREATED, headers=headers)


class OneSchedule(APIView):
    """One schedule."""

    @extend_schema(parameters=[NUMBER], responses={200: shapes_of_schedules.ScheduleShape, **shapes.problems(400, 404)})
    def get(self, request: Request, schedule: str) -> Response:
        """When it is due next, and what came of the last times."""
        lists.check_keys(request.query_params, ())
        return Response(told(schedules.get(schedule)), headers={"Cache-Control": "no-store"})

    @extend_schema(
        parameters=[NUMBER],
        request=shapes_of_schedules.ChangedSchedule,
        responses={200: shapes_of_schedules.ScheduleShape, **shapes.problems(400, 404, 415)},
    )
    def patch(self, request: Request, schedule: str) -> Response:
        """Change what is named, and leave the rest; `paused` pauses it and lets it go on."""
        lists.check_keys(request.query_params, ())
        return Response(told(schedules.change(schedule, _wish(_body(request.data, CHANGES)))))

    @extend_schema(parameters=[NUMBER], responses={204: None, **shapes.problems(400, 404)})
    def delete(self, request: Request, schedule: str) -> Response:
        """Forget the schedule and what came of it; its runs and snapshots stay."""
        lists.check_keys(request.query_params, ())
        schedules.remove(schedule)
        return Response(status=HTTPStatus.NO_CONTENT)


def _body(body: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    return object_of(body, known, hint='Send {"dataset": "swapi/people", "cron": "@daily"}.')


def _wish(body: Mapping[str, Any]) -> schedules.Wish:
    return schedules.Wish(
        cron=_text(body, "cron"),
        time_zone=_text(body, "time_zone"),
        parameters=parameters_in(body["parameters"]) if "parameters" in body else None,
        files=texts(body["files"], "files") if "files" in body else None,
        missed=_text(body, "missed"),
        paused=boolean(body, "paused"),
    )


def _text(body: Mapping[str, Any], key: str) -> str | None:
    """The text under a key; None where it is left out. An empty one is as wrong as any other that can't be meant."""
    if key not in body:
        return None
    if not isinstance(body[key], str) or not body[key].strip():
        raise BadInput(f'"{key}" is {shown(body[key])}.', hint="It is a text.")
    return str(body[key]).strip()
