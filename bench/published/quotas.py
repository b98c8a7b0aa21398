"""How quotas are kept: takes the numbers of bench.quota, gives their part of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.published.bars import Bar, drawn
from bench.published.claim import Claim, at_least
from bench.published.markdown import Section, picture, table

Record = dict[str, Any]
CLEAN = ("fixed window", "sliding log", "token bucket 60")
"""Limiters that `fast` draws no 429 from."""
SAFE, FAST, LONG = 0.88, 0.95, 0.99
"""Shares of the possible rate: of `safe`, of `fast`, of `fast` with a window of a minute."""
MOST_SAFE = (
    "Ladle safe: with answers after 20 to 200 ms, 87.6% is the most that no API refuses, however it counts "
    "([which pace satisfies which limiter](howto/limits.md#which-pace-satisfies-which-limiter))."
)
"""Why `safe` can't have the share that was asked of it."""


def quotas(records: Sequence[Record]) -> Section:
    """A table, and a picture of all answers of 429."""
    kinds = sorted({record["cell"]["kind"] for record in records}, key=_order(records))
    rows: dict[tuple[str, int, int, float], dict[str, Record]] = {}
    for record in records:
        cell = record["cell"]
        row = (cell["client"], cell["processes"], cell["calls"], cell["window"])
        rows.setdefault(row, {})[cell["kind"]] = record
    told = [
        (
            _named(client),
            str(processes),
            f"{calls} at {_limit(row)} per {window:g} s",
            *(_cell(row.get(k)) for k in kinds),
        )
        for (client, processes, calls, window), row in sorted(rows.items(), key=lambda each: _rank(each[0]))
    ]
    name = "bench-quota.svg"
    drawing = drawn(
        "Answers of 429, of so many good ones, over the limiters that all were tried with", list(_bars(records))
    )
    lines = [INTRODUCTION, "", picture(name, "Answers of 429"), *table(("", "processes", "requests", *kinds), told)]
    claims = [*_refusals(records), *_shares(records)]
    return Section(
        title="Keeping a quota", lines=lines, claims=claims, slower=_slower(records), pictures={name: drawing}
    )


def _order(records: Sequence[Record]) -> Any:
    first = list(dict.fromkeys(record["cell"]["kind"] for record in records))
    return first.index


def _rank(row: tuple[str, int, int, float]) -> tuple[bool, str, float, int]:
    client, processes, _, window = row
    return (not client.startswith("ladle"), client, window, processes)


def _limit(row: dict[str, Record]) -> int:
    limit: int = next(iter(row.values()))["cell"]["limit"]
    return limit


def _named(client: str) -> str:
    return client.replace("ladle", "Ladle").replace("scrapy", "Scrapy")


def _cell(record: Record | None) -> str:
    if record is None:
        return ""
    if not record["share"]:
        return f"{record['refused']}, not all answered"
    return f"{record['refused']}, {record['share']:.1%}"


def _bars(records: Sequence[Record]) -> Iterator[Bar]:
    """Of each client, over the limiters that were tried with all of them."""
    clients = list(dict.fromkeys(record["cell"]["client"] for record in records))
    shared = set.intersection(*({_place(record) for record in records if _client(record) == name} for name in clients))
    for name in clients:
        those = [record for record in records if _client(record) == name and _place(record) in shared]
        refused = sum(record["refused"] for record in those)
        asked = sum(record["good"] for record in those)
        told = f"{refused:,}, of {asked:,}"
        yield Bar(name=_named(name), number=refused, told=told, mine=name.startswith("ladle"))


def _client(record: Record) -> str:
    name: str = record["cell"]["client"]
    return name


def _place(record: Record) -> tuple[str, int, float]:
    cell = record["cell"]
    return (cell["kind"], cell["processes"], cell["window"])


def _refusals(records: Sequence[Record]) -> Iterator[Claim]:
    for client, kinds in (("ladle safe", None), ("ladle fast", CLEAN), ("ladle redis", CLEAN)):
        those = [each for each in records if _client(each) == client and (not kinds or each["cell"]["kind"] in kinds)]
        if those:
            refused = sum(each["refused"] for each in those)
            where = "every limiter" if kinds is None else ", ".join(kinds)
            what = f"{_named(client)}: answers of 429 ({where}; {len(those)} cells)"
            yield Claim(what=what, found=str(refused), asked="none", met=not refused)


def _shares(records: Sequence[Record]) -> Iterator[Claim]:
    bounds = (("ladle safe", 6.0, SAFE, None), ("ladle fast", 6.0, FAST, CLEAN), ("ladle fast", 60.0, LONG, CLEAN))
    for client, window, least, kinds in bounds:
        those = [
            record["share"] * 100
            for record in records
            if _client(record) == client
            and record["cell"]["window"] == window
            and (not kinds or record["cell"]["kind"] in kinds)
        ]
        if those:
            what = f"{_named(client)}: share of the possible rate at {window:g} s windows, least of {len(those)} cells"
            why = MOST_SAFE if client == "ladle safe" else ""
            yield at_least(what, min(those), least * 100, unit="%", why=why)


def _slower(records: Sequence[Record]) -> list[str]:
    """Who was as clean as Ladle and quicker."""
    found = []
    mine = min((each["share"] for each in records if _client(each) == "ladle fast"), default=1.0)
    for name in dict.fromkeys(map(_client, records)):
        those = [each for each in records if _client(each) == name]
        if not name.startswith("ladle") and not any(each["refused"] for each in those):
            share = min(each["share"] for each in those)
            if share > mine:
                found.append(f"Quotas: {_named(name)} drew no 429 either, at {share:.1%} of the possible rate or more.")
    return found


INTRODUCTION = """\
One key, one API of its own for each cell. In each cell: answers of 429, and the share of the quickest that anybody
could be without a refusal. Ladle's `safe` supposes nothing of how the API counts; `fast` supposes a fixed window, a
sliding log or a bucket as large as the quota; `redis` is `fast` with the ledger in a Redis. The limiters are used as
their documentation shows, between processes with what each offers for it; dlt and Scrapy with their own ways of
holding back. Ladle is asked for 600 requests (240 at 60 per minute), the others for 300."""
