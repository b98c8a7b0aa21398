"""The one place of Ladle's version: takes nothing, gives the text that the package, manifests and `--version` show."""

from __future__ import annotations

VERSION = "0.1.0"
