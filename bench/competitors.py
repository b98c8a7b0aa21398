"""Who takes part in bench.collect: takes a name, gives the module to run; and whether what it wrote is all there."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Competitor:
    """A script of bench/peers, with its own defaults or tuned."""

    name: str
    module: str
    tuned: bool
    writes: str

    def command(self, *, base_url: str, pages: int, size: int, concurrency: int, folder: Path) -> Sequence[str]:
        """The process to run; it collects into `folder`, which is there and empty."""
        numbers = (str(pages), str(size), str(concurrency))
        last = ("tuned",) if self.tuned else ()
        return (sys.executable, "-m", f"bench.peers.{self.module}", base_url, *numbers, str(folder), *last)


COMPETITORS = (
    Competitor("Ladle", "by_ladle", False, "journal, CSV, index, Parquet, profile"),
    Competitor("aiohttp + orjson", "by_aiohttp", False, "CSV"),
    Competitor("asyncio protocol", "by_protocol", False, "CSV"),
    Competitor("asyncio protocol, uvloop", "by_protocol", True, "CSV"),
    Competitor("requests, threads", "by_requests", False, "CSV"),
    Competitor("petl over requests", "by_petl", False, "CSV"),
    Competitor("Scrapy", "by_scrapy", False, "CSV"),
    Competitor("Scrapy, tuned", "by_scrapy", True, "CSV"),
    Competitor("dlt rest_api", "by_dlt", False, "CSV, a table for each list"),
    Competitor("dlt rest_api, tuned", "by_dlt", True, "CSV"),
)
LADLE = COMPETITORS[0]
QUICK = COMPETITORS[:3]
"""Those that need nothing but what Ladle's own tests need."""


def verdict(files: Iterable[str], *, rows: int) -> str:
    """What is wrong with files that should hold `rows` people with the ids 1, 2, … once each; empty if nothing is."""
    found, ids = 0, set()
    for file in files:
        with _open(Path(file)) as text:
            for row in csv.DictReader(text):
                found += 1
                ids.add(int(row["id"]))
    if found == rows and len(ids) == rows and max(ids) == rows:
        return ""
    return f"{found:,} rows with {len(ids):,} ids instead of {rows:,}"


def _open(path: Path) -> io.TextIOBase:
    """A CSV file, packed or not: dlt packs without saying so in the name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
