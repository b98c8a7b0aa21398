"""dlt's rest_api source: takes a job, gives CSV files in a folder, with its own defaults or tuned.

By default it follows the links from page to page and makes tables of their own from lists within a record. Tuned, each
of so many workers has a range of the pages, lists stay in their row, and two processes write the files.
"""

from __future__ import annotations

import os
from math import ceil
from typing import Any

# Read when dlt is imported: it would tell its maker of each run.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.destinations import filesystem
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator
from dlt.sources.rest_api import rest_api_source

from bench.peers.job import Job, Made, perform


def collect(job: Job) -> Made:
    """Run the pipeline into a local folder."""
    resources, nesting = (ranges(job), 0) if job.tuned else ([plain()], None)
    if job.tuned:
        tune(job)
    source = rest_api_source(
        {"client": {"base_url": job.base_url}, "resources": resources}, name="bench", max_table_nesting=nesting
    )
    if job.tuned:
        source = source.parallelize()
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(job.folder / "pipelines"),
        destination=filesystem(bucket_url=str(job.folder / "out")),
        dataset_name="bench",
    )
    pipeline.run(source, loader_file_format="csv")
    return Made(files=sorted((job.folder / "out" / "bench" / "people").iterdir()), more={})


def plain() -> Any:
    """The resource as its documentation shows it; it finds "results" and "next" by itself."""
    return {"name": "people", "primary_key": "id", "endpoint": {"path": "people", "params": {"page": 1}}}


def ranges(job: Job) -> list[Any]:
    """One resource for each worker, all into one table."""
    share = ceil(job.pages / job.concurrency)
    starts = range(1, job.pages + 1, share)
    return [
        {
            "name": f"people_{start}",
            "table_name": "people",
            "endpoint": {
                "path": "people",
                "data_selector": "results",
                "paginator": PageNumberPaginator(
                    base_page=start, page=start, total_path=None, maximum_page=min(start + share, job.pages + 1)
                ),
            },
        }
        for start in starts
    ]


def tune(job: Job) -> None:
    """The settings of dlt's page on performance."""
    dlt.config["extract.workers"] = job.concurrency
    dlt.config["extract.max_parallel_items"] = job.concurrency
    dlt.config["normalize.workers"] = 2
    dlt.config["normalize.data_writer.disable_compression"] = True
    dlt.config["extract.data_writer.file_max_items"] = 25_000
    dlt.config["data_writer.buffer_max_items"] = 25_000


if __name__ == "__main__":
    perform(collect)
