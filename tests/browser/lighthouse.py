"""Takes Lighthouse (npx) and Chromium, gives its marks for four pages of a site with data, as a phone and as a desktop.

PYTHONPATH=src:. python -m tests.browser.lighthouse [TIMES]

Of each page the median of TIMES (3) is told. It is no part of the gate: the marks for performance are a matter of
time, and Lighthouse needs node. LIGHTHOUSE names another command than `npx --yes lighthouse@13`.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import ladle
from ladle.demo.serve import start_replicas
from tests.browser.flags import FLAGS
from tests.browser.screenshots import settings
from tests.browser.site import Site, serving
from tests.chromium import find

LEAST = 98
CATEGORIES = ("performance", "accessibility", "best-practices")
NO_TRACE = "NO_NAVSTART"
"""Lighthouse's word for a trace that Chromium began too late, which happens now and then; it says to run it again."""
AGAIN = 2
"""How often a page is tried again for that, and for nothing else."""
METRICS = {"first-contentful-paint": "ms", "total-blocking-time": "ms", "cumulative-layout-shift": ""}


@contextmanager
def collected(folder: Path) -> Iterator[tuple[Site, str]]:
    """A site with two snapshots of the people, and the id of the later."""
    with start_replicas() as api, settings({"LADLE_SWAPI_BASE_URL": api.swapi_url}):
        for _ in range(2):
            kept = ladle.collect("swapi/people", home=folder / "home")
        with serving(folder / "home", LADLE_SWAPI_BASE_URL=api.swapi_url) as site:
            yield site, kept.id


def addresses(snapshot: str) -> dict[str, str]:
    """The pages that are tried."""
    return {
        "front": "/",
        "run": f"/runs/{snapshot}/",
        "snapshot": f"/snapshots/{snapshot}/",
        "counts": f"/snapshots/{snapshot}/counts/?by=date&by=homeworld",
    }


def tried(url: str, preset: str, report: Path) -> dict[str, Any]:
    """Lighthouse's report."""
    command = shlex.split(os.environ.get("LIGHTHOUSE", "npx --yes lighthouse@13"))
    options = [url, "--quiet", "--output=json", f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}"]
    if preset == "desktop":
        options.append("--preset=desktop")
    chrome = f"--chrome-flags=--headless=new {' '.join(FLAGS)}"
    run([*command, *options, chrome], url)
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def run(command: list[str], url: str) -> None:
    """Run it to a good end; one that has no trace is run again, and that is said."""
    env = {**os.environ, "CHROME_PATH": str(find())}
    for left in reversed(range(AGAIN + 1)):
        ended = subprocess.run(command, check=False, env=env, stderr=subprocess.PIPE, text=True)
        sys.stderr.write(ended.stderr)
        if ended.returncode == 0:
            return
        if NO_TRACE not in ended.stderr or not left:
            raise SystemExit(f"lighthouse: {url} could not be tried: Lighthouse ended with {ended.returncode}")
        print(f"lighthouse: {url} is tried again: Lighthouse had no trace of it ({NO_TRACE})", flush=True)


def marks(reports: list[dict[str, Any]]) -> list[int]:
    """The median of each category, of 100."""
    return [round(100 * median(each["categories"][name]["score"] for each in reports)) for name in CATEGORIES]


def facts(reports: list[dict[str, Any]]) -> str:
    """What the mark for performance is made of, and every finding beside it."""
    told = [
        f"{name} {median(each['audits'][name]['numericValue'] for each in reports):.4g}{' ' if unit else ''}{unit}"
        for name, unit in METRICS.items()
    ]
    refs = [ref for name in CATEGORIES[1:] for ref in reports[0]["categories"][name]["auditRefs"] if ref["weight"]]
    failed = [ref["id"] for ref in refs if reports[0]["audits"][ref["id"]]["score"] == 0]
    return ", ".join([*told, *(f"FINDING {name}" for name in failed)])


def main(times: int) -> int:
    """1 where a mark is below 98."""
    lowest = 100
    with TemporaryDirectory() as scratch, collected(Path(scratch)) as (site, snapshot):
        for preset in ("mobile", "desktop"):
            for name, path in addresses(snapshot).items():
                report = Path(scratch) / "report.json"
                reports = [tried(site.url + path, preset, report) for _ in range(times)]
                lowest = min(lowest, *marks(reports))
                print(f"{preset:8}{name:9}", *(f"{mark:4}" for mark in marks(reports)), " ", facts(reports), flush=True)
    return int(lowest < LEAST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
