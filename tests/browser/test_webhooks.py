"""Webhooks in a browser without JavaScript: added, with their secret once, tried, disabled and removed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_a_webhook_is_added_tried_and_removed_by_forms_alone(open_page: Open) -> None:
    page = open_page("/webhooks/", java_script_enabled=False)
    page.get_by_label("Address").fill("http://10.0.0.1/hook")
    page.get_by_label("failed").uncheck()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("LADLE_ALLOW_ADDRESSES")
    expect(page.get_by_label("failed")).not_to_be_checked()
    page.get_by_label("Address").fill("http://127.0.0.2:9/hook")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("main code").first).to_have_text(re.compile(r"whsec_\S{44}"))
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#rows > tr")).to_contain_text("a test")
    expect(page.locator("main")).not_to_contain_text("whsec_")
    page.get_by_role("button", name="Disable").click()
    expect(page.locator("main")).to_contain_text("Somebody disabled it.")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the webhook").click()
    expect(page.locator("h1")).to_have_text("Webhooks")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_its_pages(open_page: Open, width: int) -> None:
    page = open_page("/webhooks/", width=width, bypass_csp=True)
    origin = page.url.removesuffix("/webhooks/")
    made = page.request.post(f"{origin}/api/v1/webhooks", data={"url": "http://127.0.0.2:9/hook"}).json()
    here = f"/webhooks/{made['id']}/"
    page.request.post(f"{origin}/api/v1{here}test")
    found = {}
    for path in ("/webhooks/", here, f"{here}remove/"):
        page.goto(origin + path)
        found[path] = complaints(page)
    assert {path: told for path, told in found.items() if told} == {}
