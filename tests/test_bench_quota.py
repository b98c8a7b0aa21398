"""The bench of quotas, in short: takes Ladle's processes at limiters of their own, gives no answer of 429."""

from __future__ import annotations

import asyncio

from bench.quota import Cell, measure_all, table


def test_two_processes_draw_no_429_from_any_kind_of_limiter() -> None:
    kinds = ("sliding log", "sliding counter", "token bucket 10")
    cells = [
        Cell(client="ladle safe", kind=kind, processes=2, calls=40, limit=20, window=2.0, phase=0.3) for kind in kinds
    ]
    cells.append(Cell(client="ladle fast", kind="fixed window", processes=2, calls=40, limit=20, window=2.0))
    cells.append(Cell(client="ladle redis", kind="sliding log", processes=2, calls=40, limit=20, window=2.0))
    outcomes = asyncio.run(measure_all(cells, at_once=2))
    assert [(outcome.good, outcome.refused, outcome.errors) for outcome in outcomes] == [(40, 0, "")] * 5
    assert "ladle safe" in table(outcomes)
