"""What Django refuses before a view has a say: a page for people, a problem for programs, each with its status."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from ladle_server import logs
from ladle_server.refusals import server_error
from tests.server.site import Site

PEOPLE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def heading(page: bytes) -> str:
    """What a page says first."""
    (found,) = re.findall(r"<h1>([^<]+)</h1>", page.decode())
    return str(found)


@pytest.mark.parametrize("path", ["/schedules/1/pause/", "/runs/7/cancel"])
def test_the_address_of_a_button_says_so_where_a_person_opens_it(client: Client, path: str) -> None:
    refused = client.put(path, headers=PEOPLE)
    assert refused.status_code == 405
    assert refused["Allow"]
    assert heading(refused.content) == "That is no page to look at"
    assert "PUT" in refused.content.decode()
    assert client.put(path).content == b""  # a program reads the status


def test_the_api_says_a_wrong_method_in_its_own_way(client: Client) -> None:
    refused = client.delete("/api/v1/runs", headers=PEOPLE)
    assert (refused.status_code, refused.headers["Content-Type"]) == (405, "application/problem+json")


def test_a_form_that_is_too_large_is_told_so(client: Client) -> None:
    much = {"definition": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    refused = client.post("/sources/new/", urlencode(much), "application/x-www-form-urlencoded")
    assert refused.status_code == 400 or heading(refused.content) == "That is too large"
    assert refused.status_code == 413


def test_a_name_that_the_site_does_not_go_by_is_told_with_the_setting_and_in_style(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        refused = site.get("/", Host="ladle.example:8000")
        assert refused.status == 400
        assert heading(refused.body) == "Ladle does not go by this name here"
        assert "LADLE_ALLOWED_HOSTS=ladle.example<" in refused.body.decode()
        styles = re.findall(r'rel="stylesheet" href="([^"]+)"', refused.body.decode())
        assert len(styles) == 2
        assert {site.get(style, Host="ladle.example:8000").status for style in styles} == {200}
        assert "LADLE_ALLOWED_HOSTS" in site.get("/api/v1/runs", Host="ladle.example").json["detail"]
        assert b"<b>&lt;i&gt;</b>" in site.get("/", Host="<i>").body


def test_a_fault_of_ladle_names_the_request_under_which_the_log_has_it() -> None:
    with logs.about(request="from-a-proxy:1"):
        failed = server_error(RequestFactory().get("/"))
    assert (failed.status_code, heading(failed.content)) == (500, "Something went wrong in Ladle")
    assert "under <code>from-a-proxy:1</code>" in failed.content.decode()
