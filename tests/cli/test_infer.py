"""`ladle infer`: takes an API's address, looks at output, files, the home and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ladle.testing import ScriptedApi, answer, html, paged
from tests.cli.command import ladle, process

RECORDS = [{"id": number, "name": f"record {number}", "at": "2024-02-28T10:00:00Z"} for number in range(1, 26)]


def api(**routes: object) -> ScriptedApi:
    return ScriptedApi({"/v1/things": paged(RECORDS), **routes})  # type: ignore[dict-item]


def test_a_definition_goes_to_standard_output_and_what_it_cost_beside_it(tmp_path: Path) -> None:
    with api() as server:
        done = process("infer", f"{server.url}v1/things", LADLE_HOME=str(tmp_path))
        assert len(server.requests) == 2
    assert done.returncode == 0
    assert 'paging = "page"' in done.stdout
    assert "# certain:" in done.stdout
    assert "1 dataset, inferred with 2 requests." in done.stderr


def test_a_saved_source_is_collected_by_its_name_at_once(tmp_path: Path) -> None:
    with api() as server:
        saved = ladle("infer", f"{server.url}v1/things", "--save", "--name", "own", LADLE_HOME=str(tmp_path))
        assert "ladle preview own/things" in saved.stderr
        done = ladle("collect", "own/things", "--quota", "none", LADLE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "own/things: 25 rows" in done.stdout


def test_a_file_is_written_and_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    with api() as server:
        done = ladle("infer", f"{server.url}v1/things", "-o", str(file), LADLE_HOME=str(tmp_path))
    assert f"ladle preview {file}" in done.stderr
    assert ladle("check", str(file)).returncode == 0


def test_json_tells_definition_findings_and_what_is_missing(tmp_path: Path) -> None:
    with api() as server:
        done = ladle("infer", f"{server.url}v1/things", "--json", LADLE_HOME=str(tmp_path))
    told = json.loads(done.stdout)
    assert set(told) == {"name", "definition", "findings", "missing", "requests", "datasets", "ready", "saved"}
    assert {"dataset", "what", "value", "sure", "why"} == set(told["findings"][0])
    assert (told["ready"], told["saved"], told["missing"], told["requests"]) == (True, False, [], 2)


def test_what_could_not_be_found_is_not_saved_and_ends_with_1(tmp_path: Path) -> None:
    with api(**{"/v1/locked": answer({"message": "No key"}, status=401)}) as server:
        done = ladle("infer", f"{server.url}v1/locked", "--save", LADLE_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "--bearer LOCAL_TOKEN" in done.stderr
    assert "not saved" in done.stderr
    assert not (tmp_path / "sources").exists()


def test_a_key_comes_from_the_environment_and_is_shown_nowhere(tmp_path: Path) -> None:
    with api() as server:
        words = ("infer", f"{server.url}v1/things", "--header", "X-Key=MY_KEY")
        done = ladle(*words, LADLE_HOME=str(tmp_path), MY_KEY="s3cr3t")
        assert server.requests[0].headers["X-Key"] == "s3cr3t"
        unset = ladle(*words, LADLE_HOME=str(tmp_path))
    assert "s3cr3t" not in done.stdout + done.stderr
    assert 'auth = { header = "X-Key", env = "MY_KEY" }' in done.stdout
    assert (unset.returncode, "MY_KEY" in unset.stderr) == (2, True)


def test_wrong_words_end_with_2_and_a_sentence(tmp_path: Path) -> None:
    with api(**{"/": html("Welcome", status=200)}) as server:
        for words in (
            ("infer", "nowhere"),
            ("infer", server.url),
            ("infer", f"{server.url}v1/things", "--bearer", "s3cr3t"),
            ("infer", f"{server.url}v1/things", "--bearer", "A", "--query", "key=B"),
            ("infer", f"{server.url}v1/things", "--name", "No Name"),
        ):
            done = ladle(*words, LADLE_HOME=str(tmp_path))
            assert done.returncode == 2, words
            assert done.stderr.startswith("ladle: ")
            assert "Traceback" not in done.stderr
            assert "s3cr3t" not in done.stderr


@pytest.mark.parametrize("file", ["no/such/folder/things.toml", "."])
def test_a_file_that_cant_be_written_is_named_before_anybody_is_asked(tmp_path: Path, file: str) -> None:
    with api() as server:
        done = ladle("infer", f"{server.url}v1/things", "-o", str(tmp_path / file), LADLE_HOME=str(tmp_path))
        assert server.requests == []
    assert done.returncode == 2
    assert f'"{tmp_path / file}" can\'t be written: ' in done.stderr
