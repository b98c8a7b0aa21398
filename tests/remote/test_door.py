"""The door to a server: whom a token is shown, what is asked again, and what is said when something is wrong there."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ladle
from ladle.errors import (
    BadInput,
    Busy,
    Conflict,
    Damaged,
    LadleError,
    NotFound,
    SettingError,
    Unreachable,
    UpstreamError,
)
from ladle.remote import door
from ladle.testing import Answer, ScriptedApi, answer, cut, later, redirect, truncated
from tests.cli.command import environment
from tests.remote.conftest import NAME, Served

TOKEN = "ladle_" + "s3cret" * 7 + "x"
PAGE = {"count": 0, "next": None, "previous": None, "results": []}


def server(api: ScriptedApi, token: str = TOKEN) -> ladle.Server:
    return ladle.Server.open(api.url, env={"LADLE_TOKEN": token})


def problem(status: int, detail: str, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(
        {"status": status, "detail": detail}, status=status, headers={"Content-Type": "application/problem+json"} | told
    )


def failure(api: ScriptedApi, token: str = TOKEN) -> LadleError:
    with pytest.raises(LadleError) as error:
        ladle.all_snapshots(home=server(api, token))
    return error.value


def test_the_token_is_sent_as_a_bearers_and_nothing_shows_it(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    with ScriptedApi(
        {"*": [answer(PAGE), problem(400, f"Not {TOKEN}."), problem(403, "Not yours."), answer("<html>")]}
    ) as api:
        place = server(api)
        assert ladle.snapshot_ids(home=place) == set()
        shown = [str(failure(api)) for _ in range(3)] + [repr(place), str(place)]
        assert {request.headers["Authorization"] for request in api.requests} == {f"Bearer {TOKEN}"}
    told = "\n".join([*shown, caplog.text, *capfd.readouterr()])
    assert "s3cret" not in told
    assert "Not …." in told


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    with ScriptedApi({"*": answer(PAGE)}) as other, ScriptedApi({"*": redirect(f"{other.url}api/v1/snapshots")}) as api:
        error = failure(api)
        assert other.requests == []
    assert isinstance(error, SettingError)
    assert "sends on to http://127.0.0.1" in str(error)


def test_a_latest_snapshot_that_lies_elsewhere_is_looked_for_here() -> None:
    with ScriptedApi({"*": answer(PAGE)}) as other:
        away = redirect(f"{other.url}api/v1/snapshots/20260101-000000-000000", status=307)
        with ScriptedApi({"/api/v1/datasets/a/b/latest": away, "*": problem(404, "There is no snapshot.")}) as api:
            with pytest.raises(NotFound):
                ladle.snapshot("a/b", home=server(api))
            assert [request.path for request in api.requests][1:] == ["/api/v1/snapshots/20260101-000000-000000"]
        assert other.requests == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://ladle.example.org", "not sent to http://ladle.example.org: without TLS"),
        ("http://192.0.2.1:8000/", "without TLS"),
        ("https://boss:secretword@ladle.example.org", "holds a name or a password"),
        ("https://ladle.example.org/?token=secretword", "holds more than an address"),
        ("https://", "no address of a server"),
        ("https://ladle.example.org:port", "can't be read"),
        ("https://lädle.example.org", "no address of a server"),
    ],
)
def test_an_address_that_can_not_be_meant_is_refused_before_anything_is_sent(address: str, says: str) -> None:
    for settings in ({"home": address, "env": {}}, {"home": None, "env": {"LADLE_URL": address}}):
        env = {**settings["env"], "LADLE_TOKEN": TOKEN}  # type: ignore[dict-item]
        with pytest.raises(SettingError, match=re.escape(says)) as error:
            ladle.Server.open(settings["home"], env=env)  # type: ignore[arg-type]
        assert "secretword" not in str(error.value)
        assert "s3cret" not in str(error.value)


def test_a_token_that_no_header_can_hold_is_refused_unseen() -> None:
    for token in ("s3cret\r\nX: 1", "s3cret é", "s3cret" * 200):
        with pytest.raises(SettingError, match="LADLE_TOKEN holds what no token does") as error:
            ladle.Server.open("https://ladle.example.org", env={"LADLE_TOKEN": token})
        assert "s3cret" not in str(error.value)


def test_the_token_is_the_one_of_the_server_that_is_set() -> None:
    env = {"LADLE_URL": "https://one.example.org/", "LADLE_TOKEN": TOKEN}
    assert ladle.Server.open(env=env).token == TOKEN
    assert ladle.Server.open("https://ONE.example.org:443", env=env).token == TOKEN
    assert ladle.Server.open("https://two.example.org", env=env).token == ""
    assert ladle.Server.open("https://one.example.org:8443", env=env).token == ""


@pytest.mark.parametrize(
    ("told", "kind", "says"),
    [
        (problem(400, "Wrong. Mend it."), BadInput, "Wrong. Mend it."),
        (problem(404, "There is no such."), NotFound, "There is no such."),
        (problem(409, "Somebody is at it."), Conflict, "Somebody is at it."),
        (problem(413, "Too large."), BadInput, "Too large."),
        (problem(500, "It is not what was kept."), Damaged, "not what was kept"),
        (problem(401, "Who?", WWW_Authenticate="Bearer"), SettingError, "does not take LADLE_TOKEN"),
        (problem(403, "You are a reader."), SettingError, "You are a reader. Set LADLE_TOKEN to a token that may"),
        (
            problem(404, 'There is nothing at "/api/v1/snapshots".'),
            UpstreamError,
            "update whichever of the two is older",
        ),
        (problem(405, "Not so."), UpstreamError, "update whichever of the two is older"),
        (
            answer("<html>Hello", headers={"Content-Type": "text/html"}),
            SettingError,
            "is no Ladle: it answers with text/html",
        ),
        (answer("Not Found", status=404), SettingError, "is no Ladle: it answers 404"),
        (answer("{", headers={"Content-Type": "application/json"}), SettingError, "is no Ladle"),
        (answer({"other": 1}), UpstreamError, '"results" lacks'),
        (answer({"results": [{"ident": 1}], "count": 1}), UpstreamError, "form that is not known here"),
    ],
)
def test_what_is_wrong_is_said_in_the_family_of_errors(told: Answer, kind: type[LadleError], says: str) -> None:
    with ScriptedApi({"*": told}) as api:
        error = failure(api)
        assert len(api.requests) == 1
    assert type(error) is kind
    assert says in str(error)


def test_who_shows_no_token_is_told_to_make_one() -> None:
    with ScriptedApi({"*": problem(401, "Who are you?")}) as api:
        assert "asks who you are. Set LADLE_TOKEN" in str(failure(api, token=""))


def test_what_passes_is_asked_for_again() -> None:
    again = [later(status=503, after=0), later(status=429, after=0), truncated(PAGE, kept=5), answer(PAGE)]
    with ScriptedApi({"*": again}) as api:
        assert ladle.all_snapshots(home=server(api)) == []
        assert len(api.requests) == 4


def test_what_does_not_pass_is_given_up() -> None:
    with ScriptedApi({"*": problem(503, "Many wait already.", Retry_After="0")}) as api:
        error = failure(api)
        assert (type(error), len(api.requests)) == (Busy, 4)
        assert "Many wait already." in str(error)


def test_what_may_change_something_is_sent_once_unless_the_server_knows_it_again() -> None:
    refused = problem(503, "Not now.", Retry_After="0")
    with ScriptedApi({"*": refused}) as api:
        for once, sent in ((False, 1), (True, 4)):
            before = len(api.requests)
            with pytest.raises(Busy):
                door.post(server(api), "/api/v1/runs", {"dataset": "a/b"}, once=once)
            assert len(api.requests) - before == sent
        keys = [request.headers.get("Idempotency-Key") for request in api.requests]
    assert keys[0] is None
    assert len(set(keys[1:])) == 1


def test_a_file_that_breaks_off_or_is_another_is_not_taken_for_whole(served: Served, tmp_path: Path) -> None:
    manifest = ladle.snapshot(NAME, home=served.home).manifest
    good = ladle.snapshot(NAME, home=served.home).path("csv").read_bytes()
    routes = {f"/api/v1/snapshots/{manifest.id}": answer(manifest.to_json())}
    file = f"/api/v1/snapshots/{manifest.id}/download.csv"
    for told, kind in ((cut(good, kept=20), Unreachable), (answer(good[:-2] + b"x\n"), Damaged)):
        with ScriptedApi(routes | {file: told}) as api:
            taken = ladle.snapshot(manifest.id, home=server(api))
            with pytest.raises(kind):
                b"".join(taken.export("csv"))
            with pytest.raises(kind):
                taken.path("csv")
            assert not taken.folder.exists() or not list(taken.folder.iterdir())


FORKS = """
import os, sys
import ladle
taken = ladle.snapshot("own/things")
first = os.environ["FIRST"]
if first == "parent":
    taken.path("csv")
