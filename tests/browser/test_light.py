"""What a page weighs on the wire, and whence it comes: from this site alone, and little of it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Open
from tests.browser.site import Site

pytestmark = pytest.mark.browser
MOST = 60_000
"""Bytes of the first page of a snapshot with everything that it needs, nothing being known of it before."""


def test_the_first_page_of_a_snapshot_is_light_and_comes_from_here_alone(
    open_page: Open, site: Site, people: str
) -> None:
    page = open_page("about:blank", on="")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    weights: list[float] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.goto(site.url + people, wait_until="networkidle")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site.url).netloc}
    assert len(weights) >= 4, "the page, its style and its scripts"
    assert 20_000 < sum(weights) < MOST


def test_a_second_page_asks_for_no_file_again(open_page: Open, people: str) -> None:
    page = open_page(people)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    asked: dict[str, str] = {}
    wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    wire.on("Network.requestServedFromCache", lambda event: asked.pop(event["requestId"]))
    page.get_by_role("link", name="Columns", exact=True).click()
    page.wait_for_load_state("networkidle")
    again = [urlsplit(url).path for url in asked.values() if not url.partition("?")[0].endswith(".svg")]
    assert again == [f"{people}columns/"], "the picture of the tab comes when the browser likes"
