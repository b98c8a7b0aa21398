"""The tree itself: takes the tracked files; none names a machine or a registry's host, every lock is hashed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Put together here, so that this file does not hold what it looks for.
HOSTS = ("pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian")
PLACES = re.compile(r"(?<![\w.])/(?:" + "|".join(("work", "root", "farm", "tmp/w")) + r")/|file:///\w")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PEERS = ROOT / "bench" / "requirements.txt"


def tracked() -> list[Path]:
    """Every file that git keeps and that is text; without git, as in an unpacked archive, none."""
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, check=False).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file() and is_text(path)]


def is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if any(host in line for host in HOSTS) or PLACES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("lock", [*LOCKS, PEERS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_locked_requirement_is_pinned_and_hashed(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text("utf-8").replace("\\\n", " "))
    assert entries
    bad = [entry.split()[0] for entry in entries if not re.match(r"[\w.-]+==\S+.*--hash=sha256:[0-9a-f]{64}", entry)]
    assert bad == []


def test_the_locks_agree_with_each_other() -> None:
    pins = {lock.name: pinned(lock) for lock in LOCKS}
    assert set(pins) == {"dev.txt", "run.txt", "stack.txt", "tool.txt"}
    for name in ("run.txt", "stack.txt", "tool.txt"):
        assert pins[name].items() <= pins["dev.txt"].items(), name


def test_ladle_runs_beside_its_peers_on_what_it_runs_on_alone() -> None:
    assert pinned(ROOT / "requirements" / "run.txt").items() <= pinned(PEERS).items()


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.M))


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[^\w.-]", line)[0].lower() for line in project["dependencies"]}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.M))
    assert wanted <= locked


def test_every_module_opens_with_a_docstring() -> None:
    modules = [
        path for folder in ("src", "tests", "bench", "docs", "stack") for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    quiet = [
        str(path.relative_to(ROOT))
        for path in modules
        if path.stat().st_size
        and "migrations" not in path.parts
        and not path.read_text("utf-8").startswith(('"""', "#!"))
    ]
    assert quiet == []


def test_the_scripts_can_be_started() -> None:
    for name in ("check", ".ci/run"):
        assert (ROOT / name).stat().st_mode & 0o111, name
