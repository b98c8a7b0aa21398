"""For tests of sources and of Ladle itself: takes a script, gives a real API on loopback, and a clock turned by hand.

with ScriptedApi({"/people": paged(Numbered(82), page_size=10)}) as api:
    api.fail("/people?page=4", later(after=1), reset())
    ...                                    # collect from api.url
    assert fullest(api.arrivals, seconds=60) <= 60
"""

from __future__ import annotations

from ladle.testing.answers import Answer, answer, bad_gzip, drip, hang, later, redirect, reset, truncated
from ladle.testing.clock import Clock
from ladle.testing.paged import Numbered, paged
from ladle.testing.scripted import Request, ScriptedApi, fullest

__all__ = [
    "Answer",
    "Clock",
    "Numbered",
    "Request",
    "ScriptedApi",
    "answer",
    "bad_gzip",
    "drip",
    "fullest",
    "hang",
    "later",
    "paged",
    "redirect",
    "reset",
    "truncated",
]
