"""A process at a shared gate: takes ledger, port, calls and workers, makes each call as a line to the port and back.

The ledger is a file's path, or a Redis's address and a prefix.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ladle.collect.gate import Gate
from ladle.collect.ledger import Ledger
from ladle.collect.ledger_redis import RedisLedger
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.sources.source import Quota


def opened(place: str) -> Ledger:
    if "://" not in place:
        return SqliteLedger(Path(place))
    url, prefix = place.split()
    return RedisLedger(url, prefix=prefix)


async def main(ledger: Ledger, *, port: int, calls: int, workers: int) -> None:
    quota = Quota(limit=20, seconds=0.5, text="20 per 0.5 seconds")
    gate = Gate(ledger, "shared", quotas=[quota], pace="fast")
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            async with gate.permit():
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                await reader.readline()
                writer.close()

    await asyncio.gather(*(work() for _ in range(workers)))
    await gate.aclose()


if __name__ == "__main__":
    place, port, calls, workers = sys.argv[1:]
    asyncio.run(main(opened(place), port=int(port), calls=int(calls), workers=int(workers)))
