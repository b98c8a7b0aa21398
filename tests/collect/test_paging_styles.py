"""Every style of paging: takes APIs that page in it, looks at what is asked for and how the run ends."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from ladle.testing import ScriptedApi, answer
from tests.apis import drive, targets
from tests.collect.styles import SIZE, STYLES, Api, begun_with, collect, entries, ids, source_of

ALL = list(STYLES)


# One page alone can't be told from an API that ignores the page's number.
@pytest.mark.parametrize(
    ("style", "total"),
    [
        (style, total)
        for style in ALL
        for total in (1, 3, 7, 9)
        if not (style == "page, until the last again" and total <= SIZE)
    ],
)
def test_every_record_is_kept_once_and_in_order(style: str, total: int, tmp_path: Path) -> None:
    api, about = Api(STYLES[style].answers, list(range(1, total + 1))), STYLES[style]
    with ScriptedApi(api) as served:
        run, end = collect(served, style, tmp_path)
        asked = len(served.requests)
    assert (end.state, end.gaps, end.reason) == ("complete", (), "")
    assert ids(end, tmp_path) == api.ids
    assert asked == api.pages + about.extra
    assert (end.done, end.total, end.exact) == (asked, asked, True)
    assert len({entry.key for entry in entries(run)}) == asked + (about.extra if about.extra == 3 else 0)


@pytest.mark.parametrize("style", ALL)
def test_a_collection_that_holds_nothing_is_complete(style: str, tmp_path: Path) -> None:
    with ScriptedApi(Api(STYLES[style].answers, [])) as served:
        _, end = collect(served, style, tmp_path)
        assert len(served.requests) == 1
    assert (end.state, end.records) == ("complete", 0)


@pytest.mark.parametrize("style", ALL)
def test_a_run_that_was_killed_asks_for_the_rest_and_for_nothing_twice(style: str, tmp_path: Path) -> None:
    api = Api(STYLES[style].answers, list(range(1, 11)))
    with ScriptedApi(api) as served:
        run, end = collect(served, style, tmp_path)
        whole, kept, made = ids(end, tmp_path), entries(run), len(served.requests)
        for number in range(made):
            home = tmp_path / f"{number}"
            home.mkdir()
            before = len(served.requests)
            again = begun_with(kept[:number], source_of(served.url, STYLES[style].lines, home), home)
            end = drive(again)
            assert (end.state, ids(end, home)) == ("complete", whole)
            assert len(served.requests) - before == made - number
            assert sorted(each.key for each in entries(again)) == sorted(each.key for each in kept)


@pytest.mark.parametrize("style", ALL)
def test_a_record_that_is_inserted_before_what_was_read_is_never_silently_lost(style: str, tmp_path: Path) -> None:
    api = Api(STYLES[style].answers, list(range(1, 14)))
    for number in range(2, 7):
        api.before[number] = lambda number=number: api.ids.insert(0, 100 + number) if number == 4 else None
    with ScriptedApi(api) as served:
        _, end = collect(served, style, tmp_path)
        asked = len(served.requests)
    found = ids(end, tmp_path)
    assert end.state == "complete", end.reason
    assert len(found) == len(set(found))
    assert set(range(1, 14)) <= set(found)
    # Behind the last record's id nothing shifts; elsewhere the list is read once more, as it is now.
    assert sorted(found) == sorted(api.ids) or style == "cursor, last record"
    assert asked > api.pages or style == "cursor, last record"


@pytest.mark.parametrize("style", ALL)
def test_a_page_that_never_comes_is_a_gap_and_ends_nothing(style: str, tmp_path: Path) -> None:
    api = Api(STYLES[style].answers, list(range(1, 11)))

    def script(request: object) -> object:
        found = api(request)  # type: ignore[arg-type] - as it came
        return answer("down", status=500) if api.asked > 2 else found

    with ScriptedApi(script) as served:
        _, end = collect(served, style, tmp_path)
    assert end.state == ("failed" if end.snapshot is None else "incomplete")
    assert end.state == "failed" or end.gaps


@pytest.mark.parametrize("style", [style for style in ALL if not STYLES[style].parallel])
def test_without_a_count_pages_are_read_one_after_another(style: str, tmp_path: Path) -> None:
    api = Api(STYLES[style].answers, list(range(1, 20)))
    with ScriptedApi(api) as served:
        run, _ = collect(served, style, tmp_path)
    kept = [entry for entry in entries(run) if entry.attempt]
    assert [entry.position for entry in kept] == list(range(1, len(kept) + 1))
    assert all(one.started + one.took <= two.started for one, two in pairwise(kept))


def test_a_token_goes_into_the_address_encoded_and_into_a_body_as_it_is(tmp_path: Path) -> None:
    with ScriptedApi(Api(STYLES["cursor"].answers, list(range(1, 8)))) as served:
        run, _ = collect(served, "cursor", tmp_path)
        assert targets(served) == ["/things", "/things?cursor=aWQ6Mw%3D%3D", "/things?cursor=aWQ6Ng%3D%3D"]
    assert [entry.key for entry in entries(run)][1:] == [target[1:] for target in targets(served)[1:]]
    (tmp_path / "two").mkdir()
    with ScriptedApi(Api(STYLES["cursor, by POST"].answers, list(range(1, 8)))) as served:
        run, _ = collect(served, "cursor, by POST", tmp_path / "two")
    assert [entry.key for entry in entries(run)] == ["things", "things?start_cursor=c3", "things?start_cursor=c6"]
