"""/api/v1/ on a home with one real snapshot: what it gives, and what it says of everything that it can't give."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

import ladle

FIRST = "/api/v1/snapshots/{id}"


@pytest.fixture
def id(people: ladle.Snapshot, read_home: str) -> str:
    return people.id


def test_sources_tell_quotas_datasets_and_whether_the_key_is_there(
    client: Client, read_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENWEATHER_API_KEY", "never-shown")
    answer = client.get("/api/v1/sources")
    swapi, openweather = answer.json()["results"]
    assert (swapi["name"], swapi["quotas"], swapi["auth"]) == ("swapi", ["10000 per day"], None)
    assert openweather["auth"] == {"place": "query", "name": "appid", "setting": "OPENWEATHER_API_KEY", "present": True}
    assert b"never-shown" not in answer.content
    one = client.get("/api/v1/sources/swapi/").json()
    assert one.pop("definition").startswith("# The Star Wars API")
    assert one.pop("versions") == []
    assert one == swapi


def test_a_plan_tells_the_price_without_asking_anybody(client: Client, read_home: str) -> None:
    plan = client.get("/api/v1/sources/swapi/datasets/people/plan").json()
    assert plan["total"] == 15
    assert {part["resource"]: part["requests"] for part in plan["parts"]} == {"people": 9, "planets": 6}


def test_a_snapshot_of_the_command_line_shows_up_in_the_lists(client: Client, id: str) -> None:
    listed = client.get("/api/v1/snapshots").json()
    assert [each["id"] for each in listed["results"]] == [id]
    assert listed["results"][0]["rows"] == 82
    assert client.get("/api/v1/snapshots?dataset=swapi/planets").json()["count"] == 0
    run = client.get("/api/v1/runs").json()["results"][0]
    assert (run["id"], run["state"], run["requested_by"], run["snapshot"]) == (id, "complete", "command line", id)
    assert run["progress"]["done"] == 15


def test_the_requests_of_a_run_are_told_one_by_one(client: Client, id: str) -> None:
    first = client.get(f"/api/v1/runs/{id}/requests?limit=8").json()
    told = {"number", "key", "kind", "status", "started_at", "took", "records", "attempt", "reason"}
    assert set(first["results"][0]) == told
    second = client.get(first["next"]).json()
    assert [line["number"] for line in first["results"] + second["results"]] == list(range(1, 16))
    assert second["next"] is None
    assert first["results"][0]["key"] == "people?page=1"
    assert client.get(f"/api/v1/runs/{id}/requests?only=failed").json()["results"] == []


def test_rows_come_in_pages_with_links(client: Client, id: str, people: ladle.Snapshot) -> None:
    page = client.get(f"/api/v1/snapshots/{id}/rows").json()
    seen: list[dict[str, Any]] = page["results"]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += page["results"]
    assert page["count"] == len(seen) == 82
    assert page["previous"].endswith("?_limit=10&_offset=70")
    assert [row["name"] for row in seen] == [row["name"] for row in people.rows(limit=1000)]
    assert seen[0]["date"] == "2014-12-20"


def test_rows_are_filtered_searched_sorted_and_their_columns_chosen(client: Client, id: str) -> None:
    asked = "homeworld__in=Naboo,Tatooine&gender__not=male&_search=a&_sort=-homeworld,name&_col=name&_col=homeworld"
    page = client.get(f"/api/v1/snapshots/{id}/rows?{asked}&_limit=2").json()
    seen = page["results"]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += page["results"]
    rows = ladle.snapshot(id, home=settings.LADLE_HOME).rows(limit=1000)
    wanted = [row for row in rows if row["homeworld"] in ("Naboo", "Tatooine") and row["gender"] != "male"]
    wanted = [row for row in wanted if any("a" in text.lower() for text in row.values() if isinstance(text, str))]
    wanted = sorted(sorted(wanted, key=lambda row: row["name"]), key=lambda row: row["homeworld"], reverse=True)
    assert seen == [{"name": row["name"], "homeworld": row["homeworld"]} for row in wanted]
    assert page["count"] == len(seen) > 2


def test_a_text_column_is_read_as_numbers_where_that_is_asked_for(client: Client, id: str) -> None:
    page = client.get(f"/api/v1/snapshots/{id}/rows?_number=mass&mass__gte=120&_sort=-mass&_col=mass").json()
    assert [row["mass"] for row in page["results"]] == ["1,358", "159", "140", "136", "136", "120"]


def test_the_profile_tells_numbers_that_are_written_as_text(client: Client, id: str) -> None:
    columns = client.get(f"/api/v1/snapshots/{id}/profile").json()["columns"]
    numbers = {column["name"]: column["numbers"] for column in columns if "numbers" in column}
    assert numbers.keys() == {"height", "mass"}  # and no birth_year: 19BBY
    assert (numbers["mass"]["max"], numbers["mass"]["quantiles"]["0.5"]) == (1358.0, 79.0)
    assert numbers["mass"]["others"] == [{"value": "unknown", "count": numbers["mass"]["other_count"]}]


def test_an_offset_past_the_end_gives_no_rows(client: Client, id: str) -> None:
    page = client.get(f"/api/v1/snapshots/{id}/rows?_offset=9223372036854775807").json()
    assert (page["count"], page["next"], page["results"]) == (82, None, [])


def test_counts_are_of_combinations_the_largest_first(client: Client, id: str) -> None:
    counts = client.get(f"/api/v1/snapshots/{id}/counts?by=date&by=homeworld&_limit=2").json()
    assert (counts["columns"], counts["total_rows"], counts["count"]) == (["date", "homeworld"], 82, 49)
    assert counts["results"][0] == {
        "values": {"date": "2014-12-20", "homeworld": "Naboo"},
        "count": 11,
        "share": pytest.approx(11 / 82),
    }
    first = client.get(f"/api/v1/snapshots/{id}/counts?by=homeworld&_order=first&_limit=1").json()
    assert first["results"][0]["values"] == {"homeworld": "Tatooine"}


def test_the_latest_snapshot_of_a_dataset_is_a_redirect_that_is_not_kept(client: Client, id: str) -> None:
    latest = client.get("/api/v1/datasets/swapi/people/latest")
    assert (latest.status_code, latest["Location"]) == (307, f"/api/v1/snapshots/{id}")
    assert latest["Cache-Control"] == "no-store"


@pytest.mark.parametrize("rest", ["", "/rows", "/rows?_offset=20", "/counts?by=gender", "/profile"])
def test_what_never_changes_is_sent_once(client: Client, id: str, rest: str) -> None:
    first = client.get(f"/api/v1/snapshots/{id}{rest}")
    assert first.status_code == 200
    assert "immutable" in first["Cache-Control"]
    again = client.get(f"/api/v1/snapshots/{id}{rest}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/sources/swap", 404, ['"swap"', '"swapi"']),
        ("/api/v1/sources/swapi/datasets/peple/plan", 404, ["peple", "people"]),
        ("/api/v1/sources?limit=0", 400, ["limit", "0", "1000"]),
        ("/api/v1/sources?limit=1001", 400, ["1001", "1000"]),
        ("/api/v1/sources?limit=x", 400, ['"x"']),
        ("/api/v1/sources?limit=", 400, ["limit"]),
        ("/api/v1/sources?limit=1&limit=2", 400, ["2 times"]),
        ("/api/v1/sources?limt=1", 400, ['"limt"', '"limit"']),
        ("/api/v1/runs?offset=-1", 400, ["-1"]),
        ("/api/v1/runs?offset=9223372036854775808", 400, ["9223372036854775808"]),
        ("/api/v1/runs?offset=%D9%A1", 400, ["offset"]),
        ("/api/v1/runs?offset=1_0", 400, ["1_0"]),
        ("/api/v1/runs/20200101-000000-000000", 404, ["20200101-000000-000000"]),
        ("/api/v1/runs/..", 404, [".."]),
        ("/api/v1/runs/%00", 404, ["run"]),
        (FIRST.replace("snapshots", "runs") + "/requests?only=fast", 400, ["fast", "slow"]),
        (FIRST.replace("snapshots", "runs") + "/requests?offset=1", 400, ["offset"]),
        ("/api/v1/snapshots/20200101-000000-000000", 404, ["20200101-000000-000000"]),
        ("/api/v1/snapshots/*", 404, ["*"]),
        ("/api/v1/snapshots/..", 404, [".."]),
        ("/api/v1/snapshots/%00/rows", 404, ["snapshot"]),
        ("/api/v1/datasets/swapi/planets/latest", 404, ["swapi/planets"]),
        (FIRST + "?_limit=1", 400, ["_limit"]),
        (FIRST + "/rows?limit=1", 400, ['"limit"', '"_limit"']),
        (FIRST + "/rows?_limit=5000", 400, ["5000", "1000"]),
        (FIRST + "/rows?homewrld=Naboo", 400, ['"homewrld"', '"homeworld"']),
        (FIRST + "/rows?homeworld__is=Naboo", 400, ['operator "is"', "exact"]),
        (FIRST + "/rows?date__gte=soon", 400, ['"soon"', '"date"', "2026-11-21"]),
        (FIRST + "/rows?date__like=2014%25", 400, ['"like"', '"date"', "date"]),
        (FIRST + "/rows?_sort=mas", 400, ['"mas"', '"mass"']),
        (FIRST + "/rows?_sort=%22mass", 400, ["quotes"]),
        (FIRST + "/rows?_col=mas", 400, ['"mas"']),
        (FIRST + "/rows?_search=a&_search=b", 400, ["_search", "2 times"]),
        (FIRST + "/rows?_order=first", 400, ["_order"]),
        (FIRST + "/counts", 400, ["column"]),
        (FIRST + "/counts?by=homewrld", 400, ['"homewrld"', '"homeworld"']),
        (FIRST + "/counts?by=gender&by=gender", 400, ["gender"]),
        (FIRST + "/counts?by=gender&_order=up", 400, ['"up"', "first"]),
        (FIRST + "/counts?by=gender&_by=date", 400, ["_by"]),
        (FIRST + '/counts?by=gender"; DROP TABLE x', 400, ["DROP"]),
        (FIRST + "/download.xls", 404, ["xls", "csv"]),
        (FIRST + "/nothing", 404, ["/nothing"]),
        ("/api/v2/", 404, ["/api/v2/"]),
    ],
)
def test_what_can_t_be_answered_is_said_with_the_value_and_what_to_do(
    client: Client, id: str, path: str, status: int, words: list[str]
) -> None:
    refused = client.get(path.format(id=id))
    assert refused.status_code == status
    assert refused["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert [word for word in words if word not in body["detail"]] == []


def test_a_method_that_a_route_has_not_is_said(client: Client, id: str) -> None:
    refused = client.delete(f"/api/v1/snapshots/{id}")
    assert refused.status_code == 405
    assert "GET" in refused["Allow"]
    assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["snapshots/{}", "snapshots/{}/rows", "datasets/swapi/{}/latest", "runs/{}"])
def test_a_name_longer_than_any_file_has_is_not_found(client: Client, read_home: str, path: str) -> None:
    assert client.get(f"/api/v1/{path.format('x' * 5000)}").status_code == 404


def test_a_name_that_is_no_unicode_text_is_not_found(client: Client, read_home: str) -> None:
    body = '{"dataset": "\\ud800"}'
    assert client.post("/api/v1/runs", body, content_type="application/json").status_code == 404


def test_a_zero_byte_leads_nowhere(client: Client, read_home: str) -> None:
    """PostgreSQL takes none: this is for its stack."""
    assert client.get("/api/v1/snapshots?dataset=%00/x").json()["count"] == 0
    assert client.get("/runs/now/?was=%00&ended=%00").status_code == 200
    client.cookies["ladle-session"] = "\0aaaaaaaaaaaa"
    assert client.get("/api/v1/sources").status_code == 200


def test_a_body_that_is_too_large_is_refused_whatever_it_begins_with(client: Client, read_home: str) -> None:
    body = '{"dataset": "swapi/people"}' + " " * (1 << 20)
    refused = client.post("/api/v1/runs", body, content_type="application/json")
    assert refused.status_code == 413
    assert refused["Content-Type"] == "application/problem+json"


def test_a_client_that_has_anything_at_all_is_sent_nothing(client: Client, id: str) -> None:
    answer = client.get(f"/api/v1/snapshots/{id}/rows", headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_foreign_host_is_refused(client: Client, read_home: str) -> None:
    refused = client.get("/api/v1/sources", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert "evil.example" in refused.json()["detail"]


def test_every_answer_carries_its_safe_headers(client: Client, id: str) -> None:
    for path in ("/api/v1/sources", f"/api/v1/snapshots/{id}/rows", "/api/v1/nothing", "/api/docs/"):
        answer = client.get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_description_is_openapi_3_1_and_has_every_route(client: Client, read_home: str) -> None:
    told = client.get("/api/schema/").json()
    assert told["openapi"] == "3.1.0"
    assert {"get", "post"} <= set(told["paths"]["/collection-request"])
    assert {"get", "post"} <= set(told["paths"]["/api/v1/runs"])
    assert "application/problem+json" in told["paths"]["/api/v1/runs"]["post"]["responses"]["404"]["content"]
    assert len(told["paths"]) == 42


def test_the_swagger_page_needs_no_inline_script_and_nobody_else_s_server(client: Client, read_home: str) -> None:
    page = client.get("/api/docs").content.decode()
    assert "<style" not in page
    assert "://" not in page
    sources = [part.partition('"')[0] for part in page.split('<script src="')[1:]]
    assert len(sources) == 4
    for source in sources:
        script = client.get(source.replace("&amp;", "&"))
        assert script.status_code == 200
        assert "javascript" in script["Content-Type"]
