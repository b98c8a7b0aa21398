"""Takes requests that change a replica's own records, gives the records changed: so a demo has something to find out.

PATCH /_records/people/1 with {"mass": "80"} changes fields, DELETE /_records/people/3 takes the record away. The real
APIs have nothing like it; as `/_stats`, it stands beside the replica, costs no quota and is counted nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ladle.demo.door import json_answer
from ladle.demo.records import Collections, Record

Changing = Callable[[web.Request], Awaitable[web.Response]]
FIXED = ("url",)
"""What a record is found by stays as it is."""


def changing(collections: Collections) -> Changing:
    """Answers PATCH and DELETE of one record, its collection and number in the path; the lists themselves change."""

    async def change(request: web.Request) -> web.Response:
        name, key = request.match_info["name"], request.match_info["key"]
        records = collections.get(name, [])
        found = next((record for record in records if str(record["url"]).endswith(f"/{name}/{key}/")), None)
        if found is None:
            return _wrong(f"There is no record {name}/{key}.", status=404)
        if request.method == "DELETE":
            records.remove(found)
            return web.Response(status=204)
        return _set(found, await request.text())

    return change


def _set(record: Record, text: str) -> web.Response:
    """The record with other values in fields that it has."""
    try:
        values: Any = json.loads(text)
    except ValueError:
        values = None
    fields = [field for field in record if field not in FIXED]
    if not isinstance(values, dict) or not set(values) <= set(fields):
        return _wrong(f"Send a JSON object with some of {', '.join(fields)}.", status=400)
    record.update(values)
    return json_answer(record)


def _wrong(text: str, *, status: int) -> web.Response:
    return json_answer({"detail": text}, status=status)
