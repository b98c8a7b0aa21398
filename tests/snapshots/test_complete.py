"""Complete, or it says so: gaps, counts and references that don't come out even are told in the manifest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ladle.errors import Damaged
from ladle.snapshots.manifest import Gap, Manifest, read_manifest
from ladle.sources.source import Reference
from tests.snapshots.kit import BASE_URL, RUN, built, field, from_records, page, person, source

HOMEWORLD = field("homeworld", reference=Reference(resource="planets", value="name"))
PLANETS = [{"url": f"{BASE_URL}planets/1/", "name": "Tatooine"}]


def test_a_missing_reference_is_null_and_makes_the_snapshot_incomplete(tmp_path: Path) -> None:
    people = [person(1, homeworld=f"{BASE_URL}planets/99/"), person(2, homeworld=f"{BASE_URL}planets/1/")]
    snapshot = built(tmp_path, [page(1, people, count=2), page(1, PLANETS, resource="planets")], of=source(HOMEWORLD))
    assert [row["homeworld"] for row in snapshot.rows()] == [None, "Tatooine"]
    assert not snapshot.manifest.complete
    assert snapshot.manifest.reasons == ("No record came for 1 reference to planets: planets/99.",)
    assert [gap.key for gap in snapshot.manifest.gaps] == ["planets/99"]


def test_a_gap_makes_the_snapshot_incomplete_and_is_told(tmp_path: Path) -> None:
    gap = Gap("people?page=2", "HTTP 500, tried 5 times")
    snapshot = built(tmp_path, [page(1, [person(1)], count=2)], of=source(field("name")), gaps=[gap])
    assert not snapshot.manifest.complete
    assert snapshot.manifest.reasons == (
        "1 request got no usable answer: people?page=2 (HTTP 500, tried 5 times).",
        "The API says that there are 2 records; 1 were found.",
    )
    assert snapshot.manifest.gaps == (gap,)


def test_the_apis_own_count_is_the_one_it_told_last(tmp_path: Path) -> None:
    pages = [page(1, [person(1)], count=1, started=20.0), page(2, [person(2)], count=2, started=10.0)]
    manifest = built(tmp_path, pages, of=source(field("name"))).manifest
    assert (manifest.claimed, manifest.complete) == (1, False)


def test_an_api_that_tells_no_count_is_taken_at_its_pages(tmp_path: Path) -> None:
    manifest = built(tmp_path, [page(1, [person(1)])], of=source(field("name"))).manifest
    assert (manifest.claimed, manifest.complete, manifest.reasons) == (None, True, ())


def test_an_answer_that_is_not_as_defined_is_told_and_left_out(tmp_path: Path) -> None:
    broken = replace(page(2, []), body=b'{"results": 3}')
    snapshot = built(tmp_path, [page(1, [person(1)]), broken], of=source(field("name")))
    assert len(snapshot) == 1
    assert [gap.key for gap in snapshot.manifest.gaps] == ["people?page=2"]
    assert "people?page=2 (" in snapshot.manifest.reasons[0]


def test_a_manifest_reads_back_as_it_was_written(tmp_path: Path) -> None:
    snapshot = built(tmp_path, [page(1, [person(1)], count=2)], of=source(field("name")), gaps=[Gap("a", "b")])
    assert read_manifest(snapshot.folder) == snapshot.manifest
    document = snapshot.manifest.to_json()
    assert Manifest.from_json(document) == snapshot.manifest
    assert (document["started"], document["format"], document["run"]) == ("2026-11-21T12:01:03Z", 1, RUN)
    assert document["columns"] == [{"name": "name", "type": "text"}]


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"columns": [{"name": "a", "type": "hue"}]}, {"rows": ...}, {"more": 1}]
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    document = from_records(tmp_path, [{"a": 1}]).manifest.to_json() | change
    if ... in change.values():
        del document["rows"]
    with pytest.raises(Damaged, match="manifest"):
        Manifest.from_json(document)
