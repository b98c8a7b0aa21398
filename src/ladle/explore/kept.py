"""Is a kept file whole? Takes its path and the manifest, gives nothing, or an error that says what it is instead."""

from __future__ import annotations

from pathlib import Path

from ladle.errors import Damaged
from ladle.snapshots.manifest import Manifest

REMEDY = "Collect the dataset again, or take the snapshot from a backup."


def check_size(path: Path, manifest: Manifest) -> None:
    """Raises Damaged unless the file has the size that the manifest tells."""
    size = path.stat().st_size if path.is_file() else None
    if size != manifest.files[path.name].size:
        found = "is missing" if size is None else f"has {size:,} bytes instead of {manifest.files[path.name].size:,}"
        raise Damaged(f'"{path}" {found}.', hint=REMEDY)
