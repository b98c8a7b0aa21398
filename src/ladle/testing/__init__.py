"""For tests of sources and of Ladle itself: takes a script, gives a real API on loopback, and a clock turned by hand.

with ScriptedApi({"/people": paged(Numbered(82), page_size=10)}) as api:
    api.fail("/people?page=4", later(after=1), reset())
    ...                                    # collect from api.url
    assert fullest(api.arrivals, seconds=60) <= 60
"""

from __future__ import annotations

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
from ladle.testing.clock import Clock
from ladle.testing.faults import FAULTS, HARMLESS, Faulty
from ladle.testing.paged import Numbered, paged
from ladle.testing.routes import Request
from ladle.testing.scripted import ScriptedApi, fullest

__all__ = [
    "FAULTS",
    "HARMLESS",
    "Answer",
    "Clock",
    "Faulty",
    "Numbered",
    "Request",
    "ScriptedApi",
    "answer",
    "bad_gzip",
    "cut",
    "drip",
    "fullest",
    "gzipped",
    "hang",
    "html",
    "later",
    "miscounted",
    "paged",
    "redirect",
    "reset",
    "truncated",
]
