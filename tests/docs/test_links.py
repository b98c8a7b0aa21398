"""The built documentation: takes every link and anchor in it, gives those that lead nowhere; none does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.reading import ROOT

BUILT = ROOT / "docs" / "_build" / "html"


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note both."""
        named = dict(attrs)
        for key in ("id", "name"):
            if named.get(key):
                self.anchors.add(str(named[key]))
        for key in ("href", "src"):
            if named.get(key):
                self.links.append(str(named[key]))
                if key == "src" or tag == "link":
                    self.loads.append(str(named[key]))


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages: those that `./check docs` has just built, or else built here."""
    index = BUILT / "searchindex.js"
    sources = [path for path in (ROOT / "docs").rglob("*") if path.is_file() and "_build" not in path.parts]
    newest = max(path.stat().st_mtime for path in [*sources, ROOT / "CHANGELOG.md"])
    if index.exists() and index.stat().st_mtime >= newest:
        return BUILT
    folder = tmp_path_factory.mktemp("built")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "html",
        "-d",
        str(folder / "trees"),
        "docs",
        str(folder / "html"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=110)
    return folder / "html"


@pytest.fixture(scope="module")
def pages(html: Path) -> dict[Path, Page]:
    """Every page by its file."""
    return {path: Page(path.read_text("utf-8")) for path in html.rglob("*.html") if "_static" not in path.parts}


def inside(pages: dict[Path, Page]) -> Iterator[tuple[Path, str, Path, str]]:
    """Each link that stays in the documentation: its page, itself, the file that it means, and the anchor there."""
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                there = path.parent / unquote(parts.path) if parts.path else path
                yield path, link, there.resolve(), unquote(parts.fragment)


def test_every_link_inside_leads_to_a_file_that_is_there(html: Path, pages: dict[Path, Page]) -> None:
    assert {path.relative_to(html).parts[0] for path in pages} >= {"index.html", "tutorial.html", "howto", "reference"}
    lost = [(str(path.relative_to(html)), link) for path, link, there, _ in inside(pages) if not there.exists()]
    assert lost == []


def test_every_anchor_that_is_linked_to_is_there(html: Path, pages: dict[Path, Page]) -> None:
    known = {path.resolve(): page.anchors for path, page in pages.items()}
    lost = [
        (str(path.relative_to(html)), link)
        for path, link, there, anchor in inside(pages)
        if anchor and there in known and anchor not in known[there]
    ]
    assert lost == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page], html: Path) -> None:
    """No font, script or picture comes over the network, so that the pages read the same without one."""
    loaded = [(str(path.relative_to(html)), each) for path, page in pages.items() for each in page.loads]
    assert [each for each in loaded if urlsplit(each[1]).netloc] == []
