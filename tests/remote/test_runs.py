"""Runs of a server from another machine: priced, started, followed, stopped, gone on with and retried there."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import pytest

import ladle
from ladle.errors import BadInput, NotFound, SettingError
from ladle.testing import Answer, Request, ScriptedApi, answer
from tests.apis import good, swapi
from tests.cli.command import ladle as command
from tests.cli.command import started
from tests.remote.conftest import Served, serving
from tests.server.site import SECONDS, until
from tests.servers.stack import home_of

NOT_TOLD = {"requests", "refused", "updated", "built_in"}
"""What is told of a run in its home alone."""


class Api:
    """The Star Wars API, whose second page of people hangs or is not found while a test says so."""

    def __init__(self, scripted: ScriptedApi) -> None:
        self.scripted, self.missing = scripted, False

    @property
    def settings(self) -> dict[str, str]:
        """Where it is, for a site or a home."""
        return {"LADLE_SWAPI_BASE_URL": f"{self.scripted.url}api/", "LADLE_SWAPI_QUOTA": "none"}

    @contextmanager
    def held(self) -> Iterator[None]:
        """It hangs to the end of the block."""
        self.scripted.hold()
        try:
            yield
        finally:
            self.scripted.release()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    def second(request: Request) -> object:
        told = good("people")(request)
        whole = told if isinstance(told, Answer) else answer(told)
        return answer("gone", status=404) if found.missing else replace(whole, fault="hang")

    with swapi(people2=second) as scripted:
        found = Api(scripted)
        scripted.release()
        yield found


@pytest.fixture(scope="module")
def busy(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site that collects from a small scripted API."""
    folder = tmp_path_factory.mktemp("busy")
    client = {
        "LADLE_URL": "https://another.example.org",
        "LADLE_TOKEN": "of-another",
    }  # of which a site takes no notice
    with serving(home_of(folder / "home"), log=folder / "log", **api.settings, **client) as found:
        yield found


def test_a_dataset_is_collected_there_and_looked_into_here(busy: Served) -> None:
    seen: list[ladle.Progress] = []
    taken = ladle.collect("swapi/people", home=busy.server("collect"), on_progress=seen.append)
    assert taken.rows() == ladle.snapshot("swapi/people", home=busy.home).rows()
    assert (seen[-1].state, seen[-1].snapshot) == ("complete", taken.id)
    assert taken.id in ladle.run_ids(home=busy.server())


def test_a_run_tells_what_it_tells_in_its_home(busy: Served) -> None:
    ladle.collect("swapi/people", home=busy.server("collect"))
    home, server = ladle.Home.open(busy.home), busy.server()
    here, there = ladle.list_runs(home), ladle.list_runs(server)
    assert [run.id for run in there] == [run.id for run in here]
    for mine, theirs in zip(here, there, strict=True):
        told, own = theirs.progress(), mine.progress()
        for name in {each.name for each in fields(ladle.Progress)} - NOT_TOLD - {"started", "ended"}:
            assert getattr(told, name) == getattr(own, name), name
        assert (theirs.dataset, theirs.created, theirs.parameters) == (mine.dataset, mine.created, mine.parameters)
        assert (theirs.snapshot_id, theirs.state, theirs.was_left) == (mine.snapshot_id, mine.state, mine.was_left)
        assert lines(theirs.requests()) == lines(mine.requests())
        assert lines(theirs.requests(after=1, limit=2)) == lines(mine.requests(after=1, limit=2))
        assert theirs.requests(only="failed") == mine.requests(only="failed") == []
    with pytest.raises(BadInput, match="no route"):
        there[0].so_far()


def lines(found: list[ladle.RequestLine]) -> list[ladle.RequestLine]:
    """As exact as a server tells times: to the microsecond."""
    return [replace(line, started=round(line.started, 6)) for line in found]


def test_the_price_is_the_one_there(busy: Served, api: Api) -> None:
    env = api.settings
    assert ladle.plan("swapi/people", home=busy.server()) == ladle.plan("swapi/people", home=busy.home, env=env)


def test_sources_are_those_there(busy: Served, api: Api) -> None:
    env = api.settings
    assert ladle.source("swapi", home=busy.server()) == ladle.source("swapi", home=busy.home, env=env)
    assert ladle.all_sources(home=busy.server()) == ladle.all_sources(home=busy.home, env=env)
    assert ladle.source("github", home=busy.server()) == ladle.source("github", home=busy.home, env=env)


@pytest.mark.parametrize("name", ["base_url", "quota", "pace"])
def test_how_an_api_is_asked_is_for_the_server_to_say(busy: Served, name: str) -> None:
    for ask in (ladle.collect, ladle.plan):
        with pytest.raises(BadInput, match="the settings of the server hold"):
            ask("swapi/people", home=busy.server("collect"), **{name: "fast"})  # type: ignore[operator]
    with pytest.raises(BadInput, match="is not on the server"):
        ladle.collect(Path("own.toml"), home=busy.server("collect"))


def test_a_reader_starts_nothing(busy: Served) -> None:
    before = ladle.run_ids(home=busy.server())
    with pytest.raises(SettingError, match="LADLE_TOKEN to a token that may"):
        ladle.collect("swapi/people", home=busy.server("read"))
    assert ladle.run_ids(home=busy.server()) == before


