"""Which column of a table holds the key of its resource."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladle.sources.source import Column, Reference
from tests.snapshots.kit import built, field, page, person, source


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ((), "url"),
        ((field("name"), field("address", path="url")), "address"),
        ((field("name"),), None),
        ((field("name"), field("url", path="name")), None),
        ((field("name"), field("url", date="%Y")), None),
        ((field("name"), field("home", path="url", reference=Reference(resource="planets", value="name"))), None),
    ],
)
def test_a_manifest_names_the_column_of_the_resource_s_key(
    tmp_path: Path, columns: tuple[Column, ...], key: str | None
) -> None:
    manifest = built(tmp_path, [page(1, [person(1), person(2)])], of=source(*columns)).manifest
    assert manifest.key == key


def test_a_resource_without_a_key_has_no_such_column(tmp_path: Path) -> None:
    assert built(tmp_path, [page(1, [person(1)])], of=source(key=None)).manifest.key is None
