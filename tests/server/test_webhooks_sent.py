"""Webhooks of whole sites, on SQLite, PostgreSQL and Celery: who makes a call, and that nobody makes it twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ladle.testing import ScriptedApi, answer
from tests.server.cities import Cities
from tests.server.site import Site, until
from tests.servers.stack import STACKS, Stack, started

CLAIM = """
import sys
from ladle_server.ready import make_ready
make_ready(None)
from ladle_server.catalog.posting import calls
print("ready", flush=True)
sys.stdin.readline()
claimed = iter(calls.claim, None)
print(" ".join(str(call.delivery) for call in claimed))
"""
ADD = """
import sys
from ladle_server.ready import make_ready
make_ready(None)
from ladle_server.catalog.hooks import outbox, webhooks
hook = webhooks.add(webhooks.checked(sys.argv[1])).row
print(" ".join(str(outbox.put_test(hook).pk) for _ in range(6)))
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Without a stack of the session's on each of its own, else on that one."""
    chosen = metafunc.config.getoption("--stack")
    stacks = [name for name in STACKS if name != "s3"] if chosen == "embedded" else [chosen]
    metafunc.parametrize("servers", stacks, indirect=True, scope="module")


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with started(request.param) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[ScriptedApi]:
    with ScriptedApi({"/hook": answer(b"")}) as api:
        yield api


def test_whoever_drives_runs_makes_the_calls(servers: Stack, receiver: ScriptedApi, tmp_path: Path) -> None:
    receiver.fail("/hook", answer(b"", status=503, headers={"Retry-After": "1"}))
    home = servers.home(tmp_path / "home")
    with Cities() as cities:
        settings = {**servers.settings(home), **cities.settings(tmp_path), "LADLE_ALLOW_ADDRESSES": "127.0.0.1"}
        with Site(home, **settings) as site:
            hook = site.post("/api/v1/webhooks", {"url": f"{receiver.url}hook"}).json["id"]
            run = site.post("/api/v1/runs", {"dataset": "openweather/cities"}).json["id"]
            refused, heard = receiver.wait_for(2, seconds=60)
            deliveries = f"/api/v1/webhooks/{hook}/deliveries"
            told = until(lambda: (found := site.get(deliveries).json["results"][0])["state"] == "delivered" and found)
    assert (told["run"], told["attempts"], told["key"]) == (run, 2, heard.headers["webhook-id"])
    assert refused.body == heard.body
    assert json.loads(heard.body)["data"]["links"]["run"] == f"http://127.0.0.1:{site.port}/api/v1/runs/{run}"


def test_of_workers_that_look_at_the_same_moment_one_makes_each_call(servers: Stack, tmp_path: Path) -> None:
    home = servers.home(tmp_path / "home")
    allowed = {"LADLE_HOME": home, "LADLE_ALLOW_ADDRESSES": "127.0.0.1"}
    env = Site(home, **servers.settings(home), **allowed).env
    added = subprocess.run(
        (sys.executable, "-c", ADD, "http://127.0.0.1:1/"), env=env, check=True, stdout=-1, text=True
    )
    command = (sys.executable, "-c", CLAIM)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, env=env, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    try:
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 3
        for worker in workers:
            worker.stdin.write("\n")
            worker.stdin.flush()
        claimed = [number for worker in workers for number in worker.communicate()[0].split()]
    finally:
        for worker in workers:
            worker.kill()
    assert sorted(claimed) == sorted(added.stdout.split())
