"""What the API's bodies look like, for its OpenAPI description: takes nothing, gives serializers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from ladle_server.api.formats import PROBLEM
from ladle_server.api.lists import DEFAULT_LIMIT, LARGEST, MOST
from ladle_server.catalog.models import State


def number(name: str, description: str, *, default: int | None = None, most: int | None = None) -> OpenApiParameter:
    """A query parameter that is a whole number."""
    limits: dict[str, Any] = {"type": "integer", "minimum": 0}
    limits |= {"default": default} if default is not None else {}
    limits |= {"maximum": most, "minimum": 1} if most else {"maximum": LARGEST}
    return OpenApiParameter(name, limits, description=description)


def _window(prefix: str) -> list[OpenApiParameter]:
    return [
        number(f"{prefix}limit", "How many results.", default=DEFAULT_LIMIT, most=MOST),
        number(f"{prefix}offset", "How many results to skip.", default=0),
    ]


def example(value: object) -> OpenApiExample:
    """Of a parameter, or of a body that is sent: the page that tries the API out begins with it."""
    return OpenApiExample("such as", value=value)


def numbered(name: str) -> OpenApiParameter:
    """A part of the path that is the number of something."""
    return OpenApiParameter(name, {"type": "integer", "minimum": 1, "maximum": LARGEST}, location="path")


WINDOW = _window("")
ROW_WINDOW = _window("_")
VIEW = [
    OpenApiParameter(
        "filters",
        {"type": "object", "additionalProperties": {"type": "string"}},
        style="form",
        explode=True,
        description="`column=value` or `column__op=value`, as often as wanted: `height__gte=150`. Operators: "
        "exact, not, contains, notcontains, startswith, endswith, gt, gte, lt, lte, in, notin, like, notlike, glob, "
        "isnull, notnull, isblank, notblank, date.",
    ),
    OpenApiParameter("_search", description="Words that must all be in the texts of a row."),
    OpenApiParameter("_sort", description="Columns, `-` before one for descending: `-mass,name`."),
    OpenApiParameter("_col", many=True, description="A column to show; repeat it. All when left out."),
    OpenApiParameter(
        "_number",
        many=True,
        description="A text column that filters and `_sort` read as numbers, `1,358` too; repeat it. What is no number "
        "counts as missing. The rows show the text all the same.",
    ),
]


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457): `detail` names the value and says what to do."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


class GapShape(serializers.Serializer[Any]):
    """A request that never got a usable answer."""

    key = serializers.CharField()
    reason = serializers.CharField()


class ProblemWithGaps(Problem):
    """A collection that failed or ended with gaps."""

    gaps = GapShape(many=True)


def problems(*statuses: int, shape: type[Problem] = Problem) -> dict[tuple[int, str] | int, Any]:
    """The errors that a route answers with."""
    return {(status, PROBLEM): OpenApiResponse(shape, HTTPStatus(status).phrase) for status in statuses}


def listed(shape: type[serializers.Serializer[Any]], **more: serializers.Field[Any, Any, Any, Any]) -> Any:
    """A page of a list, `more` before its own keys."""
    return inline_serializer(
        f"{shape.__name__}List",
        {
            **more,
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )


class NewCollectionRequest(serializers.Serializer[Any]):
    """The caller's own id."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class Done(serializers.Serializer[Any]):
    """Everything was collected."""

    value = serializers.ChoiceField(["OK"])


class Accepted(serializers.Serializer[Any]):
    """It has begun; ask `progress`."""

    id = serializers.IntegerField()
    progress = serializers.CharField()


class CollectionRequestLine(serializers.Serializer[Any]):
    """A collection request in the list."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    state = serializers.CharField()
    run = serializers.CharField()


class CollectionRequestProgress(serializers.Serializer[Any]):
    """Cities done / all cities."""

    result = serializers.FloatField(min_value=0, max_value=1)


class CityWeather(serializers.Serializer[Any]):
    """Humidity in %, temperature in °C."""

    city_id = serializers.IntegerField()
    humidity = serializers.IntegerField(allow_null=True)
    temperature = serializers.FloatField(allow_null=True)


class CollectionRequestDetail(serializers.Serializer[Any]):
    """What is collected so far, in the order of the city list."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    city_weather_info = CityWeather(many=True)


@extend_schema_field({"type": ["string", "number", "boolean"]})
class ParameterValue(serializers.JSONField):
    """What a parameter is set to."""


class NewRun(serializers.Serializer[Any]):
    """What to collect: `swapi/people`; `afresh` takes every answer whole, whatever an earlier run holds.

    `parameters` are set for this run, by name; `files` are the texts of those that are lists in CSV.
    """

    dataset = serializers.CharField()
    parameters = serializers.DictField(child=ParameterValue(), required=False)
    files = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    afresh = serializers.BooleanField(required=False, default=False)


class TroubleShape(GapShape):
    """A request whose last attempt failed and that will be tried again."""

    status = serializers.IntegerField(allow_null=True)
    attempt = serializers.IntegerField()
    again_at = serializers.DateTimeField(allow_null=True)


class QuotaShape(serializers.Serializer[Any]):
    """One window of a quota and the calls that count in it now."""

    text = serializers.CharField()
    used = serializers.IntegerField()
    limit = serializers.IntegerField()


class ProgressShape(serializers.Serializer[Any]):
    """How far a run is."""

    done = serializers.IntegerField(help_text="Requests that were answered or given up.")
    total = serializers.IntegerField(help_text="Requests of the whole run, as far as is known.")
    exact = serializers.BooleanField(help_text="The total can't change any more.")
    records = serializers.IntegerField()
    claimed = serializers.IntegerField(allow_null=True, help_text="How many records the API says there are.")
    unchanged = serializers.IntegerField(help_text="Answers that the API said are still those of an earlier run.")
    gaps = GapShape(many=True)
    troubles = TroubleShape(many=True)
    quota = QuotaShape(many=True)
    next_call_in = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)
    workers = serializers.IntegerField(min_value=1, help_text="How many collect at this moment.")


class RunShape(serializers.Serializer[Any]):
    """One collection of one dataset."""

    id = serializers.CharField()
    dataset = serializers.CharField()
    definition_version = serializers.IntegerField(allow_null=True, help_text="Of a source of one's own.")
    parameters = serializers.DictField(child=serializers.CharField(), help_text="As they are set for the run.")
    state = serializers.ChoiceField(State.values)
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    wake_at = serializers.DateTimeField(allow_null=True, help_text="While it is waiting: when the next call can go.")
    snapshot = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    journal_removed_at = serializers.DateTimeField(
        allow_null=True, help_text="From then on its requests can't be listed: it ended long before."
    )
    progress = ProgressShape()


class RequestShape(serializers.Serializer[Any]):
    """One call of a run."""

    number = serializers.IntegerField()
    key = serializers.CharField()
    kind = serializers.ChoiceField(["answer", "trouble", "gap"])
    status = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField()
    took = serializers.FloatField(help_text="Seconds.")
    records = serializers.IntegerField()
    attempt = serializers.IntegerField()
    reason = serializers.CharField()


class RequestShapeList(serializers.Serializer[Any]):
    """A page of requests; they are not counted."""

    count = serializers.IntegerField(allow_null=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RequestShape(many=True)
