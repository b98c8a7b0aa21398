"""The page of all benches: takes small runs and made-up numbers, sees that all is told, and what is worse too."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.published.page import page

ROOT = Path(__file__).parents[1]
ABOUT = {"processor": "X", "cores": 2, "memory": 4, "system": "Linux 6", "python": "3.11", "load": 0.1}
HEAD = {"about": ABOUT | {"versions": {"Ladle": "1", "dlt": "2"}, "date": "2026-11-22", "minutes": 29}}


def collected(name: str, wall: float, *, memory: float = 100.0, pages: int = 10) -> dict[str, Any]:
    spans = {what: {"median": wall, "least": wall, "most": wall} for what in ("wall", "inside", "cpu", "busy")}
    about = {"competitor": name, "course": "10 pages of 10", "writes": "CSV", "pages": pages, "of": 10, "rounds": 3}
    return about | spans | {"memory": {"median": memory, "least": memory, "most": memory}}


def kept_quota(client: str, *, kind: str = "sliding log", refused: int = 0, share: float = 0.9) -> dict[str, Any]:
    cell = {"client": client, "kind": kind, "processes": 1, "calls": 600, "limit": 60, "window": 6.0}
    return {"cell": cell, "good": 600, "refused": refused, "seconds": 60.0, "errors": "", "share": share}


def test_small_runs_make_a_page_with_pictures_and_its_numbers(tmp_path: Path) -> None:
    pytest.importorskip("httptools")
    words = (sys.executable, "-m", "bench.published", "--quick", "--docs", str(tmp_path))
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "benchmarks.md").read_text("utf-8")
    shown = re.findall(r"images/(bench-[a-z0-9-]+\.svg)", text)
    assert sorted(shown) == sorted(path.name for path in (tmp_path / "images").iterdir())
    assert set(json.loads((tmp_path / "benchmarks.json").read_text("utf-8"))) == {"about", "collect", "scale"}
    again = subprocess.run((*words, "--page"), cwd=ROOT, capture_output=True, check=False, timeout=100)
    assert (again.returncode, (tmp_path / "benchmarks.md").read_text("utf-8")) == (0, text)


def test_who_is_quicker_is_told_and_who_is_slow_counts_for_the_bound() -> None:
    laps = [
        collected("Ladle", 2.0),
        collected("aiohttp + orjson", 3.0, memory=50.0),
        collected("asyncio protocol", 1.5),
        collected("dlt rest_api", 24.0, pages=5),
    ]
    text = page(HEAD | {"collect": laps}).text
    assert "- 10 pages of 10: asyncio protocol takes 0.75 times Ladle's time." in text
    assert "- 10 pages of 10: aiohttp + orjson takes 0.50 times Ladle's memory." in text
    assert "| 10 pages of 10: aiohttp + orjson takes | 1.50 times as long | at least 1 | yes |" in text
    assert "| 10 pages of 10: dlt rest_api takes | 12.0 times as long | at least 15 | **no** |" in text
    assert "| dlt rest_api | ~24.00 s (24.00 to 24.00) | 12.0 |" in text
    assert "~ collected fewer pages, scaled up." in text
    assert "2 of 3 bounds are met in this run." in text
    assert "What is out of reach" not in text


def test_a_bound_that_not_even_a_bare_protocol_reaches_is_said_to_be_out_of_reach() -> None:
    laps = [collected("Ladle", 2.0), collected("asyncio protocol", 1.5), collected("dlt rest_api", 18.0)]
    text = page(HEAD | {"collect": laps, "quota": [kept_quota("ladle safe", share=0.87)]}).text
    assert (
        "What is out of reach here, and why:\n\n"
        "- 10 pages of 10: dlt rest_api takes 12.0 times as long as the asyncio protocol, "
        "which writes a CSV file and checks nothing; 15 times is more than that leaves.\n- Ladle safe: "
    ) in text


def test_a_refusal_of_ladles_is_a_bound_that_is_not_met() -> None:
    cells = [kept_quota("ladle safe", refused=1), kept_quota("ladle fast", share=0.96), kept_quota("dlt", refused=40)]
    text = page(HEAD | {"quota": cells}).text
    assert "| Ladle safe: answers of 429 (every limiter; 1 cells) | 1 | none | **no** |" in text
    assert "least of 1 cells | 96.0 % | at least 95 | yes |" in text
    assert "| dlt | 1 | 600 at 60 per 6 s | 40, 90.0% |" in text


def test_a_clean_peer_that_is_quicker_than_ladle_is_told_of() -> None:
    cells = [kept_quota("ladle fast", share=0.96), kept_quota("scrapy", share=0.98)]
    assert "Scrapy drew no 429 either, at 98.0%" in page(HEAD | {"quota": cells}).text
    cells[1]["refused"] = 1
    assert "Nowhere in this run." in page(HEAD | {"quota": cells}).text


def test_a_picture_says_all_its_numbers_as_text_and_marks_ladles_own() -> None:
    (drawing,) = page(HEAD | {"collect": [collected("Ladle", 2.0), collected("dlt & <co>", 4.0)]}).pictures.values()
    whole = ElementTree.fromstring(drawing)  # noqa: S314 - our own picture
    texts = [each.text for each in whole.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["10 pages of 10: seconds from start to end", "Ladle", "2.0 s", "dlt & <co>", "4.0 s"]
    widths = [float(each) for each in re.findall(r'width="([\d.]+)" height="14"', drawing)]
    assert widths[1] == 2 * widths[0]


def test_the_published_page_is_what_the_kept_numbers_give() -> None:
    made = page(json.loads((ROOT / "docs/benchmarks.json").read_text("utf-8")))
    assert (ROOT / "docs/benchmarks.md").read_text("utf-8") == made.text
    kept = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/images").glob("bench-*.svg")}
    assert kept == made.pictures
