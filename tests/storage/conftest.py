"""Homes on S3 for tests: takes the session's server, gives an address of its own to each test and module."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.s3 import S3Server

_numbers = itertools.count()


@pytest.fixture(scope="module")
def on_s3(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server, with the settings that lead to it in the environment, and a cache of the module's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3.settings.items():
            patch.setenv(name, value)
        patch.setenv("LADLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield s3


@pytest.fixture
def home(on_s3: S3Server) -> str:
    """The address of an empty home."""
    return on_s3.home(f"{secrets.token_hex(3)}-{next(_numbers)}")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """From here on this is another machine: a cache of its own, with nothing in it."""
    cache = tmp_path / "elsewhere"
    monkeypatch.setenv("LADLE_CACHE", str(cache))
    return cache
