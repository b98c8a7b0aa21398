"""Wide and odd tables on the site: every page and route answers, names and cells are escaped, no page is huge."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from tests.explore.odd import CELLS, NAMES, SCRIPT, TABLES, Odd, table
from tests.servers.stack import home_with

pytestmark = pytest.mark.timeout(300)  # two thousand columns take a while to be made
LARGEST = 1_500_000
"""Bytes of any page of ten rows."""


@pytest.fixture
def site(settings: Settings, db: None) -> Settings:
    return settings


def shown(name: str, folders: pytest.TempPathFactory, site: Settings) -> Odd:
    """One of the tables, on the site."""
    odd = table(name, folders)
    site.LADLE_HOME = home_with(odd.snapshot.folder)
    return odd


def text(page: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def addresses(odd: Odd) -> list[str]:
    """Of every page of the snapshot, with and without a view."""
    first, last = odd.snapshot.columns[0].name, odd.snapshot.columns[-1].name
    down = ladle.View(sort=(ladle.Sort(last, descending=True),), filters=(ladle.Filter(first, "notnull"),))
    view = urlencode(odd.snapshot.pairs(down))
    here = f"/snapshots/{odd.snapshot.id}"
    by = urlencode([("by", first), ("by", last)] if first != last else [("by", first)])
    api = f"/api/v1/snapshots/{odd.snapshot.id}"
    return [
        *(f"{here}/{page}" for page in ("", f"?{view}", "?_search=x", "columns/", "counts/", f"counts/?{by}", "sql/")),
        *(f"{here}{data}" for data in (".json", f".json?{view}", f"/counts.json?{by}", f"/counts.csv?{by}")),
        *(f"{api}{route}" for route in ("", "/rows", f"/rows?{view}", f"/counts?{by}", "/profile")),
        *(["/snapshots/", "/", f"/diff/{odd.snapshot.id}..{odd.snapshot.id}/"]),
        *([f"{here}/rows/1/", f"{here}/?{view}&_offset=0&_from=0"] if odd.rows else []),
    ]


# The wide table runs the lines of the others, two thousand times: they need not be counted again.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.no_cover] * (name == "wide")) for name in TABLES]
)
def test_every_page_and_route_answers(
    client: Client, name: str, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown(name, tmp_path_factory, site)
    for address in addresses(odd):
        page = client.get(address)
        assert page.status_code == 200, (address, text(page)[:300])
        if "text/html" in page["Content-Type"] and "/rows/1/" not in address:
            assert len(page.content) < LARGEST, (address, len(page.content))
            assert "<script>alert" not in page.content.decode()
            assert "<img src=x" not in page.content.decode()


@pytest.mark.parametrize("asked", NAMES, ids=ascii)
def test_a_column_is_filtered_sorted_and_counted_by_its_name_on_page_and_api(
    client: Client, asked: str, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown("named", tmp_path_factory, site)
    here, value = f"/snapshots/{odd.snapshot.id}/", odd.rows[3][asked]
    view = ladle.View((asked,), (ladle.Filter(asked, "exact", value),), sort=(ladle.Sort(asked, descending=True),))
    query = urlencode(odd.snapshot.pairs(view))
    assert client.get(f"/api/v1/snapshots/{odd.snapshot.id}/rows?{query}").json()["results"] == [{asked: value}]
    page = client.get(f"{here}?{query}")
    assert "1 row where" in text(page)
    assert escape(asked) in page.content.decode()
    formed = client.get(here, {"_filter": asked or '""', "_op": "exact", "_value": value})
    assert "1 row where" in text(client.get(formed["Location"]))
    added = client.get(f"{here}counts/", {"_add": asked or '""', "_order": "first"})
    assert added["Location"] == f"{here}counts/?{urlencode({'by': asked, '_order': 'first'})}"
    by = client.get(added["Location"])
    link = re.search(r'href="(/snapshots/[^"]*\?[^"]*)"[^>]*aria-label="1 row', by.content.decode())
    assert link is not None
    assert "1 row where" in text(client.get(unescape(link[1])))


def test_a_column_without_a_name_is_a_choice_of_every_form(
    client: Client, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown("named", tmp_path_factory, site)
    here, value = f"/snapshots/{odd.snapshot.id}/", odd.rows[3][""]
    nameless = '<option value="&quot;&quot;">""</option>'
    rows, counts = (client.get(f"{here}{page}").content.decode() for page in ("", "counts/"))
    assert (rows.count(nameless), counts.count(nameless)) == (2, 1)
    assert client.get(f"{here}?_by=%22%22&_down=1")["Location"] == f"{here}?_sort=-%22%22"
    only = text(client.get(f"{here}?_col=&__exact={value}"))
    assert f'1 row where "" is {value}' in only
    assert client.get(f"/api/v1/snapshots/{odd.snapshot.id}/counts?by=&_limit=1").json()["columns"] == [""]
    drawn = client.get(f"{here}chart/?kind=bars&of=")
    assert '<option value="" selected>' in drawn.content.decode()
    assert 'Rows by ""' in text(drawn)


@pytest.mark.parametrize("page", ["counts/?by=", "chart/?kind=bars&of="])
def test_an_empty_name_is_refused_where_every_column_has_one(
    client: Client, page: str, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown("narrow", tmp_path_factory, site)
    refused = client.get(f"/snapshots/{odd.snapshot.id}/{page}")
    assert (refused.status_code, 'no column ""' in text(refused)) == (400, True)


def test_a_long_cell_is_cut_on_a_page_and_whole_behind_its_link(
    client: Client, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown("filled", tmp_path_factory, site)
    page = client.get(f"/snapshots/{odd.snapshot.id}/?_sort=-n").content.decode()
    links = re.findall(
        r"The first 2,000 of 1,000,000 characters\. <a href=\"([^\"]+)\">The whole row as JSON</a>", page
    )
    assert len(links) == 2
    assert [client.get(unescape(link)).json()["results"][0]["text"] for link in links] == [CELLS[-1], CELLS[-2]]
    counts = client.get(f"/snapshots/{odd.snapshot.id}/counts/?by=text&_limit=1000")
    assert len(counts.content) < LARGEST
    assert escape(SCRIPT[:2000]) in counts.content.decode()


def test_names_that_are_no_columns_are_refused_briefly(
    client: Client, tmp_path_factory: pytest.TempPathFactory, site: Settings
) -> None:
    odd = shown("wide", tmp_path_factory, site)
    for address in (
        f"/snapshots/{odd.snapshot.id}/?column+x=1",
        f"/api/v1/snapshots/{odd.snapshot.id}/rows?column+x=1",
    ):
        refused = client.get(address)
        assert refused.status_code == 400
        assert len(refused.content) < 10_000
