"""What is inferred from answers of every style: takes scripts of them, looks at the definition and what was asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ladle.errors import BadInput
from ladle.sources.infer import Heard
from ladle.sources.source import Paging
from tests.infer.talks import HOST, failed, inferred, only, records, source_of


def test_a_link_that_counts_pages_beside_a_count_gives_pages_that_can_be_asked_for_at_once() -> None:
    first = {"count": 82, "next": f"{HOST}/api/people/?page=2", "previous": None, "results": records(10)}
    second = {"count": 82, "next": f"{HOST}/api/people/?page=3", "previous": None, "results": records(10, 11)}
    told, asked = inferred("/api/people/", {"/api/people/": first, "/api/people/?page=2": second})
    resource = only(told)
    assert asked == ["/api/people/", "/api/people/?page=2"]
    assert (resource.path, resource.records, resource.count, resource.key) == ("people/", "results", "count", "id")
    assert (resource.paging, resource.page_size) == (Paging(style="page"), 10)
    assert source_of(told).base_url == f"{HOST}/api/"


def test_an_opaque_link_is_followed() -> None:
    first = {"next": f"{HOST}/v1/things?after=eyJ4", "results": records(10)}
    second = {"next": None, "results": records(3, 11)}
    told, _ = inferred("/v1/things", {"/v1/things": first, "/v1/things?after=eyJ4": second})
    assert (only(told).paging.style, only(told).next) == ("link", "next")


def test_a_link_without_its_last_slash_corrects_the_path() -> None:
    first = {"count": 12, "next": f"{HOST}/api/people/?page=2", "results": records(10)}
    second = {"count": 12, "next": None, "results": records(2, 11)}
    told, _ = inferred("/api/people", {"/api/people": first, "/api/people/?page=2": second})
    assert only(told).path == "people/"


def test_a_link_header_is_read_as_collecting_reads_it() -> None:
    def answer(target: str) -> Heard:
        told = {"link": f'<{HOST}/things?after=x,1>; title="a, b"; rel="next"'} if "after" not in target else {}
        return Heard(url=HOST + target, headers=told, body=json.dumps(records(10, 11 if not told else 1)).encode())

    told, asked = inferred("/things", answer)
    assert asked == ["/things", "/things?after=x,1"]
    assert only(told).paging.style == "header"


def test_a_second_page_that_brings_the_same_records_disproves_a_guess() -> None:
    def answer(target: str) -> Any:
        offset = 30 if "skip=30" in target else 0
        return {"total": 45, "skip": offset, "limit": 30, "products": records(30 if not offset else 15, offset + 1)}

    told, asked = inferred("/products", answer)
    assert (only(told).paging.style, only(told).paging.param, only(told).count) == ("offset", "skip", "total")
    assert (only(told).page_size, only(told).paging.size_param) == (30, "limit")
    assert asked == ["/products", "/products?limit=30&skip=30"]


def test_an_offset_that_counts_from_one_shows_by_the_record_that_comes_again() -> None:
    def answer(target: str) -> Any:
        start = 20 if "offset=20" in target else 1
        return {"metadata": {"count": 20}, "features": records(20, start)}

    told, _ = inferred("/query?limit=20", answer)
    resource = only(told)
    assert resource.paging == Paging(style="offset", param="offset", first=1, size_param="limit")
    assert resource.count is None, "it counts the records of one answer"


def test_a_list_without_any_hint_is_tried_for_pages_and_told_to_have_none() -> None:
    told, asked = inferred("/users", lambda _: records(10))
    assert asked == ["/users", "/users?page=2", "/users?offset=10"]
    assert only(told).paging.style == "none"
    assert told.missing == ()


def test_a_list_without_any_hint_that_has_pages_is_found_to_and_its_end_is_looked_at() -> None:
    def answer(target: str) -> Any:
        if "page=1000" in target:
            return failed(400, {"code": "invalid_page_number"})
        return records(10, 11) if "page=2" in target else records(10)

    told, asked = inferred("/users", answer)
    assert asked == ["/users", "/users?page=2", "/users?page=1000"]
    assert (only(told).paging.style, only(told).paging.end) == ("page", (400, 404))


def test_counts_in_headers_are_found() -> None:
    def answer(target: str) -> Any:
        body = json.dumps(records(2, 11) if "page=2" in target else records(10)).encode()
        return Heard(url=HOST, headers={"x-wp-total": "12", "x-wp-totalpages": "2"}, body=body)

    told, _ = inferred("/posts", answer)
    assert (only(told).count, only(told).pages) == ("header:X-WP-Total", "header:X-WP-TotalPages")


def test_more_without_a_token_is_asked_for_by_the_last_record() -> None:
    def answer(target: str) -> Any:
        more = "starting_after" not in target
        return {"object": "list", "has_more": more, "data": records(10) if more else records(4, 11)}

    told, asked = inferred("/v1/charges", answer)
    paging = only(told).paging
    assert (paging.style, paging.param, paging.last, paging.more) == ("cursor", "starting_after", "id", "has_more")
    assert asked[-1] == "/v1/charges?starting_after=10"


@pytest.mark.parametrize(
    ("token", "param"),
    [
        ({"response_metadata": {"next_cursor": "dXNl="}}, "cursor"),
        ({"nextPageToken": "CAUQAA"}, "pageToken"),
        ({"next_token": "abc"}, "token"),
        ({"pagination": {"endCursor": "xyz"}}, "after"),
    ],
)
def test_a_token_goes_into_the_parameter_that_brings_other_records(token: dict[str, Any], param: str) -> None:
    def answer(target: str) -> Any:
        return {"ok": True, "items": records(5, 6)} if f"{param}=" in target else {**token, "items": records(5)}

    told, _ = inferred("/v1/things", answer)
    assert (only(told).paging.style, only(told).paging.param) == ("cursor", param)


def test_more_records_than_came_without_a_way_to_them_is_said_to_be_missing() -> None:
    told, _ = inferred("/things", lambda _: {"total": 90, "things": records(10)})
    assert only(told).paging.style == "none"
    assert "how its further pages are asked for could not be found" in told.missing[0]
    assert "# What could not be found:" in told.definition


def test_a_list_of_names_and_addresses_leads_to_its_details() -> None:
    def answer(target: str) -> Any:
        if target.startswith("/api/people/"):
            return {
                "message": "ok",
                "result": {"properties": {"name": "Luke", "mass": "77", "url": f"{HOST}/api/people/1"}},
            }
        return {
            "results": [{"uid": f"{n}", "name": f"n{n}", "url": f"{HOST}/api/people/{n}"} for n in range(1, 4)],
            "next": None,
        }

    told, asked = inferred("/api/people", answer)
    source = source_of(told)
    assert asked == ["/api/people", "/api/people/1"]
    assert list(source.datasets) == ["people"]
    child = source.resources["people"]
    assert (child.path, child.records, child.each and child.each.parent) == (
        "{url}",
        "result.properties",
        "people_list",
    )
    assert source.datasets["people"].columns[0].item == "uid"


def test_addresses_of_siblings_become_references_to_their_names() -> None:
    people = [
        {"name": f"p{n}", "homeworld": f"{HOST}/api/planets/{n % 2 + 1}", "url": f"{HOST}/api/people/{n}"}
        for n in range(1, 5)
    ]
    planets = [{"name": f"w{n}", "url": f"{HOST}/api/planets/{n}"} for n in (1, 2)]
    told, asked = inferred("/api/people", {"/api/people": people, "/api/planets": planets})
    source = source_of(told)
    column = next(each for each in source.datasets["people"].columns if each.name == "homeworld")
    assert (column.reference and (column.reference.resource, column.reference.value)) == ("planets", "name")
    assert source.resources["planets"].key == "url"
    assert asked[-1] == "/api/planets"


def test_a_root_gives_a_dataset_for_each_collection_with_references_between_them() -> None:
    def collection(name: str, **more: Any) -> Any:
        return [{"name": f"{name}{n}", "url": f"{HOST}/api/{name}/{n}/", **more} for n in (1, 2)]

    answers = {
        "/api/": {name: f"{HOST}/api/{name}/" for name in ("people", "planets", "broken")},
        "/api/people/": collection("people", homeworld=f"{HOST}/api/planets/1/"),
        "/api/planets/": collection("planets"),
    }
    told, _ = inferred("/api/", answers)
    source = source_of(told)
    assert list(source.datasets) == ["people", "planets"]
    assert source.datasets["people"].columns[2].reference is not None
    assert '"broken" is left out' in told.missing[0]
    assert source.base_url == f"{HOST}/api/"


def test_fields_are_read_as_what_they_are_only_where_that_is_certain() -> None:
    given = [
        {"id": n, "day": f"2024-02-2{n}", "at": "2024-02-28T10:00:00Z", "fine": "2024-02-28T10:00:00.123Z",
         "text": "12", "created": 1_700_000_000 + n, "place": {"lat": 1.5, "lon": 2}, "tags": ["a"], "zip": "00501"}
        for n in range(1, 6)
    ]  # fmt: skip
    told, _ = inferred("/things", lambda _: given)
    (dataset,) = source_of(told).datasets.values()
    columns = {each.name: each for each in dataset.columns}
    assert list(columns) == ["id", "day", "at", "fine", "text", "created", "place_lat", "place_lon", "tags", "zip", "*"]
    assert [columns[name].type for name in ("day", "at", "fine", "text", "zip")] == [
        "date",
        "timestamp",
        None,
        None,
        None,
    ]
    assert (columns["created"].unix, columns["place_lat"].path) == ("s", "place.lat")
    assert (dataset.drop, dataset.flatten) == ((), True)


def test_the_number_of_a_page_in_the_address_is_left_out() -> None:
    told, asked = inferred("/v1/things?page=7&q=a", lambda _: records(2))
    assert asked[0] == "/v1/things?q=a"
    assert "later page (page = 7)" in told.definition


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        ({}, "60 per minute"),
        ({"x-ratelimit-limit": "5000", "x-ratelimit-reset": "1700003000"}, "5000 per hour"),
        ({"x-ratelimit-limit": "10", "x-ratelimit-reset": "1"}, "10 per second"),
        ({"ratelimit-policy": '"default";q=100;w=60'}, "100 per 60 seconds"),
        ({"x-ratelimit-limit": "many"}, "60 per minute"),
    ],
)
def test_the_quota_is_what_headers_say_or_careful(headers: dict[str, str], quota: str) -> None:
    told, _ = inferred("/x", lambda _: Heard(url=HOST, headers=headers, body=b'[{"id": 1}]'))
    assert [each.text for each in source_of(told).quotas] == [quota]


def test_an_empty_list_gives_a_definition_that_says_what_could_not_be_seen() -> None:
    told, _ = inferred("/v1/things", lambda _: {"count": 0, "results": []})
    assert only(told).records == "results"
    assert "is empty in the answer" in told.missing[0]


def test_columns_side_by_side_are_rows() -> None:
    hourly = {"time": ["2024-01-01T00:00", "2024-01-01T01:00"], "temperature": [1.5, 2]}
    told, _ = inferred(
        "/v1/forecast?latitude=1", lambda _: {"latitude": 1, "hourly_units": {"time": "iso"}, "hourly": hourly}
    )
    assert (only(told).columnar, only(told).records, only(told).params) == (True, "hourly", {"latitude": "1"})


def test_tables_column_by_column_of_several_collections_have_names_of_their_own() -> None:
    table = {"time": ["2024-01-01T00:00", "2024-01-01T01:00"], "temperature": [1.5, 2]}
    answers = {
        "/api/": {name: f"{HOST}/api/{name}/" for name in ("land", "sea")},
        "/api/land/": {"hourly": table, "daily": table},
        "/api/sea/": {"hourly": table, "daily": table},
    }
    told, _ = inferred("/api/", answers)
    resources = source_of(told).resources
    assert {name: (each.path, each.records) for name, each in resources.items()} == {
        "hourly": ("land/", "hourly"),
        "daily": ("land/", "daily"),
        "hourly_2": ("sea/", "hourly"),
        "daily_2": ("sea/", "daily"),
    }


def test_a_next_that_leads_in_a_circle_asks_twice() -> None:
    told, asked = inferred("/x", lambda _: {"next": f"{HOST}/x", "results": records(3)})
    assert asked[:2] == ["/x", "/x"][: len(asked[:2])]
    assert len(asked) <= 6
    assert source_of(told)


def test_the_list_behind_what_tells_of_it_is_found() -> None:
    def answer(target: str) -> Any:
        page = 2 if "page=2" in target else 1
        return [{"page": page, "pages": 3, "total": 25}, records(10, 10 * page - 9)]

    told, _ = inferred("/v2/country", answer)
    assert (only(told).records, only(told).count, only(told).pages) == ("1", "0.total", "0.pages")


def test_records_by_their_ids_are_a_list_and_by_other_names_are_told_not_to_be() -> None:
    told, _ = inferred("/v1/players", lambda _: {"7": {"id": 7, "name": "a"}, "9": {"id": 9, "name": "b"}})
    assert (only(told).records, only(told).key, told.missing) == ("*", "id", ())
    told, _ = inferred("/v1/players", lambda _: {"anne": {"age": 7, "size": 1}, "bob": {"age": 9, "size": 2}})
    assert "an object of 2 records by their names" in told.missing[0]


def test_a_token_may_go_by_any_wiki_name() -> None:
    def answer(target: str) -> Any:
        members = records(5, 6) if "cmcontinue" in target else records(5)
        return {"continue": {"cmcontinue": "page|a", "continue": "-||"}, "query": {"categorymembers": members}}

    told, _ = inferred("/w/api.php?list=categorymembers", answer)
    assert (only(told).paging.cursor, only(told).paging.param) == ("continue.cmcontinue", "cmcontinue")


def test_one_page_of_one_says_how_further_ones_would_be_found_and_lacks_nothing() -> None:
    headers = {"x-wp-total": "5", "x-wp-totalpages": "1"}
    given = Heard(url=f"{HOST}/wp/users", headers=headers, body=json.dumps(records(5)).encode())
    told, asked = inferred("/wp/users", {"/wp/users": given})
    assert (told.missing, asked) == ((), ["/wp/users"])
    resource = only(told)
    assert (resource.paging.style, resource.pages, resource.count, resource.page_size) == (
        "page",
        "header:X-WP-TotalPages",
        "header:X-WP-Total",
        None,
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_root_of_an_odata_service_gives_its_collections(slash: str) -> None:
    sets = [
        {"name": "Orders", "kind": "EntitySet", "url": "Orders"},
        {"name": "Customers", "url": "Customers"},
        {"name": "Newest", "kind": "FunctionImport", "url": "Newest"},
    ]
    answers = {
        f"/svc{slash}": {"@odata.context": f"{HOST}/svc/$metadata", "value": sets},
        "/svc/Orders": {"@odata.context": f"{HOST}/svc/$metadata#Orders", "value": records(3)},
        "/svc/Customers": {"@odata.context": f"{HOST}/svc/$metadata#Customers", "value": records(2)},
    }
    told, _ = inferred(f"/svc{slash}", answers)
    assert told.datasets == ("orders", "customers")
    assert {each.path for each in source_of(told).resources.values()} == {"Orders", "Customers"}


def test_words_of_several_lines_stay_apart() -> None:
    with pytest.raises(BadInput, match="Error 404: Not Found Usage"):
        inferred("/event/", {"/event/": failed(404, b"Error 404: Not Found\n\nUsage\n")})


@pytest.mark.parametrize(("most", "asked_for"), [(30, 2), (137, 1)])
def test_a_limit_that_the_api_caps_is_not_taken_for_all_there_is(most: int, asked_for: int) -> None:
    def answer(target: str) -> Any:
        offset = 30 if "offset=30" in target else 0
        return {"items": records(137)[offset : offset + most]}

    limit = 1000 if most == 137 else 100
    told, asked = inferred(f"/things?limit={limit}", answer)
    assert len(asked) == asked_for
    assert only(told).paging.style == ("offset" if most == 30 else "none")


def test_an_address_with_a_space_is_read_as_browsers_do() -> None:
    told, asked = inferred("/things?name=a b", {"/things?name=a%20b": records(3)})
    assert asked[0] == "/things?name=a%20b"
    assert only(told).params == {"name": "a b"}


def test_a_parameter_that_stands_twice_in_the_address_is_told() -> None:
    told, _ = inferred("/things?tag=a&tag=b", {"/things?tag=b": records(3)})
    assert told.missing == ('The address names "tag" more than once: its last value alone is taken.',)
