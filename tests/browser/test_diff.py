"""What has changed, in a browser: more rows by script and without it, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open
from tests.browser.site import Site, serving
from tests.snapshots.kit import built, page, person, source

pytestmark = pytest.mark.browser
RUNS = ("20261121-120103-7f3a9c", "20261122-080000-000001")
DIFF = f"/diff/{RUNS[0]}..{RUNS[1]}/"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two snapshots of `stars/people`: 13 added, 2 removed, 2 changed, and a column that is new."""
    path = tmp_path_factory.mktemp("changed")
    first = [person(n, mass=n, eye=None) for n in range(1, 5)]
    second = [person(n, mass=n + 1, eye="", new=n) for n in (1, 2, *range(10, 23))]
    for run, records in zip(RUNS, (first, second), strict=True):
        built(path, [page(1, records)], of=source(), run=run)
    with serving(path / "home") as site:
        yield site


def test_more_rows_are_appended_and_the_filters_are_links(open_page: Open, changed: Site) -> None:
    shown = open_page(f"/snapshots/{RUNS[1]}/", on=changed.url)
    shown.get_by_role("link", name="What changed").click()
    expect(shown.locator("#shown")).to_have_text("Showing 1 to 10 of 17")
    shown.get_by_role("link", name="Load 7 more").click()
    expect(shown.locator("#rows > tr")).to_have_count(17)
    expect(shown.locator("#row-11")).to_be_focused()
    shown.get_by_role("link", name="mass 2").click()
    expect(shown.locator("#rows > tr")).to_have_count(2)
    expect(shown.locator("del").first).to_have_text("1")
    shown.get_by_role("link", name="Only changed columns").click()
    expect(shown.get_by_role("columnheader")).to_have_text(["Kind", "url", "mass", "eye"])


def test_without_script_the_key_is_chosen_by_a_form(open_page: Open, changed: Site) -> None:
    shown = open_page(DIFF, on=changed.url, java_script_enabled=False)
    shown.get_by_label("Rows are told apart by").select_option("eye")
    shown.get_by_role("button", name="Compare").click()
    expect(shown.get_by_role("alert")).to_contain_text("Choose another key, unique in both: url, name")
    shown.get_by_label("Rows are told apart by").select_option("name")
    shown.get_by_role("button", name="Compare").click()
    shown.get_by_role("link", name="Load 7 more").click()
    expect(shown.locator("#shown")).to_have_text("Showing 11 to 17 of 17")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_page: Open, changed: Site, width: int) -> None:
    shown = open_page(DIFF, on=changed.url, width=width, bypass_csp=True)
    for query in ("", "?_only=changed&_columns=changed", "?_key=eye"):
        shown.goto(changed.url + DIFF + query)
        assert complaints(shown) == {}, query
