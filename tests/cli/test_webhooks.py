"""`ladle webhooks`: takes words, keeps webhooks in the site's database, tries them, and says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from ladle.site_words.webhooks import COLUMNS
from ladle.testing import ScriptedApi, answer
from ladle_server import webhooks
from tests.cli.command import ladle, process


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedApi]:
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.1")
    with ScriptedApi({"/hook": answer(b"")}) as api:
        yield api


@pytest.fixture
def site(tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], db: None) -> Any:
    """What the command line starts, in this process, where the site is ready: gives exit code, output and errors."""
    settings.LADLE_HOME = tmp_path / "home"

    def asked(*words: str) -> tuple[int, str, str]:
        code = webhooks.carry_out(webhooks.arguments(words))
        return (code, *capsys.readouterr())

    return asked


def test_a_webhook_is_kept_by_one_process_and_tried_by_another(receiver: ScriptedApi, tmp_path: Path) -> None:
    home = {"LADLE_HOME": str(tmp_path / "home"), "LADLE_ALLOW_ADDRESSES": "127.0.0.1"}
    words = ("--dataset", "swapi/*", "--end", "failed", "--site", "https://ladle.example/")
    added = process("webhooks", "add", f"{receiver.url}hook", *words, "--json", **home)
    assert added.returncode == 0, added.stderr
    told = json.loads(added.stdout)
    assert (told["datasets"], told["ends"], told["secret"][:6]) == (["swapi/*"], ["failed"], "whsec_")
    tried = process("webhooks", "test", str(told["id"]), **home)
    assert (tried.returncode, tried.stdout) == (0, "The call arrived: the receiver answered 200.\n")
    (request,) = receiver.requests
    assert json.loads(request.body)["type"] == "webhook.test"


def test_it_is_listed_tried_and_removed_and_its_secret_shown_once(site: Any, receiver: ScriptedApi) -> None:
    assert site("list")[1].split() == list(COLUMNS)
    code, said, _ = site("add", f"{receiver.url}hook")
    assert (code, said.count("whsec_")) == (0, 1)
    number = json.loads(site("--json", "list")[1])["results"][0]["id"]
    receiver.fail("/hook", answer(b"", status=500))
    assert site("test", str(number))[:2] == (1, "The call did not arrive. The receiver answered 500.\n")
    assert site("list")[1].splitlines()[1].endswith("webhook.test pending")
    receiver.fail("/hook", answer(b"", status=410))
    assert site("test", str(number))[0] == 1
    assert site("list")[1].splitlines()[1].endswith("disabled")
    code, _, wrong = site("test", str(number))
    assert (code, "is disabled" in wrong) == (1, True)
    assert site("remove", str(number)) == (0, f"The webhook {number} is removed.\n", "")
    assert site("remove", str(number))[0] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "http://10.0.0.1/"), "LADLE_ALLOW_ADDRESSES"),
        (("add", "nonsense"), '"nonsense" is no address.'),
        (("add", "https://example.org/", "--dataset", "people"), '"people" names no datasets.'),
    ],
)
def test_what_can_t_be_meant_is_refused_with_the_remedy(site: Any, words: tuple[str, ...], told: str) -> None:
    code, _, wrong = site(*words)
    assert (code, told in wrong) == (2, True), wrong


@pytest.mark.parametrize("words", [("add",), ("add", "https://example.org/", "--end", "done"), ("test", "x")])
def test_words_that_make_no_sense_are_refused_before_anything_starts(words: tuple[str, ...]) -> None:
    assert ladle("webhooks", *words).returncode == 2
