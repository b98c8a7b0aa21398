"""Where the site listens and which names it answers to: by its settings, and by a real one on every address."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ladle.errors import SettingError
from ladle_server.listening import listening
from tests.server.site import SECONDS, Site

LONG = "a-secret-that-nobody-can-guess-and-that-is-long-enough"
NAMED = {"LADLE_ALLOWED_HOSTS": "Ladle.example, .lab.example,192.168.7.5, [fd00::7]", "LADLE_SECRET_KEY": LONG}
OWN = ("localhost", "127.0.0.1", "[::1]")
ALL = "0.0.0.0"  # noqa: S104 - that is what is tried


@pytest.mark.parametrize(
    ("host", "listens", "url"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:8000/"),
        ("localhost", "127.0.0.1", "http://127.0.0.1:8000/"),
        ("127.0.0.2", "127.0.0.2", "http://127.0.0.2:8000/"),
        ("::1", "::1", "http://[::1]:8000/"),
        (ALL, ALL, "http://127.0.0.1:8000/"),
        ("::", "::", "http://[::1]:8000/"),
        ("192.168.7.6", "192.168.7.6", "http://192.168.7.6:8000/"),
    ],
)
def test_the_site_says_an_address_at_which_it_is_found(host: str, listens: str, url: str) -> None:
    told = listening({"LADLE_HOST": host, **NAMED})
    assert (told.host, told.url(8000)) == (listens, url)


def test_it_answers_to_this_machines_names_and_to_those_that_are_listed() -> None:
    assert listening({}).names == OWN
    named = (*OWN, "192.168.7.6", "ladle.example", ".lab.example", "192.168.7.5", "[fd00::7]")
    assert listening({"LADLE_HOST": "192.168.7.6", **NAMED}).names == named
    assert listening(NAMED).origins[:2] == ["https://ladle.example", "https://*.lab.example"]


@pytest.mark.parametrize("host", [ALL, "::", "192.168.7.6"])
@pytest.mark.parametrize(
    ("without", "words"),
    [
        ({"LADLE_ALLOWED_HOSTS": " , "}, "LADLE_ALLOWED_HOSTS is not set"),
        ({"LADLE_SECRET_KEY": ""}, "LADLE_SECRET_KEY is not set"),
        ({"LADLE_SECRET_KEY": "short"}, "LADLE_SECRET_KEY has only 5 characters"),
    ],
)
def test_other_machines_reach_no_site_without_names_and_a_secret(
    host: str, without: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        listening({"LADLE_HOST": host, **NAMED, **without})


def test_a_site_on_every_address_answers_there_to_its_names_alone(tmp_path: Path) -> None:
    with Site(tmp_path / "home", LADLE_HOST=ALL, **NAMED) as site:
        assert {
            name: site.get("/", Host=name).status for name in ("ladle.example", "a.lab.example", "evil.example")
        } == {
            "ladle.example": 200,
            "a.lab.example": 200,
            "evil.example": 400,
        }
        assert "LADLE_ALLOWED_HOSTS" in site.get("/api/v1/runs", Host="evil.example").json["detail"]
        elsewhere = http.client.HTTPConnection("127.0.0.2", site.port, timeout=SECONDS)
        elsewhere.request("GET", "/api/v1/runs", headers={"Host": "192.168.7.5"})
        assert elsewhere.getresponse().status == 200
        elsewhere.close()
        assert _sent(site, origin="https://ladle.example") == 302
        assert _sent(site, origin="https://evil.example") == 403


def _sent(site: Site, *, origin: str) -> int:
    """The status of a page's form that comes by a proxy which speaks https."""
    page = site.get("/", Host="ladle.example")
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.body.decode())[0]
    cookie = page.headers["set-cookie"].partition(";")[0]
    told = {"Host": "ladle.example", "Cookie": cookie, "Origin": origin}
    body = urlencode({"csrfmiddlewaretoken": token, "dataset": "swapi/people"}).encode()
    return site.ask("POST", "/runs/", body=body, Content_Type="application/x-www-form-urlencoded", **told).status
