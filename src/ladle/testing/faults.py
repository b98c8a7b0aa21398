"""Takes any script and a share for each kind of fault, gives the same script misbehaving by a plan that a seed fixes.

with ScriptedApi(Faulty(script, {"reset": 0.05, "html 500": 0.05}, seed=7)) as api: ...

Each kind in FAULTS makes a bad answer of the good one. Those in LIMITS say that a limit is reached, those in LASTING
are answers that nobody asks for again, and those in HARMLESS are odd but whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ladle.testing.answers import (
    Answer,
    answer,
    bad_gzip,
    cut,
    drip,
    gzipped,
    hang,
    html,
    later,
    miscounted,
    redirect,
    reset,
    truncated,
)
from ladle.testing.routes import Request, Routes, Script, answered

Spoil = Callable[[Answer], Answer]
"""From the good answer, the one that is sent in its place."""

ITSELF = "{itself}"
"""Stands for the address that was asked for."""
ELSEWHERE = "http://elsewhere.invalid/"

LIMITS: Mapping[str, Spoil] = {
    "429": lambda good: later(),
    "429 with seconds": lambda good: later(after=0.01),
    "429 in words": lambda good: later(after="soon"),
    "403 with seconds": lambda good: later(status=403, after=0.01),
    "limit in a 200": lambda good: answer({"ok": False, "error": "ratelimited"}),
}
"""The limit is reached: no attempt, however often."""

LASTING: Mapping[str, Spoil] = {
    "404": lambda good: answer({"detail": "Not found."}, status=404),
    "gone in a 200": lambda good: answer({"cod": "404", "message": "not found"}),
    "redirect in a circle": lambda good: redirect(ITSELF),
    "redirect to another site": lambda good: redirect(ELSEWHERE),
    "redirect to nowhere": lambda good: answer(b"", status=302),
    "not implemented": lambda good: html("Not Implemented", status=501),
}
"""A definite no: a gap at once."""

FAULTS: Mapping[str, Spoil] = {
    "reset": lambda good: reset(),
    "truncated": lambda good: truncated(good.body, kept=_half(good)),
    "truncated at once": lambda good: truncated(good.body, kept=0),
    "chunks cut short": lambda good: cut(good.body, kept=_half(good)),
    "miscounted": lambda good: miscounted(good.body, told=_half(good)),
    "bad gzip": lambda good: bad_gzip(good.body),
    "half a gzip": lambda good: gzipped(good.body, kept=_half(gzipped(good.body))),
    "gzip that is none": lambda good: answer(good.body, headers={"Content-Encoding": "gzip"}),
    "unknown compression": lambda good: answer(good.body, headers={"Content-Encoding": "br"}),
    "hanging": lambda good: hang(good.body),
    "slow drip": lambda good: drip(good.body, pause=0.2),
    "html 500": lambda good: html(),
    "html 200": lambda good: html("Please log in", status=200),
    "502": lambda good: html("Bad Gateway", status=502),
    "503": lambda good: html("Service Unavailable", status=503),
    "503 with seconds": lambda good: later(status=503, after=0.01),
    "504": lambda good: html("Gateway Timeout", status=504),
    "408": lambda good: answer(b"", status=408),
    "425": lambda good: answer(b"", status=425),
    "empty": lambda good: answer(b""),
    "204": lambda good: answer(b"", status=204),
    "half the json": lambda good: answer(good.body[: _half(good)]),
    "json and more": lambda good: answer(good.body + b"<!-- 0.2 s -->"),
    "NaN": lambda good: answer(b'{"value": NaN, ' + good.body.lstrip(b"{ ")),
    "utf-16": lambda good: answer(good.body.decode().encode("utf-16")),
    "latin-1": lambda good: answer('{"name": "é"}'.encode("latin-1")),
    "null": lambda good: answer(b"null"),
    "empty object": lambda good: answer({}),
    "error in a 200": lambda good: answer({"error": {"code": "internal", "message": "Try again"}}),
    "ok false": lambda good: answer({"ok": False, "error": "fatal_error"}),
    "code in a 200": lambda good: answer({"cod": 500, "message": "Internal error"}),
    "next to another site": lambda good: _leading(good, f"{ELSEWHERE}?page=2"),
    **LIMITS,
    **LASTING,
}
"""Every kind of fault by its name."""

HARMLESS: Mapping[str, Spoil] = {
    "byte order mark": lambda good: replace(good, body=b"\xef\xbb\xbf" + good.body),
    "gzip": lambda good: gzipped(good.body),
    "drip": lambda good: drip(good.body, chunk=64, pause=0.001),
    "named twice": lambda good: replace(good, body=b'{"results": [], "results": [],' + good.body.lstrip()[1:]),
    "other type": lambda good: replace(good, headers={"Content-Type": "text/html; charset=latin-1"}),
    "206": lambda good: replace(good, status=206),
}
"""Odd answers that hold everything all the same."""


class Faulty:
    """A script, for `ScriptedApi`, in whose place some requests are answered with a fault.

    `shares` gives each kind's share of all requests, 0.05 for one in twenty. What a request gets depends on the seed,
    its target and how often it was asked for, not on the order in which requests arrive; with `lasting` not even on
    how often, so that what fails once fails for ever. `sent` counts the faults by kind, `failed` by target.
    """

    def __init__(self, script: Script, shares: Mapping[str, float], *, seed: int = 0, lasting: bool = False) -> None:
        kinds = {**FAULTS, **HARMLESS}
        if wrong := sorted(set(shares) - set(kinds)):
            raise ValueError(f"There is no fault {wrong[0]!r}; there are: {', '.join(kinds)}.")
        if sum(shares.values()) > 1:
            raise ValueError(f"The shares come to {sum(shares.values()):.2f}; all requests are 1.")
        self._kinds = {kind: (share, kinds[kind]) for kind, share in shares.items()}
        self._routes, self._seed, self._lasting = Routes(script), seed, lasting
        self._asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def __call__(self, request: Request) -> Answer:
        good = answered(self._routes.choose(request), request)
        self._asked[request.target] += 1
        kind = self._drawn(request.target, 0 if self._lasting else self._asked[request.target])
        if kind is None:
            return good
        self.sent[kind] += 1
        self.failed[request.target] += kind not in HARMLESS
        bad = self._kinds[kind][1](good)
        return redirect(request.target) if bad.headers.get("Location") == ITSELF else bad

    def _drawn(self, target: str, time: int) -> str | None:
        """The fault of this request, if any."""
        left = Random(f"{self._seed} {target} {time}").random()
        for kind, (share, _) in self._kinds.items():
            left -= share
            if left < 0:
                return kind
        return None


def _half(good: Answer) -> int:
    return len(good.body) // 2


def _leading(good: Answer, address: str) -> Answer:
    """The same page, whose next one is said to be elsewhere; other answers are damaged instead."""
    document: Any = json.loads(good.body)
    if not isinstance(document, dict) or not document.get("next"):
        return answer(b"{")
    return answer({**document, "next": address})
