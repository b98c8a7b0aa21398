"""A disk that runs full while collecting or building: clear words, nothing lost, and the run goes on with more room.

The disk is a real one of a few hundred KB (tmpfs), mounted in a namespace of the test's own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import ladle
from ladle.testing import Numbered, ScriptedApi, paged
from tests.apis import settings

PAGES, SIZE = 60, 10
CONCURRENCY = 8
LARGE = "64m"
STEPS = """
import json, os, shutil, subprocess, sys
disk, small, large, kept = sys.argv[1:]
mount = lambda options: subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk], check=True)
def collect(*words):
    command = [sys.executable, "-m", "ladle", "collect", "swapi/people", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    return [done.returncode, done.stdout, done.stderr]
mount(f"size={small}")
os.environ["LADLE_HOME"] = disk + "/home"
first = collect()
names = [os.path.join(at, name) for at, _, files in os.walk(disk) for name in files]
mount(f"remount,size={large}")
then = collect("--resume")
shutil.copytree(disk + "/home", kept)
print(json.dumps({"first": first, "names": names, "then": then}))
"""


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """The command that gives a process mounts of its own; skipped where the system does not allow it."""
    words = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
        return words
    remedy = "no mounts of one's own on this machine (unshare --user --mount)"
    if os.environ.get("CI") == "true":
        pytest.fail(remedy, pytrace=False)
    pytest.skip(remedy)


def person(number: int) -> dict[str, object]:
    noise = random.Random(number).randbytes(400).hex()  # nothing that compresses to less than half
    return {"name": noise, "url": f"/api/people/{number}/", "edited": "2014-12-20T21:17:56.891Z"}


@pytest.mark.parametrize("small", ["150k", "300k", "420k", "500k", "700k"])
def test_a_full_disk_is_said_in_words_and_costs_nothing(tmp_path: Path, namespace: list[str], small: str) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    with ScriptedApi({"/api/people/": paged(Numbered(PAGES * SIZE, person), page_size=SIZE)}) as api:
        env = {**os.environ, **settings(api, disk), "LADLE_SWAPI_QUOTA": "none"}
        command = [*namespace, sys.executable, "-c", STEPS, str(disk), small, LARGE, str(kept)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        asked = Counter(request.query["page"] for request in api.requests)
    told = json.loads(done.stdout)
    code, _, words = told["first"]
    assert code == 1, words
    assert "disk is full" in words.lower()
    assert "Traceback" not in words
    assert not [name for name in told["names"] if name.endswith("manifest.json")]
    assert told["then"][0] == 0, told["then"][2]
    assert len(asked) == PAGES
    assert sum(asked.values()) - PAGES <= CONCURRENCY
    taken = ladle.snapshot("swapi/people", home=kept)
    assert (taken.manifest.rows, taken.manifest.complete) == (PAGES * SIZE, True)
