"""Who may not stay: opens streams and POSTs that wait, takes from each what it came in by, and sees that it ends."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from ladle_server.access.kinds import Action, Kind, Who
from ladle_server.access.staying import Pass, no_longer
from tests.server.cities import IDS, Cities
from tests.server.site import SECONDS, Site, until

STAFF, PASSWORD = "ada", "three words apart"


@pytest.fixture(scope="module")
def cities() -> Iterator[Cities]:
    """Of which nothing is heard until a test says so."""
    with Cities() as api:
        api.held = set(IDS)
        yield api


@pytest.fixture(scope="module")
def site(cities: Cities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("staying")
    first = {"LADLE_LOGIN": "always", "LADLE_FIRST_USER": STAFF, "LADLE_FIRST_PASSWORD": PASSWORD}
    with Site(folder / "home", **first, **cities.settings(folder)) as running:
        yield running


class Browser:
    """Somebody's, logged in by the form."""

    def __init__(self, site: Site, name: str) -> None:
        self._at, self._cookies = f"http://127.0.0.1:{site.port}", CookieJar()
        self._open = build_opener(HTTPCookieProcessor(self._cookies)).open
        self.post("/login/", name=name, password=PASSWORD)

    def get(self, path: str) -> str:
        """A page."""
        with self._open(f"{self._at}{path}", timeout=SECONDS) as page:
            return str(page.read().decode())

    def post(self, path: str, *, of: str = "", **form: str) -> str:
        """The page behind a form, which stands on the page `of`."""
        secret = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', self.get(of or path))[0]
        sent = urlencode({"csrfmiddlewaretoken": secret, **form}).encode()
        with self._open(f"{self._at}{path}", sent, timeout=SECONDS) as page:
            return str(page.read().decode())

    def headers(self) -> dict[str, str]:
        """By which its owner is known."""
        return {"Cookie": "; ".join(f"{each.name}={each.value}" for each in self._cookies), "Origin": self._at}

    def token(self) -> dict[str, str]:
        """A new token's headers."""
        page = self.post("/account/", name="a test", scope="collect", expires="never")
        return {"Authorization": f"Bearer {re.findall(r'ladle_[A-Za-z0-9_-]{43}', page)[0]}"}

    def revoke(self) -> None:
        """Of its owner's tokens the first."""
        path = re.findall(r"/account/tokens/[0-9]+/revoke/", self.get("/account/"))[0]
        self.post(path, of="/account/")


class Staff(Browser):
    """Who looks after the others."""

    def adds(self, name: str) -> str:
        """Somebody who may collect."""
        self.post("/users/", name=name, kind="collector", password=PASSWORD)
        return name

    def does(self, name: str, **form: str) -> None:
        """What the page of users does to one of them."""
        path = re.findall(rf'href="(/users/[0-9]+/)"[^>]*>{name}<', self.get("/users/"))[0]
        self.post(path, **form)


def asked(
    site: Site, stack: ExitStack, path: str, headers: dict[str, str], number: int = 0
) -> http.client.HTTPConnection:
    """A stream; with a number a POST that waits."""
    connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=SECONDS)))
    told = {"Content-Type": "application/json", **headers}
    body = json.dumps({"id": number}) if number else None
    connection.request("POST" if number else "GET", path, body, told)
    return connection


def begun(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    answer = connection.getresponse()
    assert any(line.startswith(b"data: ") for line in answer)
    return answer


def test_a_stream_or_a_waiting_post_ends_with_what_its_client_came_in_by(site: Site, cities: Cities) -> None:
    boss = Staff(site, STAFF)
    owners = {name: Browser(site, boss.adds(name)) for name in ("revoked", "left", "changed", "disabled", "lowered")}
    deeds: dict[str, Callable[[], object]] = {
        "revoked": owners["revoked"].revoke,
        "left": lambda: owners["left"].post("/logout/", of="/account/"),
        "changed": lambda: boss.does("changed", do="password", password="four other words apart"),
        "disabled": lambda: boss.does("disabled", do="disable"),
        "lowered": lambda: boss.does("lowered", do="kind", kind="reader"),
    }
    by_token = {name: owners[name].token() for name in ("revoked", "disabled", "lowered")}
    headers = {name: by_token.get(name) or owners[name].headers() for name in owners}
    mine = boss.token()
    run = site.post("/api/v1/runs", {"dataset": "openweather/cities"}, **mine).json["id"]
    with ExitStack() as stack:
        path = f"/api/v1/runs/{run}/events"
        streams = {name: begun(asked(site, stack, path, headers[name])) for name in owners if name != "lowered"}
        my_stream = begun(asked(site, stack, path, mine))
        posts = {
            name: asked(site, stack, "/collection-request", headers[name], number)
            for number, name in enumerate(owners, start=1)
        }
        my_post = asked(site, stack, "/collection-request", mine, 99)
        until(lambda: site.get("/collection-request", **mine).json["count"] == len(posts) + 1)
        for deed in deeds.values():
            deed()
        for stream in streams.values():
            stream.read()  # to its end
        for name, post in posts.items():
            answer = post.getresponse()
            assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json"), name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "goes on without you" in json.load(answer)["detail"]
            assert site.get("/api/v1/runs", **headers[name]).status == (401 if name != "lowered" else 200)
        cities.api.release()
        assert my_post.getresponse().status == 201
        assert b'"state":"complete"' in my_stream.read()


@pytest.mark.django_db
def test_any_number_of_those_who_stay_is_looked_at_by_three_queries(django_assert_num_queries: Any) -> None:
    by_token = {known(number, token=number) for number in range(400)}
    by_session = {known(number, session=f"of {number}") for number in range(400)}
    with django_assert_num_queries(3):
        assert no_longer(by_token | by_session) == by_token | by_session


def known(number: int, *, token: int | None = None, session: str = "") -> Pass:
    """As what somebody came in whom nobody knows any more."""
    who = Who(kind=Kind.READER, user=number, token=token)
    return Pass(who=who, action=Action.READ, session=session, proof="")
