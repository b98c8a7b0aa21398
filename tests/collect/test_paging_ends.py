"""Where pages end and chains go astray: takes APIs that lie about it, looks at what is kept and what the run says."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import ladle
from ladle.testing import Request, ScriptedApi, answer
from tests.apis import drive, targets
from tests.collect.styles import Api, Style, begun_with, collect, entries, ids, number, source_of, until

ITEMS = 'records = "items"\n'
BLIND = ITEMS + 'paging = "page"'


def items(*ids: int) -> list[dict[str, int]]:
    return [{"id": each} for each in ids]


def pages(*parts: list[int], more: Callable[[int], dict[str, object]] = lambda page: {}) -> ScriptedApi:
    """An API of just these pages; behind them nothing."""

    def script(request: Request) -> object:
        page = number(request)
        return {"items": items(*parts[page - 1]) if page <= len(parts) else [], **more(page)}

    return ScriptedApi(script)


def styled(lines: str) -> Style:
    return Style(lambda api, request: None, lines)


def ended(api: ScriptedApi, lines: str, home: Path, **more: str) -> ladle.Progress:
    with api:
        return collect(api, styled(lines), home, **more)[1]


def test_short_pages_in_the_middle_are_no_end(tmp_path: Path) -> None:
    api = pages([1, 2, 3], [4], [5, 6, 7], [8, 9])
    end = ended(api, BLIND, tmp_path)
    assert (end.state, ids(end, tmp_path)) == ("complete", list(range(1, 10)))
    assert len(api.requests) == 5


def test_short_pages_cost_a_page_too_many_where_the_number_of_pages_is_not_told(tmp_path: Path) -> None:
    # Hidden records make the first page short: by its length there would be 5 pages, of which the API refuses two.
    def script(request: Request) -> object:
        parts = [[1, 2], [3, 4, 5], [6, 7, 8]]
        page = number(request)
        refused = answer({"code": "invalid_page_number"}, status=400)
        return {"count": 8, "items": items(*parts[page - 1])} if page <= 3 else refused

    end = ended(ScriptedApi(script), ITEMS + 'paging = "page"\ncount = "count"\nend = 400', tmp_path)
    assert (end.state, end.gaps, ids(end, tmp_path)) == ("complete", (), list(range(1, 9)))


@pytest.mark.parametrize("style", ["page", "offset"])
def test_an_empty_page_is_no_end_where_the_api_says_that_there_is_more(style: str, tmp_path: Path) -> None:
    parts = [[1, 2], [], [3, 4], []]

    def script(request: Request) -> object:
        at = number(request) - 1 if style == "page" else int(request.query["offset"]) // 2
        return {"items": items(*parts[at]), "more": at < 3}

    end = ended(ScriptedApi(script), ITEMS + f'paging = "{style}"\nmore = "more"', tmp_path)
    assert (end.state, ids(end, tmp_path), end.done) == ("complete", [1, 2, 3, 4], 4)


def test_an_empty_page_of_a_number_that_is_told_is_no_end(tmp_path: Path) -> None:
    end = ended(
        pages([1, 2], [], [3], more=lambda _: {"pages": 3}), ITEMS + 'paging = "page"\npages = "pages"', tmp_path
    )
    assert (end.state, ids(end, tmp_path), end.done) == ("complete", [1, 2, 3], 3)


def test_a_page_that_was_promised_and_is_not_there_is_a_gap(tmp_path: Path) -> None:
    def script(request: Request) -> object:
        page = number(request)
        return {"items": items(page), "more": True} if page < 3 else answer({}, status=404)

    end = ended(ScriptedApi(script), ITEMS + 'paging = "page"\nmore = "more"', tmp_path)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["things?page=3"])


def test_a_status_that_is_not_said_to_be_the_end_is_a_gap(tmp_path: Path) -> None:
    api = Api(until(lambda api: answer({}, status=400)), list(range(1, 8)))
    with ScriptedApi(api) as served:
        _, end = collect(served, styled(BLIND), tmp_path)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["things?page=4"])


def test_the_last_page_again_adds_no_rows_where_the_table_shows_no_key(tmp_path: Path) -> None:
    api = Api(until(lambda api: {"items": api.part(6)}), list(range(1, 9)))
    with ScriptedApi(api) as served:
        run, end = collect(served, styled(BLIND), tmp_path)
    assert (end.state, ids(end, tmp_path), end.records) == ("complete", list(range(1, 9)), 8)
    assert end.snapshot is not None
    assert ladle.snapshot(end.snapshot, home=tmp_path).manifest.duplicates == 0
    # What a resumed run reads in the journal are these pages too, and those that were found to hold nothing.
    again = begun_with(entries(run), source_of("http://127.0.0.1:9/", BLIND, tmp_path), tmp_path / "again")
    assert (drive(again).state, ids(drive(again), tmp_path / "again")) == ("complete", list(range(1, 9)))


def test_an_api_that_takes_no_notice_of_the_pages_number_is_told(tmp_path: Path) -> None:
    end = ended(ScriptedApi(lambda _: {"items": items(1, 2, 3)}), BLIND, tmp_path)
    assert end.state == "incomplete"
    assert 'there is one page alone, or the API takes no notice of "page"' in end.reason


def test_a_short_first_page_that_comes_again_is_all_there_is(tmp_path: Path) -> None:
    end = ended(ScriptedApi(lambda _: {"items": items(1, 2, 3)}), BLIND + "\npage_size = 10", tmp_path)
    assert (end.state, ids(end, tmp_path)) == ("complete", [1, 2, 3])


def test_without_a_key_the_same_page_for_ever_is_left_and_told(tmp_path: Path) -> None:
    api = ScriptedApi(lambda request: {"items": items(0) if number(request) == 1 else items(1, 2, 3)})
    end = ended(api, BLIND, tmp_path, key="")
    assert len(api.requests) == 7 + 4
    assert (end.state, "hold the same records" in end.reason) == ("incomplete", True)


@pytest.mark.parametrize(
    ("lines", "script"),
    [
        (
            'paging = "header"',
            lambda n: answer(items(n), headers={"Link": f'</things?page={n % 4 + 1}>; rel="next"'}),
        ),
        (
            ITEMS + 'paging = "cursor"\ncursor = "next"\ncursor_param = "page"',
            lambda n: {"items": items(n), "next": n % 4 + 1},
        ),
        (
            ITEMS + 'paging = "python"\npaginator = "circle:circle"',
            lambda n: {"items": items(n), "n": n},
        ),
    ],
    ids=["header", "cursor", "python"],
)
def test_a_chain_that_goes_in_a_circle_is_told_and_keeps_its_records(
    lines: str, script: Callable[[int], object], tmp_path: Path
) -> None:
    text = 'def circle(answer, request):\n    return {"params": {"page": answer["n"] % 4 + 1}}\n'
    (tmp_path / "circle.py").write_text(text, "utf-8")
    with ScriptedApi(lambda request: script(number(request))) as api:
        _, end = collect(api, styled(lines), tmp_path)
        assert len(set(targets(api))) <= 5
    assert (end.state, "which was read before" in end.reason) == ("incomplete", True)
    assert ids(end, tmp_path) == [1, 2, 3, 4]


def test_a_token_that_comes_again_with_an_empty_page_is_the_end(tmp_path: Path) -> None:
    def script(request: Request) -> object:
        at = number(request, "cursor", 0)
        return {"items": items(at + 1) if at < 3 else [], "next": min(at + 1, 3)}

    end = ended(ScriptedApi(script), ITEMS + 'paging = "cursor"\ncursor = "next"', tmp_path)
    assert (end.state, ids(end, tmp_path)) == ("complete", [1, 2, 3])


def test_pages_without_a_record_that_lead_on_for_ever_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("ladle.collect.collection"), "EMPTY", 20)
    api = ScriptedApi(lambda request: {"items": [], "next": f"c{len(api.requests)}"})
    end = ended(api, ITEMS + 'paging = "cursor"\ncursor = "next"', tmp_path)
    assert "the 20 before it hold no record" in end.reason
    assert end.state in ("incomplete", "failed")


def test_a_very_long_token_is_sent_whole_and_shown_short(tmp_path: Path) -> None:
    long = "x" * 5000

    def script(request: Request) -> object:
        after = request.query.get("cursor")
        return {"items": items(2 if after == long else 1), "next": None if after else long}

    with ScriptedApi(script) as api:
        run, end = collect(api, styled(ITEMS + 'paging = "cursor"\ncursor = "next"'), tmp_path)
    assert ids(end, tmp_path) == [1, 2]
    assert max(len(entry.key) for entry in entries(run)) < 400


def test_links_on_several_header_lines_are_all_read(tmp_path: Path) -> None:
    def script(request: Request) -> object:
        page = number(request)
        links = [f"<?page={page + 1}>; rel=next"] if page < 3 else []
        return answer(items(page), headers={"Link": ", ".join([*links, "<a.css>; rel=preload"])})

    end = ended(ScriptedApi(script), 'paging = "header"', tmp_path)
    assert ids(end, tmp_path) == [1, 2, 3]


def test_what_is_not_sent_again_still_leads_on(tmp_path: Path) -> None:
    def script(request: Request) -> object:
        page = number(request)
        if request.headers.get("If-None-Match") == f'"{page}"':
            return answer(b"", status=304, headers={"ETag": f'"{page}"'})
        link = {"Link": f'<?page={page + 1}>; rel="next"'} if page < 3 else {}
        return answer(items(page), headers={"ETag": f'"{page}"', "X-Total": "3", **link})

    with ScriptedApi(script) as api:
        lines = styled('paging = "header"\ncount = "header:X-Total"')
        collect(api, lines, tmp_path)
        _, end = collect(api, lines, tmp_path)
        assert len(api.requests) == 6
    assert (end.state, ids(end, tmp_path), end.claimed) == ("complete", [1, 2, 3], 3)


@pytest.mark.parametrize(("made", "rows"), [("some", 6), ("twice", 18), ("keyless", 9)])
def test_a_transform_does_not_make_a_collection_incomplete(made: str, rows: int, tmp_path: Path) -> None:
    (tmp_path / "tidy.py").write_text(
        "def some(record):\n    return record if record['id'] % 3 else None\n"
        "def twice(record):\n    return [{'id': record['id']}, {'id': record['id'] + 100}]\n"
        "def keyless(record):\n    record['name'] = record.pop('id')\n    return record\n",
        "utf-8",
    )
    api = pages([1, 2, 3], [4, 5, 6], [7, 8, 9], more=lambda _: {"count": 9})
    lines = ITEMS + f'paging = "page"\ncount = "count"\ntransform = "tidy:{made}"'
    end = ended(api, lines, tmp_path, columns='"name"' if made == "keyless" else '"id"')
    assert (end.state, end.reason) == ("complete", "")
    assert end.snapshot is not None
    assert ladle.snapshot(end.snapshot, home=tmp_path).manifest.rows == rows


def test_a_transform_that_fails_on_a_page_is_a_gap_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "tidy.py").write_text("def some(record):\n    1 / (record['id'] - 4)\n    return record\n", "utf-8")
    lines = BLIND + '\ntransform = "tidy:some"'
    end = ended(pages([1, 2, 3], [4, 5, 6], [7, 8, 9]), lines, tmp_path)
    assert (end.state, [gap.key for gap in end.gaps]) == ("incomplete", ["things?page=2"])
    assert "The function tidy:some failed: ZeroDivisionError" in end.reason


def test_a_function_that_is_not_there_ends_a_run_before_its_first_request(tmp_path: Path) -> None:
    api = pages([1])
    end = ended(api, BLIND + '\ntransform = "tidy:none"', tmp_path)
    assert (end.state, len(api.requests)) == ("failed", 0)
    assert 'There is no module "tidy"' in end.reason


def test_a_status_means_what_the_definition_says(tmp_path: Path) -> None:
    failing = {2: [404, 404], 3: [418]}

    def script(request: Request) -> object:
        page = number(request)
        if failing.get(page):
            return answer({"message": "not now"}, status=failing[page].pop())
        return {"count": 4, "items": items(page)}

    more = 'retry = { attempts = 2, status = { 404 = "again", 418 = "gone" } }'
    lines = ITEMS + 'paging = "page"\ncount = "count"'
    with ScriptedApi(script) as api:
        _, end = collect(api, styled(lines), tmp_path, more=more)
        asked = targets(api)
    assert (end.state, sorted(gap.key for gap in end.gaps)) == ("incomplete", ["things?page=2", "things?page=3"])
    assert [asked.count(f"/things?page={page}") for page in (2, 3)] == [2, 1]


def test_a_body_holds_its_own_words_beside_the_pages_number(tmp_path: Path) -> None:
    def script(request: Request) -> object:
        body = json.loads(request.body)
        page = body["variables"]["page"]
        assert body == {"query": "{ things }", "variables": {"size": 2, "page": page}}
        return {"data": {"things": items(page) if page < 4 else []}}

    lines = 'records = "data.things"\npaging = "page"\npage_param = "variables.page"\npage_size = 2\n'
    lines += 'size_param = "variables.size"\nbody = { query = "{ things }", variables = {} }'
    end = ended(ScriptedApi(script), lines, tmp_path)
    assert (end.state, ids(end, tmp_path)) == ("complete", [1, 2, 3])
