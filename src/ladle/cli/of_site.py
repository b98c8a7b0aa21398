"""What the site keeps in its database: takes words of a command, hands them to a home's site, or asks a server's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ladle.cli.face import FAILED, out, say_json
from ladle.cli.serving import become_site
from ladle.home import Home
from ladle.remote.server import Server

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OfSite:
    """One kind of thing that the site keeps."""

    module: str
    """The process of a home's site that keeps it."""
    said: Callable[[str, Told], str]
    """What came of a command, in words."""

    def done(
        self,
        home: Home | Server,
        words: Sequence[str],
        there: Callable[[Server], Told],
        *,
        as_json: bool,
        failed: Callable[[Told], bool] = lambda _told: False,
    ) -> None:
        """Become the process that does it in a home; have a server do it, and say what came of it."""
        if not isinstance(home, Server):
            become_site(self.module, home, words, as_json=as_json)
        told = there(home)
        if as_json:
            say_json(told)
        else:
            out.print(self.said(words[0], told))
        if failed(told):
            sys.exit(FAILED)
