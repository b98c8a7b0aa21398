"""`ladle users`, `tokens` and `audit`: take words and a password from standard input, keep who may come in, say it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from ladle_server import users
from ladle_server.access import people, tokens
from ladle_server.access.models import Deed
from tests.cli.command import ladle, process
from tests.server.entered import PASSWORD, QUICK


@pytest.fixture
def site(settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """What the command line starts, in this process, where the site is ready: gives exit code, output and errors."""
    settings.PASSWORD_HASHERS, settings.LADLE_LOGIN = QUICK, True

    def asked(*words: str, typed: str = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        code = users.carry_out(users.arguments(words))
        return (code, *capsys.readouterr())

    return asked


def test_a_user_is_added_changed_kept_out_let_in_and_removed(site: Any) -> None:
    assert site("users", "add", "--kind=staff", "boss")[1] == "The user boss (staff) is added.\n"
    assert site("users", "add", "--kind=reader", "Ada")[1] == "The user ada (reader) is added.\n"
    assert site("users", "change", "--kind=collector", "ada")[1] == "The user ada (collector) is changed.\n"
    assert site("users", "disable", "ada")[1] == "The user ada (collector, disabled) is changed.\n"
    assert people.check("ada", PASSWORD) is None
    assert site("users", "enable", "ada")[0] == 0
    assert site("users", "passwd", "ada", typed="six other words in a row")[0] == 0
    assert people.check("ada", "six other words in a row")
    listed = json.loads(site("--json", "users", "list")[1])
    assert [(each["name"], each["kind"], each["active"]) for each in listed["results"]] == [
        ("ada", "collector", True),
        ("boss", "staff", True),
    ]
    assert "password" not in listed["results"][0]
    assert site("users", "list")[1].splitlines()[1].split()[:3] == ["ada", "collector", "yes"]
    assert site("users", "remove", "ada")[1].startswith("The user ada is removed")
    assert site("users", "remove", "boss")[::2][0] == 1
    assert 'There is no user "b\0oss"' in site("users", "passwd", "b\0oss")[2]
    told = [(deed.who, deed.deed, deed.thing) for deed in Deed.objects.order_by("id")]
    assert told[0] == ("command line", "add a user", "boss, staff")
    assert told[-1] == ("command line", "remove a user", "ada")


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        (("users", "add", "ada"), "short", "too short"),
        (("users", "add", "ada"), "", "No password was given. Send it to standard input"),
        (("users", "add", "a b"), PASSWORD, "can't be a user's name"),
        (("users", "add", "--kind=king", "ada"), PASSWORD, "king"),
        (("users", "passwd", "nobody"), PASSWORD, 'There is no user "nobody"'),
        (("tokens", "add", "--user=nobody", "--scope=read", "x"), "", 'There is no user "nobody"'),
        (("tokens", "revoke", "7"), "", 'There is no token "7"'),
    ],
)
def test_what_can_t_be_is_told_with_exit_code_2(site: Any, words: tuple[str, ...], typed: str, says: str) -> None:
    code, _, said = site(*words, typed=typed)
    assert (code, says in said) == (2, True), said


def test_a_token_is_told_once_listed_by_its_beginning_and_revoked(site: Any) -> None:
    site("users", "add", "--kind=collector", "ada")
    said = site("tokens", "add", "--user=ada", "--scope=collect", "--expires=90 days", "nightly")[1]
    text, rest = said.split("\n", 1)
    assert re.fullmatch(r"ladle_[\w-]{43}", text)
    assert "shown once" in rest
    assert "good until" in rest
    assert tokens.holder(text) is not None
    listed = site("tokens", "list", "--user=ada")[1]
    assert text[:10] in listed
    assert text not in listed
    (row,) = json.loads(site("--json", "tokens", "list")[1])["results"]
    assert (row["user"], row["name"], row["scope"], row["state"]) == ("ada", "nightly", "collect", "good")
    assert site("tokens", "revoke", str(row["id"]))[1] == f'The token {row["id"]}, "nightly" of ada, is revoked.\n'
    assert tokens.holder(text) is None
    last = site("audit", "--limit=1")[1].splitlines()
    assert "revoke a token" in last[1]
    assert len(last) == 2
    told = json.loads(site("--json", "audit", "--who=command line")[1])
    assert told["count"] == 3
    assert text not in str([*Deed.objects.values()])


def test_the_command_line_hands_words_on_and_refuses_those_that_make_no_sense() -> None:
    for words in (
        ("users", "change", "ada"),
        ("tokens", "add", "x", "--user", "ada"),
        ("tokens", "add", "x", "--user", "ada", "--scope", "all"),
        ("audit", "--limit", "0"),
    ):
        assert ladle(*words).returncode == 2, words


def test_a_name_that_looks_like_an_option_reaches_the_site_s_process_as_it_is(tmp_path: Path) -> None:
    asked = ("tokens", "add", "--user=ada", "--scope=read", "--json", "--", "--a-name")
    refused = process(*asked, LADLE_HOME=str(tmp_path / "home"))
    assert (refused.returncode, refused.stderr) == (
        2,
        'ladle: There is no user "ada". List them with: ladle users list\n',
    )
