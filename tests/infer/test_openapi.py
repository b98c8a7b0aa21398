"""What is written from an API's own description: takes OpenAPI 3 and Swagger 2 documents, looks at the definition."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ladle.errors import BadInput
from ladle.sources.infer import Inferred
from ladle.sources.source import Auth, Paging, Resource
from tests.infer.talks import HOST, inferred, source_of

THING = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "description": "What it is\ncalled."},
        "born": {"type": "string", "format": "date"},
        "size": {"type": "object", "properties": {"width": {"type": "number"}, "height": {"type": "number"}}},
    },
}
BASIC = "EXAMPLE_USER_AND_PASSWORD"
THINGS = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}


def query(name: str, **schema: Any) -> dict[str, Any]:
    """A parameter of the query."""
    required = schema.pop("required", False)
    return {"name": name, "in": "query", "required": required, "schema": {"type": "integer", **schema}}


def document(answer: Any, *parameters: Any, **more: Any) -> dict[str, Any]:
    """A document with one path, /things."""
    get = {
        "parameters": list(parameters),
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things & more"},
        "servers": [{"url": "/v1"}],
        "paths": {"/things": {"get": get}},
        "components": {"schemas": {"Thing": THING}, **more.pop("components", {})},
        **more,
    }


def told_by(given: Any) -> Inferred:
    told, asked = inferred("/openapi.json", {"/openapi.json": given}, openapi=True)
    assert asked == ["/openapi.json"]
    return told


def things(given: Any) -> Resource:
    return source_of(told_by(given)).resources["things"]


def test_a_bare_list_with_pages_is_a_dataset() -> None:
    given = document(THINGS, query("page", default=0), query("per_page", maximum=100, default=20))
    told = told_by(given)
    source = source_of(told)
    assert (source.base_url, source.title, told.requests) == (f"{HOST}/v1/", "Things & more", 1)
    resource = source.resources["things"]
    assert (resource.path, resource.records, resource.key, resource.page_size) == ("things", "", "id", 100)
    assert resource.paging == Paging(style="page", first=0, size_param="per_page")
    columns = {each.name: each for each in source.datasets["things"].columns}
    assert list(columns) == ["id", "name", "born", "size_width", "size_height", "*"]
    assert columns["born"].type == "date"


def test_an_offset_a_count_and_a_list_within_are_found() -> None:
    answer = {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "items": THINGS, "limit": {"type": "integer"}},
    }
    resource = things(document(answer, query("offset"), query("limit", default=50)))
    assert (resource.records, resource.count, resource.page_size) == ("items", "total", 50)
    assert resource.paging == Paging(style="offset", param="offset", first=0, size_param="limit")


@pytest.mark.parametrize(
    ("beside", "parameters", "style"),
    [
        ({"next": {"type": "string", "format": "uri"}}, (), "link"),
        ({"next_cursor": {"type": "string"}}, (query("cursor", type="string"),), "cursor"),
        ({"has_more": {"type": "boolean"}}, (query("starting_after", type="string"),), "cursor"),
        ({"hint": {"type": "string"}}, (), "none"),
    ],
)
def test_what_stands_beside_the_list_tells_how_pages_follow(beside: Any, parameters: Any, style: str) -> None:
    answer = {"allOf": [{"type": "object", "properties": {"data": THINGS}}, {"properties": beside}]}
    assert things(document(answer, *parameters)).paging.style == style


@pytest.mark.parametrize(
    ("scheme", "auth"),
    [
        ({"type": "http", "scheme": "bearer"}, Auth(place="bearer", name="Authorization", env="EXAMPLE_TOKEN")),
        ({"type": "http", "scheme": "basic"}, Auth(place="basic", name="Authorization", env=BASIC)),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, Auth(place="header", name="X-Key", env="EXAMPLE_KEY")),
        ({"type": "apiKey", "in": "query", "name": "key"}, Auth(place="query", name="key", env="EXAMPLE_KEY")),
        (
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.org/t", "scopes": {"read": ""}}}},
            Auth(
                place="oauth2", name="Authorization", env="EXAMPLE_CLIENT_SECRET", id_env="EXAMPLE_CLIENT_ID",
                token_url="https://a.org/t", scope="read",
            ),
        ),
    ],
)  # fmt: skip
def test_the_credential_goes_where_the_document_says(scheme: Any, auth: Auth) -> None:
    given = document(
        THINGS, components={"schemas": {"Thing": THING}, "securitySchemes": {"a": scheme}}, security=[{"a": []}]
    )
    told = told_by(given)
    assert source_of(told).auth == auth
    assert any(auth.env in each for each in told.missing)


def test_swagger_2_is_read_too() -> None:
    given = {
        "swagger": "2.0",
        "host": "other.example.org",
        "basePath": "/v2",
        "schemes": ["http", "https"],
        "paths": {
            "/pets": {
                "get": {"responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}}}
            },
            "/pets/{id}": {"get": {"responses": {"200": {"schema": {"$ref": "#/definitions/Pet"}}}}},
        },
        "definitions": {
            "Pet": {"properties": {"id": {"type": "integer"}, "friends": {"items": {"$ref": "#/definitions/Pet"}}}}
        },
    }
    told, _ = inferred("/swagger.json", {"/swagger.json": given})
    source = source_of(told)
    assert (source.base_url, source.name, list(source.datasets)) == (
        "https://other.example.org/v2/",
        "example",
        ["pets"],
    )


def test_what_wants_more_than_is_known_is_left_out_and_named() -> None:
    given = document(THINGS)
    wanting = {"get": {**given["paths"]["/things"]["get"], "parameters": [query("city", required=True, type="string")]}}
    given["paths"] |= {"/by-city": wanting, "/users/{id}/things": given["paths"]["/things"]}
    told = told_by(given)
    assert told.datasets == ("things",)
    assert any("GET /by-city is left out: it wants city" in each for each in told.missing)
    assert any("GET /users/{id}/things is left out" in each for each in told.missing)


@pytest.mark.parametrize("given", [{"openapi": "3.0.0", "paths": {}}, {"a": 1}, [1], document({"type": "string"})])
def test_a_document_without_lists_is_refused_in_words(given: Any) -> None:
    with pytest.raises(BadInput):
        told_by(given)


S0 = "#/components/schemas/s0"
CIRCLES = {
    "all of many": {
        f"s{n}": {"type": "object", "allOf": [{"$ref": f"#/components/schemas/s{m}"} for m in range(20)]}
        for n in range(20)
    },
    "fields of fields": {
        "s0": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                **{f"f{n}": {"$ref": "#/components/schemas/s0"} for n in range(2_000)},
            },
        }
    },
}


@pytest.mark.parametrize("circle", CIRCLES)
def test_schemas_that_hold_each_other_without_end_are_read_in_the_end(circle: str) -> None:
    began = time.process_time()
    listed = {"type": "object", "properties": {"meta": {"$ref": S0}, "data": {"type": "array", "items": {"$ref": S0}}}}
    told, _ = inferred(
        "/openapi.json",
        {"/openapi.json": document(listed) | {"components": {"schemas": CIRCLES[circle]}}},
        openapi=True,
    )
    assert time.process_time() - began < 5
    assert told.requests == 1


def test_of_many_wide_lists_so_many_are_written_as_a_definition_may_hold() -> None:
    wide = {f"a_long_name_of_a_field_{n}": {"type": "string", "description": "x" * 200} for n in range(400)}
    given = document({"type": "array", "items": {"type": "object", "properties": wide}})
    given["paths"] = {f"/things_{n}": given["paths"]["/things"] for n in range(40)}
    told = told_by(given)
    assert len(source_of(told).datasets) == 7
    assert told.missing[-1] == "The document has more than 7 lists; these are the first."
