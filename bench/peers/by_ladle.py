"""Ladle: takes a job, gives a snapshot with everything that belongs to one: CSV, index, Parquet, profile, manifest."""

from __future__ import annotations

from pathlib import Path

from bench.peers.job import Job, Made, perform
from ladle.home import Home
from ladle.public import snapshot, wait_for
from ladle.runs import queue
from ladle.sources.definition import parse

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
