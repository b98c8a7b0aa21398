"""Where this machine's Chromium is: takes the PATH, gives its path, or nothing and exit code 1 when run as a script."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find(names: Iterable[str] = NAMES) -> Path | None:
    """The first of the names that can be started here."""
    found = next((place for name in names if (place := shutil.which(name))), None)
    return Path(found) if found else None


if __name__ == "__main__":
    print(find() or "")
    sys.exit(find() is None)
