"""Who takes a connection: takes addresses of APIs and of proxies, good and bad, gives who is silent and why."""

from __future__ import annotations

import pytest

from ladle.collect.knock import knock
from ladle.testing import ScriptedApi


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_who_takes_a_connection_is_not_named_and_who_does_not_is_with_the_reason() -> None:
    with ScriptedApi({}) as api:
        silent = knock([api.url, "http://127.0.0.1:1/", "http://a..b/"])
    assert silent == {
        "http://127.0.0.1:1/": "127.0.0.1:1, Connection refused",
        "http://a..b/": "a..b is no name of a host",
    }
    assert api.requests == []


def test_a_proxy_whose_port_can_be_none_is_the_reason_and_its_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://me:s3cr3t/more@proxy.example:x/")
    (why,) = knock(["http://api.example.org/"]).values()
    assert "the proxy that is set for it" in why
    assert "s3cr3t" not in why
