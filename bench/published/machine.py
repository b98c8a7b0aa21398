"""On what it was measured: takes the machine as it is, gives its name, its parts and the versions that took part."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ladle.version import VERSION

TOOLS = (
    *(
        "aiohttp",
        "aiolimiter",
        "datasette",
        "dlt",
        "duckdb",
        "httptools",
        "limits",
        "orjson",
        "pandas",
        "petl",
        "polars",
    ),
    *("pyarrow", "pycurl", "pyrate-limiter", "requests", "scrapy", "throttled-py", "uvloop"),
)


def about() -> dict[str, Any]:
    """Processor, cores, memory in GB, system, Python and the versions of whoever takes part and is installed."""
    versions = {"Ladle": VERSION, "SQLite": sqlite3.sqlite_version}
    for name in TOOLS:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "versions": versions,
    }


def _processor() -> str:
    """As the kernel calls it, without its marks; what the machine calls itself where there is no such list."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return re.sub(r"\((?:R|TM)\)| CPU|\s+@.*", "", found[1]).strip() if found else platform.machine()
