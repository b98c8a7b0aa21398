"""Publishing to S3: takes deaths at every line, others who do the same, a server that goes; gives all or nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ladle
from ladle.errors import NotFound, SettingError, Unreachable
from ladle.home import Home
from ladle.snapshots.files import publish
from ladle.snapshots.manifest import read_manifest
from ladle.storage.lists import add_name, names_in, remove_name
from tests.s3 import S3Server

# For every third n a child that dies at the n-th line it runs in the rooms that publish, until one lives to the end.
DIES_AT_LINES = """
import os, shutil, signal, sys
from pathlib import Path
import obstore.store
from ladle.home import Home
from ladle.snapshots.files import publish

home, made = Home.at(sys.argv[1]), Path(sys.argv[2])
ROOMS = ("published.py", "lists.py", "store.py")

def die_at(last):
    seen = 0
    def trace(frame, event, argument):
        nonlocal seen
        if not frame.f_code.co_filename.endswith(ROOMS):
            return None
        seen += event == "line"
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    return trace

for line in range(1, 5000, 3):
    temporary = made.with_name(f".tmp-{line}")
    shutil.copytree(made, temporary)
    if (child := os.fork()) == 0:
        sys.settrace(die_at(line))
        publish(temporary, home.snapshots / "files" / "own" / f"20261122-000000-{line:06}")
        sys.settrace(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        print(line)
        sys.exit(os.WEXITSTATUS(status))
"""
# Publishes, when it is told to, a snapshot under the id that another one wants, too.
PUBLISHES = """
import sys
from pathlib import Path
from ladle.home import Home
from ladle.snapshots.files import publish
final = Home.open(sys.argv[1]).snapshots / "files" / "own" / sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
print(publish(Path(sys.argv[2]), final))
"""


def table(folder: Path, rows: int) -> Path:
    """A CSV with so many rows."""
    path = folder / f"{rows}.csv"
    path.write_text("name,n\n" + "".join(f"row {number},{number}\n" for number in range(rows)))
    return path


def made(folder: Path, rows: int, *, id: str) -> Path:
    """A finished folder of a snapshot under an id, as it is before it is published."""
    snapshot = ladle.import_file(table(folder, rows), name="files/own", home=folder / "local")
    manifest = snapshot.path("manifest")
    manifest.write_text(manifest.read_text().replace(snapshot.id, id))
    finished: Path = snapshot.folder.rename(folder / f"made-{rows}")
    return finished


def test_a_kill_while_it_is_put_there_leaves_nothing_or_all(home: str, tmp_path: Path, elsewhere: Path) -> None:
    Home.open(home)
    finished = made(tmp_path, 500, id="20261122-000000-00000a")
    done = subprocess.run(
        [sys.executable, "-c", DIES_AT_LINES, home, finished], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lived = int(done.stdout)
    assert lived > 100, "publishing ran hardly any lines"
    here, there = Home.open(home), ladle.snapshot_ids(home=home)
    assert f"20261122-000000-{lived:06}" in there
    for line in range(1, lived, 3):
        final = here.snapshots / "files" / "own" / f"20261122-000000-{line:06}"
        if final.name in there:
            check_whole(final)
        else:
            again = shutil.copytree(finished, tmp_path / f"again-{line}")
            publish(again, final)
            assert line % 30 or check_whole(final)


def check_whole(final: Path) -> bool:
    """Raise unless all that the manifest names is there, and is what it says."""
    shutil.rmtree(final, ignore_errors=True)
    snapshot = ladle.Snapshot(final, read_manifest(final))
    assert snapshot.rows(offset=499) == [{"name": "row 499", "n": 499}]
    assert {path: path.exists() for path in map(snapshot.path, ("csv", "parquet", "profile"))}
    return True


def test_of_two_processes_that_publish_one_snapshot_one_has_it(home: str, tmp_path: Path, elsewhere: Path) -> None:
    id = "20261122-000000-00000b"
    folders = [made(tmp_path, rows, id=id) for rows in (300, 700)]
    commands = [[sys.executable, "-c", PUBLISHES, home, folder, id] for folder in folders]
    pipe = subprocess.PIPE
    tried = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for command in commands]
    for process in tried:
        assert process.stdout
        process.stdout.readline()
    said = [process.communicate("now\n")[0] for process in tried]
    assert sorted(said) == ["False\n", "True\n"]
    shutil.rmtree(elsewhere)
    snapshot = ladle.snapshot("files/own", home=home)
    rows = (300, 700)[said.index("True\n")]
    assert len(snapshot.rows(limit=1000)) == pq.read_table(snapshot.path("parquet")).num_rows == rows
    mirror = Home.open(home).mirror
    assert mirror is not None
    left = mirror.store.left(f"snapshots/files/own/{id}")
    assert len(left) == len(snapshot.manifest.files) + 1, "the other's files are gone"


def test_names_that_many_add_at_once_are_all_there(home: str, on_s3: S3Server) -> None:
    store = on_s3.store(home)
    names = [f"name-{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: add_name(store, "some/list.json", name), names))
    assert names_in(store, "some/list.json") == sorted(names)
    remove_name(store, "some/list.json", "name-3")
    assert "name-3" not in names_in(store, "some/list.json")


def test_what_depends_on_nobody_else_s_change_is_refused_after_one(home: str, on_s3: S3Server) -> None:
    store = on_s3.store(home)
    assert store.put_new("a/b", b"first")
    assert store.put_new("a/b", b"first"), "our own first try, whose answer was lost"
    assert not store.put_new("a/b", b"second")
    found = store.get("a/b")
    assert found is not None
    assert store.put_over("a/b", b"third", tag=found.tag)
    assert not store.put_over("a/b", b"fourth", tag=found.tag)


def test_a_process_that_was_forked_from_one_that_has_used_s3_is_told(home: str, on_s3: S3Server) -> None:
    script = """
import os, sys
from ladle.errors import LadleError
from ladle.home import Home
mirror = Home.open(sys.argv[1]).mirror
if (child := os.fork()) == 0:
    try:
        mirror.store.get("anything")
    except LadleError as error:
        print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""
    said = subprocess.run([sys.executable, "-c", script, home], capture_output=True, text=True, check=True).stdout
    assert said == "This process was forked from one that has used S3. Open homes on S3 after the fork, not before.\n"


def test_while_the_server_is_away_what_is_here_is_still_seen(home: str, on_s3: S3Server, tmp_path: Path) -> None:
    snapshot = ladle.import_file(table(tmp_path, 500), home=home)
    before = snapshot.count("name", limit=3)
    on_s3.stop()
    try:
        assert snapshot.rows(offset=499) == [{"name": "row 499", "n": 499}]
        assert snapshot.count("name", limit=3) == before
        with pytest.raises(Unreachable, match=r"can't be reached.*wait until the server is back"):
            ladle.snapshot("files/file-500", home=home)
        with pytest.raises(SettingError, match="can't be reached"):
            Home.open(on_s3.home("another"))
    finally:
        on_s3.start()
    assert ladle.snapshot("files/file-500", home=home).rows(offset=499) == [{"name": "row 499", "n": 499}]
    with pytest.raises(NotFound):
        ladle.snapshot("files/file-501", home=home)
