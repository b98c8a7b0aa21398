"""Where are requests counted? Takes the settings, gives what counts them: this process, or Redis for all of them."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from django.conf import settings

from ladle_server.access.rates import Clients, Rate, Taken


class Counting(Protocol):
    """What counts requests."""

    def take(self, client: str, given: Rate, *, now: float) -> Taken:
        """One more request of a client."""


def clients() -> Counting:
    """The one that the settings name."""
    return counting_in(settings.LADLE_QUOTA)


@cache
def counting_in(shared: tuple[str, str] | None) -> Counting:
    """The Redis at an address, with what its keys begin with; None: this process."""
    if shared is None:
        return Clients()
    from ladle_server.access.shared_rates import Shared  # an extra, needed where it is set

    url, prefix = shared
    return Shared(url, prefix=prefix)
