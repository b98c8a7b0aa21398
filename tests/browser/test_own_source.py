"""A source of one's own with the mouse: from an address to counts, and a definition watched while it is typed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site, serving
from tests.replicas import replica
from tests.replicas.kit import Replica

pytestmark = pytest.mark.browser
SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")


@pytest.fixture(scope="module")
def toons() -> Iterator[Replica]:
    with replica("rick_and_morty") as running:
        yield running


@pytest.fixture(scope="module")
def own_site(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose operator lets definitions reach this machine."""
    home = tmp_path_factory.mktemp("own") / "home"
    with serving(home, **settings | {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}) as running:
        yield running


def test_from_the_front_page_an_address_becomes_a_table_in_under_a_minute(
    open_page: Open, own_site: Site, toons: Replica
) -> None:
    began = time.monotonic()
    page = open_page("/", on=own_site.url)
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Address", exact=True).fill(toons.first)
    page.get_by_role("button", name="Look").click()
    first = str(toons.records[0]["name"])
    expect(page.locator(".tried table")).to_contain_text(first)
    expect(page.locator(".tried")).to_contain_text("7 requests")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/sources/[a-z0-9_-]+/$"))
    page.get_by_role("button", name=re.compile("^Collect ")).first.click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator("#rows > tr")).to_have_count(10)
    page.get_by_role("link", name="Counts").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name=re.compile("^status ")).click()
    expect(page.locator("#counts")).to_contain_text("Alive")
    assert time.monotonic() - began < 60, "the issue's own bound, of the whole way"


def test_mistakes_and_prices_follow_what_is_typed(open_page: Open, own_site: Site, toons: Replica) -> None:
    page = open_page("/sources/new/?ready=blank", on=own_site.url)
    text = page.get_by_label("The definition", exact=True)
    good = text.input_value()
    text.fill(good.replace('paging = "link"', 'paging = "lnik"'))
    expect(page.locator("#mistakes")).to_contain_text('"lnik"')
    expect(page.locator("#mistakes")).to_contain_text("line")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    text.fill(good)
    expect(page.locator("#mistakes")).to_have_text("The definition is right.")
    expect(page.locator(".tried")).to_contain_text("request")
    expect(page.get_by_role("button", name="Save")).to_be_enabled()


def test_rows_change_with_the_definition_and_nobody_is_asked_again(
    open_page: Open, own_site: Site, toons: Replica
) -> None:
    page = open_page("/sources/new/", on=own_site.url)
    page.get_by_label("Address", exact=True).fill(toons.first)
    page.get_by_role("button", name="Look").click()
    expect(page.locator(".tried table")).to_be_visible()
    asked = len(toons.requests)
    text = page.get_by_label("The definition", exact=True)
    text.fill(text.input_value().replace('"gender",', '{ name = "sex", path = "gender" },'))
    expect(page.locator(".tried th", has_text="sex")).to_be_visible()
    assert len(toons.requests) == asked


def test_an_address_that_gives_nothing_is_told_and_kept(open_page: Open, own_site: Site, toons: Replica) -> None:
    page = open_page("/sources/new/", on=own_site.url)
    page.get_by_label("Address", exact=True).fill(f"{toons.url}nothing-here")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("main .note.bad")).to_contain_text("404")
    expect(page.get_by_label("Address", exact=True)).to_have_value(f"{toons.url}nothing-here")


def test_without_an_operators_leave_this_machine_is_not_reached(open_page: Open, site: Site, toons: Replica) -> None:
    asked = len(toons.requests)
    page = open_page("/sources/new/", on=site.url)
    page.get_by_label("Address", exact=True).fill(toons.first)
    page.get_by_role("button", name="Look").click()
    expect(page.locator("main .note.bad")).to_contain_text("LADLE_ALLOW_ADDRESSES")
    assert len(toons.requests) == asked


def test_a_source_is_changed_to_a_new_version_and_removed_when_asked_twice(
    open_page: Open, own_site: Site, toons: Replica
) -> None:
    page = open_page("/sources/new/?ready=blank", on=own_site.url)
    text = page.get_by_label("The definition", exact=True)
    text.fill(text.input_value().replace("https://api.example.org/v1/", toons.url).replace('"example"', '"second"'))
    expect(page.locator("#mistakes")).to_have_text("The definition is right.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/sources/second/$"))
    page.get_by_role("link", name="Change").click()
    text = page.get_by_label("The definition", exact=True)
    text.fill(text.input_value().replace("An example", "A better one"))
    expect(page.get_by_role("button", name="Save")).to_be_enabled()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A better one")
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 2")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the source").click()
    page.wait_for_url(f"{own_site.url}/")
    expect(page.get_by_text("A better one")).to_have_count(0)


def test_on_a_phone_a_source_that_would_be_replaced_is_named_within_the_page(
    open_page: Open, own_site: Site, toons: Replica
) -> None:
    def write(name: str) -> Page:
        page = open_page("/sources/new/?ready=blank", on=own_site.url, width=390)
        text = page.get_by_label("The definition", exact=True)
        text.fill(
            text.input_value().replace("https://api.example.org/v1/", toons.url).replace('"example"', f'"{name}"')
        )
        return page

    name = "a-name-as-long-as-a-name-may-be-" + "x" * 16
    write(name).get_by_role("button", name="Save", exact=True).click()
    page = write(name)
    expect(page.get_by_role("button", name=f"Save as version 2 of {name}")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_parameters_are_set_on_the_page_of_a_source(open_page: Open, own_site: Site, weather: object) -> None:
    page = open_page("/sources/openweather/", on=own_site.url)
    page.get_by_text("Collect with other parameters").click()
    page.get_by_label("units").select_option("imperial")
    page.get_by_role("button", name="Collect with these").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator(".facts").first).to_contain_text("units: imperial")


def test_without_script_a_source_is_made_all_the_same(open_page: Open, own_site: Site, toons: Replica) -> None:
    page = open_page("/sources/new/", on=own_site.url, java_script_enabled=False)
    page.get_by_label("Address", exact=True).fill(toons.first)
    page.get_by_role("button", name="Look").click()
    expect(page.locator(".tried table")).to_contain_text(str(toons.records[0]["name"]))
    text = page.get_by_label("The definition", exact=True)
    text.fill(text.input_value().replace('paging = "page"', 'paging = "pgae"'))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#mistakes")).to_contain_text("pgae")
    text.fill(text.input_value().replace('paging = "pgae"', 'paging = "page"').replace('"local"', '"unscripted"', 1))
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/sources/unscripted/$"))
