"""One limit of requests for all processes of a site: two of them on a real Valkey, which also goes away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from ladle_server.access.rates import Clients, Rate, rate, take
from ladle_server.access.shared_rates import Shared
from tests.server.attacks.conftest import NAME, PASSWORD
from tests.server.site import Site
from tests.valkey import Valkey

SIX = Rate(6, 3600)


def test_two_that_count_together_grant_a_rate_once(valkey: Valkey) -> None:
    prefix = str(uuid4())
    pair = [Shared(valkey.url, prefix=prefix) for _ in range(2)]
    told = [pair[n % 2].take("ada", SIX, now=0.0) for n in range(8)]
    assert [each.left for each in told] == [5, 4, 3, 2, 1, 0, 0, 0]
    assert [each.wait > 0 for each in told] == [False] * 6 + [True] * 2
    assert 599 < told[6].wait <= 600
    assert pair[0].take("grace", SIX, now=0.0).left == 5
    with valkey.client() as redis:
        keys = list(redis.scan_iter(f"{prefix}:*"))
        assert not any("ada" in key for key in keys)
        assert all(0 < redis.pttl(key) <= 3_600_000 for key in keys)


@pytest.mark.parametrize("words", ["1 per second", "600 per minute", "7 per hour", "1000000 per day"])
def test_both_ways_of_counting_decide_alike(valkey: Valkey, words: str) -> None:
    given = rate(words)
    assert given is not None
    shared, alone = Shared(valkey.url, prefix=str(uuid4())), Clients()
    some = min(given.limit, 50)
    assert [shared.take("x", given, now=0.0).wait for _ in range(some)] == [0.0] * some
    assert [alone.take("x", given, now=0.0).wait for _ in range(some)] == [0.0] * some
    if some == given.limit:
        assert shared.take("x", given, now=0.0).wait > 0
    assert take(given, even_at=0.0, now=0.0).left == given.limit - 1


def test_while_redis_is_away_each_counts_for_itself_and_together_again_when_it_is_back(tmp_path: Path) -> None:
    with Valkey(tmp_path) as server:
        one, other = (Shared(server.url, prefix="x") for _ in range(2))
        assert [each.take("ada", SIX, now=0.0).left for each in (one, other)] == [5, 4]
        server.kill()
        assert [one.take("ada", SIX, now=1.0).left for _ in range(2)] == [5, 4]
        assert other.take("ada", SIX, now=1.0).left == 5
        server.start()
        assert one.take("ada", SIX, now=2.0).left == 3, "it is not asked again at once"
        assert one.take("ada", SIX, now=60.0).left == 3, "what was counted together is kept"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, valkey: Valkey) -> Iterator[list[Site]]:
    """Two processes of one site."""
    folder = tmp_path_factory.mktemp("pair")
    told = {"LADLE_QUOTA_URL": valkey.url, "LADLE_QUOTA_PREFIX": str(uuid4()), "LADLE_RATE_LIMIT": "6 per hour"}
    told |= {"LADLE_LOGIN": "always", "LADLE_FIRST_USER": NAME, "LADLE_FIRST_PASSWORD": PASSWORD}
    with Site(folder / "home", **told) as one, Site(folder / "home", **told) as other:
        yield [one, other]


def test_two_processes_of_a_site_answer_a_client_so_often_together(pair: list[Site]) -> None:
    statuses = [pair[n % 2].get("/api/v1/runs").status for n in range(8)]
    assert statuses == [401] * 6 + [429] * 2
    assert {site.get("/runs/").status for site in pair} == {429}


def test_two_processes_of_a_site_count_failed_logins_together(pair: list[Site]) -> None:
    def failed(site: Site) -> int:
        page = site.get("/login/")
        (secret,) = re.findall(rb'csrfmiddlewaretoken" value="(\w+)"', page.body)
        form = urlencode({"name": NAME, "password": "wrong", "csrfmiddlewaretoken": secret.decode()}).encode()
        kind = "application/x-www-form-urlencoded"
        cookie = page.headers["set-cookie"].partition(";")[0]
        return site.ask("POST", "/login/", body=form, Content_Type=kind, Cookie=cookie).status

    told = [failed(site) for site in pair * 3]
    while not {429} <= set(told[::2]) & set(told[1::2]):
        told += [failed(site) for site in pair]
    # Each for itself would let five through before the first wait; together they wait 16 seconds after nine.
    assert told.count(401) < 10
