"""The package as others get it: takes this tree, gives wheel, sdist and environments that they are installed in."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = ("3.11", "3.12", "3.13")
MEGABYTE = 1_000_000


class Built(NamedTuple):
    """What `hatchling build` made."""

    sdist: Path
    wheel: Path


class Installed(NamedTuple):
    """A wheel in an environment of its own, far from this tree."""

    folder: Path
    python: Path
    ladle: Path

    def run(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """A command of it, with nothing of this tree in its environment."""
        return subprocess.run(words, cwd=self.folder, env=self.env(**env), capture_output=True, text=True, check=False)

    def env(self, **more: str) -> dict[str, str]:
        """HOME is the environment's own folder, so that nobody's settings are read."""
        return {"PATH": os.defpath, "HOME": str(self.folder), "LADLE_HOME": str(self.folder / "home"), **more}

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        (found,) = self.folder.glob("lib/python3*/site-packages")
        return found


def build(tree: Path, folder: Path, *kinds: str) -> list[Path]:
    """What hatchling builds from a tree, without isolation: nothing is downloaded."""
    words = [word for kind in kinds for word in ("-t", kind)]
    command = (sys.executable, "-m", "hatchling", "build", "-d", folder, *words)
    done = subprocess.run(command, cwd=tree, env=_without_tree(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(folder.iterdir())


def install(wheel: Path, folder: Path, *, version: str, extra: str = "") -> Installed:
    """An environment with the wheel and what it asks for, in the versions of the lock, and nothing else.

    Where another Python, or what has to be downloaded for it, is not to be had, the test is skipped.
    """
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    _uv("venv", "--python", python, folder)
    wanted = f"ladle[{extra}] @ {wheel.as_uri()}" if extra else str(wheel)
    lock = ROOT / "requirements" / "dev.txt"
    done = _uv("pip", "install", "--python", folder / "bin" / "python", "--constraint", lock, wanted, check=False)
    if done.returncode:
        reason = f"what Ladle runs on can't be installed for Python {version}: {done.stderr.strip()}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(" ".join(reason.split())[:200])
    return Installed(folder, folder / "bin" / "python", folder / "bin" / "ladle")


@functools.cache
def python_of(version: str) -> Path | None:
    """The Python of a version that this machine has: the one that runs this, one on PATH, one that uv knows."""
    if version == HERE:
        return Path(sys.executable)
    for found in _candidates(version):
        code = f"import sys, ssl, sqlite3; sys.exit(sys.version_info[:2] != ({version.replace('.', ', ')}))"
        if subprocess.run((found, "-c", code), env=_without_tree(), capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None


def size_of(folder: Path) -> int:
    """Bytes of all files below it, each name of a file once."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def _candidates(version: str) -> Iterator[str]:
    if found := shutil.which(f"python{version}"):
        yield found
    known = _uv("python", "find", "--no-project", "--system", version, check=False)
    if known.returncode == 0:
        yield known.stdout.strip()


def _uv(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = (UV, "--no-progress", "--quiet", "--no-python-downloads", *words)
    return subprocess.run(command, cwd=ROOT.anchor, env=_without_tree(), capture_output=True, text=True, check=check)


def _without_tree() -> dict[str, str]:
    """The environment of this process, so that mirrors and caches are those of the set-up, but not its packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