def test_what_does_not_exist_is_not_found(busy: Served) -> None:
    server = busy.server("collect")
    for ask in (
        lambda: ladle.collect("swapi/nothing", home=server),
        lambda: ladle.plan("nothing", home=server),
        lambda: ladle.source("nothing", home=server),
        lambda: ladle.open_run(server, "20260101-000000-000000"),
        lambda: ladle.open_run(server, "a/b"),
        lambda: ladle.retry_gaps("no/such", home=server),
    ):
        with pytest.raises(NotFound):
            ask()


COMMANDS = {
    "runs": ("runs",),
    "one run": ("runs", "{run}"),
    "no run": ("runs", "20260101-000000-000000"),
    "plan": ("plan", "swapi/people"),
    "price of a definition": ("plan", "own.toml"),
    "sources": ("sources",),
    "a source": ("sources", "show", "swapi"),
    "no source": ("sources", "show", "nothing"),
    "cancel": ("cancel", "{run}"),
    "pause": ("pause", "swapi/people"),
    "snapshots of nothing": ("snapshots", "swapi/nothing"),
}


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["words", "json"])
@pytest.mark.parametrize("words", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_says_the_same_of_a_servers_runs(
    busy: Served, api: Api, words: tuple[str, ...], form: tuple[str, ...]
) -> None:
    if not (runs := ladle.run_ids(home=busy.server())):
        runs = {ladle.collect("swapi/people", home=busy.server("collect")).id}
    words = tuple(word.format(run=max(runs)) for word in words)
    there = command(*words, *form, **busy.as_("collect"))
    here = command(*words, *form, LADLE_HOME=busy.home, **api.settings)
    if words[0] != "runs" or not form:  # when it began and ended the site notes a moment apart from its driver
        assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert there.returncode == here.returncode


def test_the_command_line_collects_there_and_ends_as_the_run_does(busy: Served, api: Api) -> None:
    done = command("collect", "swapi/people", "--afresh", **busy.as_("collect"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("swapi/people: 82 rows, 10 columns, complete, snapshot ")
    assert ladle.snapshot("swapi/people", home=busy.home).id in done.stdout
    api.missing = True
    done = command("collect", "swapi/people", "--afresh", **busy.as_("collect"))
    api.missing = False
    assert done.returncode == 3, done.stderr
    assert "Ask again for what is missing, and only that, with: ladle retry" in done.stderr
    retried = command("retry", "swapi/people", "--json", **busy.as_("collect"))
    assert (retried.returncode, json.loads(retried.stdout)["state"]) == (0, "complete"), retried.stderr


def test_ctrl_c_leaves_the_run_going_on_there_and_says_how_to_look_at_it(busy: Served, api: Api) -> None:
    with api.held(), started("collect", "swapi/people", "--afresh", **busy.as_("collect")) as terminal:
        run = max(runs_going(busy))
        terminal.send_signal(signal.SIGINT)
        _, said = terminal.communicate(timeout=60)
        assert terminal.returncode == 1
        assert f"The run {run} goes on at {busy.url}. Look at it with: ladle runs {run}" in said
        assert busy.tokens["collect"] not in said
    assert busy.site.get(f"/api/v1/runs/{run}", Authorization=f"Bearer {busy.tokens['read']}").status == 200
    followed = command("collect", run, "--resume", **busy.as_("collect"))
    assert (followed.returncode, "complete" in followed.stdout) in ((0, True), (1, False))
    until(lambda: ladle.open_run(busy.server(), run).state == "complete")


def test_a_run_is_paused_gone_on_with_and_cancelled_from_here(busy: Served, api: Api) -> None:
    server = busy.server("collect")
    with api.held():
        run = ladle.start(server, "swapi/people", afresh=True)
        until(lambda: run.state == "running")
        assert ladle.pause(run).dataset == "swapi/people"
        until(lambda: run.state == "paused")
        assert command("pause", run.id, **busy.as_("collect")).stdout.startswith("swapi/people: paused, ")
        assert ladle.resume(run).state in ("queued", "running")
        done = command("cancel", "swapi/people", **busy.as_("collect"))
        until(lambda: run.state == "cancelled")
        assert done.returncode in (0, 1)
    again = command("resume", run.id, **busy.as_("collect"))
    assert (again.returncode, "has ended: cancelled" in again.stderr) == (1, True)


def test_a_server_that_goes_away_and_comes_back_is_waited_for(api: Api, tmp_path: Path) -> None:
    settings = api.settings
    with ThreadPoolExecutor(1) as pool, api.held():
        with serving(home_of(tmp_path), log=tmp_path / "log", **settings) as before:
            server = before.server("collect")
            collected = pool.submit(ladle.collect, "swapi/people", home=server)
            until(lambda: runs_going(before))
            before.site.kill()
        with serving(home_of(tmp_path), log=tmp_path / "log", port=before.site.port, **settings):
            api.scripted.release()
            assert len(collected.result(SECONDS)) == 82


def runs_going(served: Served) -> list[str]:
    """The ids of runs whose first page came and whose second hangs."""
    return until(
        lambda: [
            run.id
            for run in ladle.list_runs(served.server())
            if run.last.state == "running" and run.last.done and not run.last.is_over
        ]
    )
