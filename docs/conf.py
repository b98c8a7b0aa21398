"""The documentation's settings: takes the Markdown files beside it and the one version, gives a site."""

from __future__ import annotations

import runpy
from pathlib import Path

project = "Ladle"
author = "the authors of Ladle"
copyright = f"2026, {author}"
release = runpy.run_path(str(Path(__file__).parents[1] / "src" / "ladle" / "version.py"))["VERSION"]

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "images"]
nitpicky = True

html_theme = "furo"
html_title = f"Ladle {release}"
html_show_sphinx = False
