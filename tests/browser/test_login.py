"""Where people log in: from a page to the login and back, a token, and out again; axe finds nothing on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.axe import complaints
from tests.browser.conftest import Open
from tests.browser.site import Site, serving

pytestmark = pytest.mark.browser
NAME, PASSWORD = "ada", "three words apart"


@pytest.fixture(scope="module")
def guarded(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on loopback that asks who one is all the same."""
    first = {"LADLE_FIRST_USER": NAME, "LADLE_FIRST_PASSWORD": PASSWORD}
    with serving(tmp_path_factory.mktemp("guarded") / "home", **settings, **first, LADLE_LOGIN="always") as running:
        yield running


def enter(page: Page, password: str = PASSWORD) -> None:
    """Type name and password, and press the button."""
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_one_logs_in_comes_back_makes_a_token_and_logs_out(open_page: Open, guarded: Site, script: bool) -> None:
    page = open_page("/runs/?_offset=0", on=guarded.url, java_script_enabled=script)
    assert page.url == f"{guarded.url}/login/?next=%2Fruns%2F%3F_offset%3D0"
    assert page.get_by_role("navigation", name="Main").count() == 0
    enter(page, "not their words at all")
    assert "do not belong together" in page.get_by_role("alert").inner_text()
    enter(page)
    assert page.url == f"{guarded.url}/runs/?_offset=0"
    with page.expect_navigation():
        page.get_by_role("link", name="Your account, ada").click()
    page.get_by_label("What it is for").fill("nightly export")
    with page.expect_navigation():
        page.get_by_role("button", name="Make it").click()
    token = page.locator(".secret").inner_text()
    status, _, _ = guarded.get("/api/v1/runs", Authorization=f"Bearer {token}")
    assert status == 200
    with page.expect_navigation():
        page.get_by_role("button", name="Revoke nightly export").first.click()
    assert guarded.get("/api/v1/runs", Authorization=f"Bearer {token}")[0] == 401
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    assert page.url == f"{guarded.url}/login/"


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_pages_of_access(open_page: Open, guarded: Site, width: int) -> None:
    page = open_page("/login/", on=guarded.url, width=width, bypass_csp=True)
    found = {"/login/": complaints(page)}
    enter(page)
    for path in ("/account/", "/users/", "/users/1/", "/users/1/?ask=remove", "/audit/", "/audit/?who=nobody"):
        page.goto(guarded.url + path)
        found[path] = complaints(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert {path: told for path, told in found.items() if told} == {}
