"""A snapshot's profile: takes its folder, gives the figures of each column that were computed when it was built."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from ladle.errors import Damaged
from ladle.snapshots.files import PROFILE
from ladle.snapshots.manifest import Manifest, read_manifest
from ladle.snapshots.published import here


def read_profile(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """The document of `profile.json`; raises Damaged when it is not the one that was kept."""
    path = folder / PROFILE
    here(folder, PROFILE, manifest, needed=True)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Damaged(f'"{path}" can\'t be read: {error.strerror}.', hint="Collect the dataset again.") from error
    if hashlib.sha256(raw).hexdigest() != manifest.files[PROFILE].sha256:
        raise Damaged(f'"{path}" is not the profile that was kept.', hint="Collect the dataset again.")
    document: dict[str, Any] = orjson.loads(raw)
    return document


def distinct_texts(folder: Path) -> dict[str, int]:
    """How many different values each column of text has, about, by the column as DuckDB is asked for it (`c0`).

    None where the profile can't be read: it is a hint for what takes less time.
    """
    try:
        here(folder, PROFILE, read_manifest(folder), needed=True)
        told = orjson.loads((folder / PROFILE).read_bytes())["columns"]
        return {f"c{number}": int(each["distinct"]) for number, each in enumerate(told) if each["type"] == "text"}
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError, Damaged):
        return {}
