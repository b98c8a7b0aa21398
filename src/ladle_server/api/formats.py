"""JSON in and out: takes a request's body, gives Python values; takes Python values, gives a response's body."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import IO, Any

import orjson
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from ladle.errors import BadInput, unknown

PROBLEM = "application/problem+json"
STREAM = "text/event-stream"


LARGEST_BODY = 1 << 20
"""More than any request here has to say."""


class TooLarge(APIException):
    """A body that is not read to its end."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class JSONRenderer(BaseRenderer):
    """Values as JSON: times in UTC as RFC 3339 with a Z, a number that JSON has no word for as null."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of `data`; nothing for None."""
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)


class AlwaysJSON(BaseContentNegotiation):
    """There is one form of every answer, whatever a client says it would rather have."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The parser of the body's own type; None (a 415) when there is none."""
        main = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == main), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The first renderer."""
        first = next(iter(renderers))
        return first, first.media_type or ""


class StrictJSONParser(BaseParser):
    """A body that is one JSON document in UTF-8."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body's value. Raises ParseError (400) for broken JSON, however broken."""
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise TooLarge(f"The body is larger than {LARGEST_BODY:,} bytes.")
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (
            ValueError,
            RecursionError,
        ) as error:  # also broken UTF-8 and numbers of thousands of digits
            raise ParseError(f"The body is not JSON: {error or 'nested too deeply'}. Send a JSON object.") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON value")


def shown(value: object) -> str:
    """A JSON value as an error message shows it: short."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    return json.dumps(value)[:60]


def object_of(body: Any, known: tuple[str, ...], *, hint: str = "") -> Mapping[str, Any]:
    """A body that is an object of these keys; raises BadInput for another shape, by the hint, and for another key."""
    if not isinstance(body, dict):
        raise BadInput("The body is not a JSON object.", hint=hint or f"Send an object with: {', '.join(known)}.")
    for key in body.keys() - set(known):
        raise BadInput(unknown("key", key, known))
    return body


def boolean(body: Mapping[str, Any], key: str) -> bool | None:
    """The true or false under a key; None where it is left out. Raises BadInput for anything else, null too."""
    if key not in body:
        return None
    value = body[key]
    if not isinstance(value, bool):
        raise BadInput(f'"{key}" is {shown(value)}.', hint="It is true or false.")
    return value


def texts(value: Any, name: str) -> dict[str, str]:
    """An object of texts out of a body; raises BadInput that names what is none."""
    if not isinstance(value, dict):
        raise BadInput(f'"{name}" is {shown(value)}.', hint="It is an object of texts by name.")
    for key, each in value.items():
        if not isinstance(each, str):
            raise BadInput(f'"{name}.{key[:100]}" is {shown(each)}.', hint="It is a text.")
    return dict(value)
