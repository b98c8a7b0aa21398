"""An API with one limiter in a process of its own: takes kind, limit, window and phase, prints its port, then tells.

GET /data/2.5/weather?id=N   an answer after 20 to 200 ms, or 429; the limiter is asked at a random moment of these
GET /_told                   {"answers": {"200": n, "429": n}, "seconds": from the first call to the last}
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from random import Random

from aiohttp import web

from bench.limiters import limiter

JITTER = (0.02, 0.2)


def app(kind: str, *, limit: int, window: float, phase: float) -> web.Application:
    """The whole API; `phase` is also the seed of its jitter."""
    let_through = limiter(kind, limit=limit, window=window, phase=phase)
    random, answers, times = Random(phase), Counter[int](), list[float]()

    async def weather(request: web.Request) -> web.Response:
        number = int(request.query["id"])
        whole, share = random.uniform(*JITTER), random.random()
        await asyncio.sleep(whole * share)
        times.append(time.monotonic())
        status = 200 if let_through(times[-1]) else 429
        answers[status] += 1
        await asyncio.sleep(whole * (1 - share))
        if status == 429:
            return web.json_response({"cod": 429, "message": "Too many requests"}, status=429)
        return web.json_response({"id": number, "name": f"City {number}", "main": {"temp": number / 10}})

    async def told(_: web.Request) -> web.Response:
        names = {str(status): number for status, number in answers.items()}
        return web.json_response({"answers": names, "seconds": times[-1] - times[0] if times else 0.0})

    made = web.Application()
    made.router.add_get("/data/2.5/weather", weather)
    made.router.add_get("/_told", told)
    return made


async def serve(kind: str, *, limit: int, window: float, phase: float) -> None:
    """Until it is killed."""
    runner = web.AppRunner(app(kind, limit=limit, window=window, phase=phase), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, limit, window, phase = sys.argv[1:]
    asyncio.run(serve(kind, limit=int(limit), window=float(window), phase=float(phase)))
