"""The lines to one site: takes its address and what may be reached, gives wires that lead nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ladle.collect.curl import Wires
from ladle.collect.line import Bounds, options
from ladle.collect.reach import Reach, as_number, host_and_port
from ladle.collect.retry import Trouble


class Site:
    """To be opened before its wires are used, unless everything may be reached: then `is_open` from the beginning."""

    def __init__(self, url: str, *, reach: Reach, headers: Sequence[bytes], connections: int, bounds: Bounds) -> None:
        self._reach, self._bounds = reach, bounds
        self.host, self._port = host_and_port(url)
        self.is_open = reach.everywhere
        settings = options(host=self.host, headers=headers, bounds=bounds, direct=not reach.everywhere)
        allows = None if reach.everywhere else reach.allows
        self.wires = Wires(settings, connections=connections, bounds=bounds, allows=allows)
        self._opening = asyncio.Lock()

    async def open(self) -> tuple[Trouble, str] | None:
        """Look the host up, once, and hold on to what was found; or why it may not be reached, in words."""
        async with self._opening:
            return None if self.is_open else await self._open()

    async def _open(self) -> tuple[Trouble, str] | None:
        try:
            async with asyncio.timeout(self._bounds.connect):
                addresses = await asyncio.to_thread(self._reach.found, self.host, self._port)
        except TimeoutError:
            return "unreachable", f"The name {self.host} can't be found: no answer in {self._bounds.connect:g} s."
        except OSError:
            return "unreachable", f"The name {self.host} can't be found."
        if (why_not := self._reach.why_not(self.host, addresses)) is not None:
            return "not allowed", why_not
        if as_number(self.host) is None:
            self.wires.pin(self.host, ports={self._port, 80, 443}, addresses=addresses)
        self.is_open = True
        return None

    def close(self) -> None:
        """Hang up."""
        self.wires.close()
