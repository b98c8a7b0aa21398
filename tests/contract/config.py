"""How the API is tried: takes what is there and how much to try, gives schemathesis its configuration in TOML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

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
    "path.question": "questions",
    "query.of": "columns",
    "query._sort": "columns",
    "query._column": "columns",
    "query.dataset": "names",
    "body.dataset": "names",
    "body.query": "queries",
    "body.definition": "definitions",
    "body.cron": "crons",
    "body.time_zone": "zones",
}
"""Which of the values that lead somewhere a parameter takes, most of the time."""
PARTICULAR = {
    "(pause|cancel|resume)$": {"path.run": "standing"},
    "retry$": {"path.run": "incomplete"},
    "(again|deliveries)$": {"path.webhook": "told"},
    "webhooks$": {"body.url": "urls"},
    "infer$": {"body.url": "pages"},
    "history$": {"query.key": "keys", "query._key": "key-columns"},
}
"""The same, of some routes alone."""
REMOVING = {
    "sources/": {"path.source": "doomed-sources"},
    "schedules/": {"path.schedule": "doomed-schedules"},
    "webhooks/": {"path.webhook": "doomed-webhooks"},
}
"""The same, of what takes something away: what the other routes need stays."""
WORDS: Words = {
    "sources": ("swapi", "openweather"),
    "datasets": ("people", "cities"),
    "names": ("swapi/people", "openweather/cities"),
    "kinds": ("csv", "parquet", "ndjson", "xlsx", "csv-for-spreadsheets"),
    "columns": ("name", "homeworld", "date", "height", "mass"),
    "keys": ("Luke Skywalker", "Leia Organa"),
    "key-columns": ("name",),
    "queries": ("SELECT 1", "SELECT * FROM data", "SELECT homeworld, count(*) FROM data GROUP BY 1"),
    "numbers": (1, 7, 82),
    "crons": ("@daily", "0 5 * * 1", "30 2 29 2 *"),
    "zones": ("UTC", "Europe/Berlin", "Asia/Kathmandu"),
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
COSTLY = "(runs|collection-request|sources/infer|sources/preview|sql)$"
"""Posts each of which is a run, asks another's API or has a process of its own: dozens show what thousands would."""
MOST_COSTLY = 40
LEFT_OUT = {
    "object_level_authorization": "Whatever is on a site is there for everybody who may come in: nothing is one's own.",
}
"""Checks that are not made, each with its reason."""


def configuration(known: Words, *, headers: Mapping[str, str], examples: int) -> str:
    """The file's text: `headers` go along with every request, as whom it is tried; `examples` of each operation."""
    return "\n".join(_lines({**WORDS, **known}, headers, examples)) + "\n"


def _lines(words: Words, headers: Mapping[str, str], examples: int) -> Iterator[str]:
    # A stream of a run that goes on has no end: its first event is judged.
    yield from ("max-stream-events = 1", "max-redirects = 0", "continue-on-failure = true", "request-timeout = 60")
    yield from ("[cache]", "enabled = false", "[checks]", f"max_response_time = {PATIENCE}")
    yield from (f"{name}.enabled = false  # {why}" for name, why in LEFT_OUT.items())
    # A browser's session holds beside another scheme's Authorization, such as a proxy's: none is drawn there.
    drawn = json.dumps("Cookie" not in headers)
    yield from ("[generation]", f"max-examples = {examples}", f"with-security-parameters = {drawn}")
    yield "[generation.dictionaries]"
    yield 'string = { dictionary = "columns", probability = 0.2 }'
    yield from ("[headers]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items()))
    yield from ("[parameters]", *_bound(PARAMETERS, words))
    for name, values in words.items():
        yield from (f"[dictionaries.{name}]", f"values = {json.dumps(list(values))}")
    yield from _operations(words, examples)


def _operations(words: Words, examples: int) -> Iterator[str]:
    accepted = "[200, 201, 202, 204, 206, 304, 307, 400, 401, 403, 404, 409, 413, 416, 429, 502, 503]"
    yield from ("[[operations]]", f'include-path-regex = "({"|".join(MEANT)})"')
    yield f"checks.positive_data_acceptance.expected-statuses = {accepted}"
    yield from ("[[operations]]", f'include-path-regex = "{ASKS}"')
    yield f"checks.positive_data_acceptance.expected-statuses = {accepted}"
    yield 'checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 502]'
    yield from ("[[operations]]", f'include-path-regex = "{COSTLY}"', 'include-method = "POST"')
    yield f"generation.max-examples = {min(examples, MOST_COSTLY)}"
    for where, names in PARTICULAR.items():
        yield from ("[[operations]]", f'include-path-regex = "{where}"')
        yield from (f"parameters.{line}" for line in _bound(names, words))
    for where, names in REMOVING.items():
        yield from ("[[operations]]", f'include-path-regex = "{where}"', 'include-method = "DELETE"')
        yield from (f"parameters.{line}" for line in _bound(names, words))


def _bound(names: Mapping[str, str], words: Words) -> Iterator[str]:
    for name, of in names.items():
        if of in words:
            yield f'"{name}" = {{ dictionary = "{of}", probability = 0.85 }}'
