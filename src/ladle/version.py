"""The one place of Ladle's version: takes nothing, gives the text that the package, manifests and `--version` show.

It is that of the newest section in CHANGELOG.md, which `tests/package/test_version.py` holds it against.
"""

from __future__ import annotations

VERSION = "0.1.0"
