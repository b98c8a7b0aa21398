"""Ladle takes complete, versioned datasets from rate-limited web APIs, and lets people look into them at once.

import ladle

snapshot = ladle.collect("swapi/people")
snapshot.rows(offset=40, limit=10)
snapshot.count("date", "homeworld")
"""

from ladle.collect.price import Plan
from ladle.collect.progress import Progress
from ladle.control import cancel, pause, resume
from ladle.drive import drive
from ladle.errors import (
    BadInput,
    Conflict,
    Damaged,
    DefinitionError,
    LadleError,
    NotFound,
    SettingError,
    UpstreamError,
)
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.public import IncompleteWarning, all_snapshots, all_sources, collect, plan, retry_gaps, snapshot
from ladle.retrying import retry
from ladle.runs import RequestLine, Run, list_runs, open_run, start
from ladle.snapshots.manifest import Manifest
from ladle.sources.source import Source
from ladle.version import VERSION

__version__ = VERSION

__all__ = [
    "BadInput",
    "Conflict",
    "Damaged",
    "DefinitionError",
    "Home",
    "IncompleteWarning",
    "LadleError",
    "Manifest",
    "NotFound",
    "Plan",
    "Progress",
    "RequestLine",
    "Run",
    "SettingError",
    "Snapshot",
    "Source",
    "UpstreamError",
    "__version__",
    "all_snapshots",
    "all_sources",
    "cancel",
    "collect",
    "drive",
    "list_runs",
    "open_run",
    "pause",
    "plan",
    "resume",
    "retry",
    "retry_gaps",
    "snapshot",
    "start",
]
