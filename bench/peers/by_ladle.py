"""Ladle: takes a job, gives a snapshot with everything that belongs to one: CSV, index, Parquet, profile, manifest."""

from __future__ import annotations

import sys
from pathlib import Path

# Who installs Ladle gets no numpy. Here a peer brings it, and pyarrow would load it: 0.2 s that are not Ladle's.
sys.modules["numpy"] = None  # type: ignore[assignment]

from bench.peers.job import Job, Made, perform  # noqa: E402
from ladle.home import Home  # noqa: E402
from ladle.public import snapshot, wait_for  # noqa: E402
from ladle.runs import queue  # noqa: E402
from ladle.sources.definition import parse  # noqa: E402

DEFINITION = Path(__file__).parents[1] / "people.toml"


def collect(job: Job) -> Made:
    """As `ladle.collect` does, with a definition that isn't built in."""
    text = DEFINITION.read_text("utf-8")
    text = text.replace("http://127.0.0.1:8099/10x10000/", job.base_url)
    text = text.replace("concurrency = 8", f"concurrency = {job.concurrency}")
    source = parse(text, where=DEFINITION.name, lists=lambda _resource, file, _setting: (file, ""))
    home = Home.open(job.folder)
    progress = wait_for(queue(home, source, source.datasets["people"]))
    if progress.snapshot is None:
        raise SystemExit(f"The run ended {progress.state}: {progress.reason}")
    found = snapshot(progress.snapshot, home=home)
    more = {"complete": found.manifest.complete, "rows": found.manifest.rows, "reasons": list(found.manifest.reasons)}
    return Made(files=(found.path("csv"),), more=more)


if __name__ == "__main__":
    perform(collect)
