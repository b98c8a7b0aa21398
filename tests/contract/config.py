"""How the API is tried: takes what is there and how much to try, gives schemathesis its configuration in TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Words = Mapping[str, Sequence[str | int]]
PARAMETERS = {
    "path.snapshot": "snapshots",
    "path.before": "snapshots",
    "path.after": "snapshots",
    "path.run": "runs",
    "path.schedule": "schedules",
    "path.webhook": "webhooks",
    "path.delivery": "deliveries",
    "path.number": "numbers",
    "path.source": "sources",
    "path.dataset": "datasets",
    "path.kind": "kinds",
    "query.of": "columns",
    "query._sort": "columns",
    "query._column": "columns",
    "query.dataset": "names",
    "body.dataset": "names",
    "body.query": "queries",
}
"""Which of the values that lead somewhere a parameter takes, most of the time."""
WORDS: Words = {
    "sources": ("swapi", "openweather"),
    "datasets": ("people", "cities"),
    "names": ("swapi/people", "openweather/cities"),
    "kinds": ("csv", "parquet", "ndjson", "xlsx", "csv-for-spreadsheets"),
    "columns": ("name", "homeworld", "date", "height", "mass"),
    "queries": ("SELECT 1", "SELECT * FROM data", "SELECT homeworld, count(*) FROM data GROUP BY 1"),
    "numbers": (1, 7, 82),
}
MEANT = (
    *("rows", "counts", "chart", "history", "sql", "series", "plan", "preview", "infer", "check"),
    *("download", "diff", "runs$", "schedules", "sources$", "webhooks$", "collection-request$"),
)
"""Routes that may refuse what has the right shape with a 400: its sense depends on columns, definitions, addresses."""
PATIENCE = 100.0
"""Seconds that an answer may take: how quick the site is on a busy machine is not what is asked here."""
ASKS = "(infer|preview)"
"""Routes that ask somebody else's API, whose silence is a 502 as the description says, and no fault of the site's."""


def configuration(known: Words, *, headers: Mapping[str, str]) -> str:
    """The file's text. `headers` go along with every request: as whom the API is tried."""
    lines = ["[cache]", "enabled = false", "", "[checks]", f"max_response_time = {PATIENCE}", ""]
    lines += ["[generation.dictionaries]", 'string = { dictionary = "columns", probability = 0.2 }', ""]
    if headers:
        lines += ["[headers]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items()), ""]
    lines += ["[parameters]"]
    lines += [f'"{name}" = {{ dictionary = "{of}", probability = 0.85 }}' for name, of in PARAMETERS.items()]
    for name, values in {**WORDS, **known}.items():
        lines += ["", f"[dictionaries.{name}]", f"values = {json.dumps(list(values))}"]
    accepted = "[200, 201, 202, 204, 206, 304, 307, 400, 401, 403, 404, 409, 413, 416, 429, 502, 503]"
    lines += ["", "[[operations]]", f'include-path-regex = "({"|".join(MEANT)})"']
    lines += [f"checks.positive_data_acceptance.expected-statuses = {accepted}"]
    lines += ["", "[[operations]]", f'include-path-regex = "{ASKS}"']
    lines += [f"checks.positive_data_acceptance.expected-statuses = {accepted}"]
    lines += ['checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 502]']
    return "\n".join(lines) + "\n"
