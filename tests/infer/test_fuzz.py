"""Whatever an API answers, an inference ends in a definition that can be read, or in a sentence: in no traceback."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ladle.errors import LadleError
from ladle.sources.infer import Heard
from tests.infer.talks import HOST, failed, inferred, source_of

WORDS = [
    *"id name url next data results count total page pages offset limit cursor next_cursor has_more links meta".split(),
    *"items value @odata.nextLink attributes type properties geometry features hourly time a.b * $x é \u202e".split(),
    *"0 -1 self href error ok message properties coordinates".split(),
    *["", " ", 'q"uote', "line\nbreak", "null\0", "x" * 300, "{a}", "%2F", "#", "\\"],
]
SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**70, 1.5, 1e300, "", "x", "12", "007", "2024-02-30", "2024-02-28", "unknown"),
    *(
        "2024-02-28T10:00:00Z",
        f"{HOST}/v1/things?page=2",
        f"{HOST}/v1/people/1",
        "/v1/planets/3/",
        "?page=2",
        "http://[::1",
    ),
    *(
        "http://other.example/",
        "line\nbreak",
        "nul\0",
        "\u202e",
        '"""',
        "{}",
        "{url}",
        1_700_000_000,
        1_700_000_000_000,
    ),
]
BODIES = [
    b"",
    b"  ",
    b"\xef\xbb\xbf[]",
    b"{",
    b"nul",
    b"\xff\xfe",
    b"<html><h1>Hi</h1>",
    b"[" * 5000,
    b"[" * 900 + b"]" * 900,
    b"NaN",
    b'"x"',
    b"7",
]


def value(chance: random.Random, depth: int) -> Any:
    """Any JSON."""
    kind = chance.random()
    if depth <= 0 or kind < 0.35:
        return chance.choice(SCALARS)
    if kind < 0.6:
        return [value(chance, depth - 1) for _ in range(chance.randrange(5))]
    if kind < 0.75:
        return [record(chance, depth - 1) for _ in range(chance.randrange(1, 30))]
    return record(chance, depth)


def record(chance: random.Random, depth: int) -> dict[str, Any]:
    return {chance.choice(WORDS): value(chance, depth - 1) for _ in range(chance.randrange(9))}


def answer(chance: random.Random) -> Any:
    """Nearly always JSON, now and then something else."""
    kind = chance.random()
    if kind < 0.08:
        return Heard(url=HOST, body=chance.choice(BODIES), headers={"content-type": chance.choice(["text/html", ""])})
    if kind < 0.14:
        return failed(chance.choice([0, 301, 304, 400, 401, 403, 404, 405, 429, 500]), value(chance, 2))
    if kind < 0.16:
        return Heard(url=HOST, status=0, problem="The site can't be reached.")
    headers = {
        "link": chance.choice(
            ["", "<", f'<{HOST}/v1/things?page=2>; rel="next"', "<http://[>; rel=next", "<?a=b>;rel=next"]
        ),
        "x-total-count": chance.choice(["", "12", "-1", "many"]),
        "x-ratelimit-limit": chance.choice(["", "60", "0", "x"]),
        "x-ratelimit-reset": chance.choice(["", "1700000100", "30", "soon"]),
        "content-type": "application/json",
    }
    return Heard(url=HOST, headers=headers, body=json.dumps(value(chance, 5)).encode())


@pytest.mark.parametrize("seed", range(4))
def test_any_answers_give_a_definition_that_can_be_read_or_a_sentence(seed: int) -> None:
    chance = random.Random(seed)
    ready, sentences = 0, list[str]()
    for _ in range(120):
        address = chance.choice(
            ["/v1/things", "/", "/v1/people/?limit=5", "/v1/x?page=3&q={a}", "/a/{b}/c", "/é/x.json"]
        )
        try:
            told, asked = inferred(address, lambda _: answer(chance), openapi=chance.random() < 0.05)
        except LadleError as error:
            sentences.append(str(error))
            continue
        assert len(asked) <= 30
        assert source_of(told).datasets
        ready += told.ready
    assert ready > 10
    assert all(each.strip() for each in sentences)


@pytest.mark.parametrize("seed", range(4))
def test_any_openapi_document_gives_a_definition_that_can_be_read_or_a_sentence(seed: int) -> None:
    chance = random.Random(seed)
    names = "paths get parameters responses 200 content application/json schema items properties $ref allOf type in"
    names = [*names.split(), "name", "required"]

    sentences = list[str]()

    def part(depth: int) -> Any:
        if depth <= 0 or chance.random() < 0.2:
            return chance.choice(
                [*SCALARS, "#/paths", "#/", "#/components/schemas/A", "object", "array", "query", "string"]
            )
        if chance.random() < 0.2:
            return [part(depth - 1) for _ in range(3)]
        return {chance.choice(names): part(depth - 1) for _ in range(5)}

    for _ in range(120):
        schema = {"type": "array", "items": {"$ref": "#/components/schemas/A"}} if chance.random() < 0.5 else part(5)
        get = {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}, "parameters": part(3)}
        document = {
            "openapi": "3.0.0",
            "paths": {
                chance.choice(["/a", "/a/{b}", "", "x y", "/{"]): {"get": get if chance.random() < 0.8 else part(4)}
            },
            "components": {"schemas": {"A": part(4)}, "securitySchemes": part(3)},
            "servers": part(3),
            "security": part(3),
        }
        try:
            told, _ = inferred("/openapi.json", {"/openapi.json": document}, openapi=True)
        except LadleError as error:
            sentences.append(str(error))
            continue
        assert source_of(told).datasets
