"""Long questions over HTTP: takes what is being worked on, gives nothing when it is done in time, else "ask again".

Whoever asks the same address again gets the answer when it is there; it is worked on once, however many ask.
"""

from __future__ import annotations

import os
from concurrent.futures import TimeoutError as NotYet
from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

import ladle
from ladle_server.environment import answer_seconds


def still_running(request: Request, work: ladle.Work[int]) -> Response | None:
    """What to answer where the time is over before the work is done: 202, how far it is, and when to ask again.

    Raises what the work failed with.
    """
    try:
        work.result(timeout=answer_seconds(os.environ))
    except NotYet:
        body = {"state": "running", "progress": work.progress}
        headers = {"Retry-After": "1", "Location": request.build_absolute_uri(), "Cache-Control": "no-store"}
        return Response(body, status=HTTPStatus.ACCEPTED, headers=headers)
    return None
