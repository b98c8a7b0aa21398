"""Where the site listens and which names it answers to: by its settings, and by a real one on every address."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ladle.errors import SettingError
from ladle_server.access.rates import Rate
from ladle_server.guarding import guarding
from ladle_server.listening import listening
from tests.server.site import SECONDS, Site
from tests.servers.stack import Stack

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


def test_a_name_by_which_others_reach_it_a_proxy_or_a_word_make_people_log_in() -> None:
    told = {
        "": {},
        "LADLE_ALLOWED_HOSTS": {"LADLE_ALLOWED_HOSTS": "localhost, 127.0.0.7, ladle.example"},
        "LADLE_PROXIES": {"LADLE_PROXIES": "10.0.0.0/8"},
        "LADLE_LOGIN": {"LADLE_LOGIN": "always"},
        "LADLE_HOST": {"LADLE_HOST": ALL, **NAMED},
    }
    for name, env in told.items():
        set_ = guarding(env, at=listening(env))
        assert set_.why.startswith(name), name
        assert bool(set_.why) == bool(name)
        assert set_.rate == (Rate(600, 60) if name else None)
    own = {"LADLE_ALLOWED_HOSTS": "localhost, 127.0.0.7", "LADLE_RATE_LIMIT": "5 per second"}
    assert (guarding(own, at=listening(own)).why, guarding(own, at=listening(own)).rate) == ("", Rate(5, 1))


NAME, PASSWORD = "ada", "three words apart"
FIRST = {"LADLE_FIRST_USER": NAME, "LADLE_FIRST_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site writes its log."""
    return tmp_path_factory.mktemp("everywhere") / "log"


@pytest.fixture(scope="module")
def site(log: Path, stack: Stack) -> Iterator[Site]:
    """One on every address, whose first user its settings name, behind a proxy on this machine."""
    settings = {"LADLE_HOST": ALL, "LADLE_PROXIES": "127.0.0.1", "LADLE_METRICS_FROM": "127.0.0.1", **NAMED, **FIRST}
    with Site(log.parent / "home", log=log, **settings) as running:
        yield running


def test_a_site_on_every_address_answers_there_to_its_names_alone(site: Site) -> None:
    names = ("ladle.example", "a.lab.example", "evil.example")
    assert {name: site.get("/login/", Host=name).status for name in names} == {
        "ladle.example": 200,
        "a.lab.example": 200,
        "evil.example": 400,
    }
    assert "LADLE_ALLOWED_HOSTS" in site.get("/api/v1/runs", Host="evil.example").json["detail"]
    elsewhere = http.client.HTTPConnection("127.0.0.2", site.port, timeout=SECONDS)
    elsewhere.request("GET", "/api/v1/runs", headers={"Host": "192.168.7.5"})
    assert elsewhere.getresponse().status == 401
    elsewhere.close()


def test_its_first_user_comes_in_by_a_proxy_that_speaks_https(site: Site) -> None:
    form, cookies = _form(site)
    sent = {
        "Host": "ladle.example",
        "Cookie": cookies,
        "X-Forwarded-Proto": "https",
        "Referer": "https://ladle.example/",
    }
    kind = "application/x-www-form-urlencoded"
    body = urlencode({**form, "name": NAME, "password": PASSWORD, "next": "/runs/"}).encode()
    for origin, status in (("https://evil.example", 403), ("https://ladle.example", 302)):
        answer = site.ask("POST", "/login/", body=body, Content_Type=kind, Origin=origin, **sent)
        assert answer.status == status
    assert answer.headers["location"] == "/runs/"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    session = re.findall(r"(ladle-session=\w+);", answer.headers["set-cookie"])[0]
    assert re.search(r"ladle-session=.*HttpOnly.*Secure", answer.headers["set-cookie"])
    page = site.get("/runs/", Host="ladle.example", Cookie=session)
    assert page.status == 200
    assert b'class="who"' in page.body
    assert "strict-transport-security" not in page.headers
    for path in ("/users/", "/audit/", "/account/", "/runs/now/", "/static/pages/ladle.css"):
        assert site.get(path, Host="ladle.example", Cookie=session).status == 200, path
    deeds = site.get("/api/v1/audit", Host="ladle.example", Cookie=session).json["results"]
    assert [(deed["who"], deed["deed"]) for deed in deeds] == [("ada", "log in"), ("settings", "add a user")]


def test_a_client_is_known_by_what_a_proxy_says_that_is_named_and_by_no_other(site: Site) -> None:
    told = {"X-Forwarded-For": "203.0.113.9"}
    assert site.get("/metrics").status == 200
    assert site.get("/metrics", **told).status == 403
    other = http.client.HTTPConnection("127.0.0.2", site.port, source_address=("127.0.0.3", 0), timeout=SECONDS)
    other.request("GET", "/login/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
    answer = other.getresponse()
    assert answer.status == 200
    assert answer.getheader("Strict-Transport-Security") is None
    other.close()


def test_a_request_that_is_too_large_is_not_read_to_its_end(site: Site) -> None:
    told = site.ask("POST", "/login/", body=b"x" * 10, Content_Length=str(1 << 40))
    assert (told.status, told.json["detail"][:34]) == (413, "The body is larger than 16,777,216")
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as line:
        line.sendall(b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        with suppress(ConnectionError):
            for _ in range(17):
                line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    for endless in (b"GET /" + b"x" * 70_000, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000):
        with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as line:
            with suppress(ConnectionError):
                line.sendall(endless)
            assert line.recv(100).startswith(b"HTTP/1.1 431 ")
    assert site.get("/healthz", X_Long="x" * 60_000).status == 200


def test_nothing_secret_is_in_its_log(site: Site, log: Path) -> None:
    sent = "a-token-that-must-not-leak"
    assert site.get("/api/v1/runs", Authorization=f"Bearer {sent}").status == 401
    assert sent not in log.read_text()
    assert PASSWORD not in log.read_text()


def test_it_is_refused_a_start_until_there_is_somebody_who_can_let_others_in(tmp_path: Path) -> None:
    refused = _ended(tmp_path, "ladle_server", "--port", "0", LADLE_LOGIN="always")
    assert refused.returncode == 1
    assert "there is no user of the kind staff. Make the first: ladle users add NAME --staff" in refused.stderr
    made = _ended(tmp_path, "ladle", "users", "add", NAME, "--staff", "--json", said=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["kind"] == "staff"
    with Site(tmp_path / "home", LADLE_LOGIN="always") as running:
        assert running.get("/").status == 302


def _ended(folder: Path, module: str, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    env = Site(folder / "home", **settings).env | {"LADLE_HOME": str(folder / "home")}
    command = (sys.executable, "-m", module, *words)
    return subprocess.run(command, env=env, input=said, capture_output=True, text=True, check=False)


def _form(site: Site) -> tuple[dict[str, str], str]:
    """What the login's form carries, and its cookie."""
    page = site.get("/login/", Host="ladle.example")
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.body.decode())[0]
    return {"csrfmiddlewaretoken": token}, page.headers["set-cookie"].partition(";")[0]