if (child := os.fork()) == 0:
    size = taken.path("csv").stat().st_size
    sys.exit(0 if size else 1)
if first == "both":
    taken.path("csv")
_, status = os.waitpid(child, 0)
print(status, taken.path("csv").exists() if first == "child" else taken.folder.joinpath("data.csv").exists())
"""


@pytest.mark.parametrize("first", ["parent", "child", "both"])
def test_a_process_that_forks_keeps_its_files_when_its_child_ends(served: Served, first: str) -> None:
    env = environment({**served.as_("read"), "FIRST": first})
    done = subprocess.run([sys.executable, "-c", FORKS], env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "0 True\n", done.stderr


def test_a_server_that_is_not_there_is_unreachable_in_words() -> None:
    with ScriptedApi({"*": answer(PAGE)}) as api:
        gone = server(api)
    with pytest.raises(Unreachable, match=r"can't be reached: nothing answers there\. See that it runs"):
        ladle.all_snapshots(home=gone)


def test_what_is_done_in_a_home_itself_is_refused_by_a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="what is named as the home is a server"):
        ladle.Home.open("https://ladle.example.org")
    monkeypatch.setenv("LADLE_URL", "https://ladle.example.org")
    for ask in (ladle.Home.open, ladle.unusable_sources, lambda: ladle.import_file(tmp_path / "x.csv")):
        with pytest.raises(SettingError, match=r"LADLE_URL names a server\. Do it where the server runs"):
            ask()
    assert ladle.Home.open(tmp_path).path == tmp_path


def test_a_token_opens_what_its_scope_does_and_a_wrong_one_nothing(served: Served) -> None:
    assert ladle.snapshot_ids(home=served.server())
    wrong = ladle.Server.open(served.url, env={"LADLE_TOKEN": "ladle_" + "x" * 43})
    with pytest.raises(SettingError, match="unknown, revoked or expired"):
        ladle.snapshot_ids(home=wrong)
    with pytest.raises(SettingError, match="asks who you are"):
        ladle.snapshot_ids(home=served.url)


def test_who_has_no_server_loads_nothing_that_speaks_to_one() -> None:
    listed = "[name for name in sys.modules if name.startswith('ladle.remote')]"
    program = f"import sys, ladle; ladle.collect, ladle.preview; print({listed})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ladle.remote', 'ladle.remote.server']"
