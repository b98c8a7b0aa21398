"""Own sources of a home on S3: takes definitions kept on one machine, gives them on another, each under one number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ladle
from ladle.errors import NotFound
from ladle.home import Home
from tests.sources.own import CITIES, text

LISTS = {"cities.csv": CITIES}


def test_a_source_that_was_kept_on_one_machine_is_used_on_another(home: str, elsewhere: Path) -> None:
    kept = ladle.add_source(text(), home=home, files=LISTS)
    assert (kept.name, kept.version) == ("own", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LADLE_CACHE", str(elsewhere / "third"))
        found = ladle.source("own", home=home)
        assert found == kept
        assert found.resources["weather"].each is not None
        assert len(found.resources["weather"].each.items) == 2
        later = ladle.add_source(text().replace('path = "weather"', 'path = "all-weather"'), home=home, files=LISTS)
        assert later.version == 2
    assert ladle.source("own", home=home).version == 2
    assert [version.number for version in ladle.source_versions("own", home=home)] == [2, 1]
    assert ladle.add_source(later.text, home=home, files=LISTS).version == 2, "the same again is no new version"
    ladle.remove_source("own", home=home)
    with pytest.raises(NotFound):
        ladle.source("own", home=home)
    assert len(ladle.source_versions("own", home=home)) == 2


def test_two_machines_that_keep_a_version_at_once_get_two_numbers(home: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        homes = []
        for number in range(4):
            patch.setenv("LADLE_CACHE", str(tmp_path / f"machine-{number}"))
            homes.append(Home.open(home))
    texts = [text().replace('path = "weather"', f'path = "weather-{number}"') for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        kept = list(
            pool.map(lambda pair: ladle.add_source(pair[1], home=pair[0], files=LISTS), zip(homes, texts, strict=True))
        )
    assert sorted(source.version or 0 for source in kept) == [1, 2, 3, 4]
    for source in kept:
        of_number = {version.number: version for version in ladle.source_versions("own", home=homes[0])}
        assert of_number[source.version or 0].text == source.text
