"""Takes a script (answers by path, or a function), gives the answer that it has for a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ladle.testing.answers import Answer, answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    """Decoded, with its slash at the front."""
    query: dict[str, str]
    """Decoded; of a parameter that came twice, the last."""
    target: str
    """Path and query as they were on the wire."""
    headers: Mapping[str, str]
    """In any case of letters."""
    body: bytes
    arrived: float
    """Seconds of the server's clock."""


Route = Callable[[Request], object] | Sequence[Answer] | Answer
Script = Mapping[str, Route] | Callable[[Request], object]


class Routes:
    """A script that is being followed: of a list of answers each request takes the next, and the last one stays."""

    def __init__(self, script: Script) -> None:
        self._script: Mapping[str, Route] = {"*": script} if callable(script) else dict(script)
        self._taken: dict[str, int] = {}

    def choose(self, request: Request) -> Route:
        """The exactest route for a request; what has none is a 404."""
        for name in names_of(request):
            if name in self._script:
                return self._next_of(name, self._script[name])
        return answer({"detail": f"The script has no route for {request.target}."}, status=404)

    def _next_of(self, name: str, route: Route) -> Route:
        if isinstance(route, Answer) or callable(route):
            return route
        place = self._taken.get(name, 0)
        self._taken[name] = place + 1
        return route[min(place, len(route) - 1)]


def names_of(request: Request) -> tuple[str, str, str]:
    """The names under which a script may know a request, the exactest first."""
    return request.target, request.path, "*"


def answered(route: Route, request: Request) -> Answer:
    """The route's answer to a request; a function's value that is no Answer goes out as JSON."""
    value = route(request) if callable(route) else route
    return value if isinstance(value, Answer) else answer(value)
