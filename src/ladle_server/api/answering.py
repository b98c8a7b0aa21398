"""Long questions over HTTP: takes what is being worked on, gives nothing when it is done in time, else "ask again".

Whoever asks the same address again gets the answer when it is there; it is worked on once, however many ask. The answer
names the question, at an address of its own: who wants it no more can have it stopped there.
"""

from __future__ import annotations

import os
from concurrent.futures import TimeoutError as NotYet
from http import HTTPStatus

from django.urls import reverse
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
        return not_yet(request, progress=work.progress, question=work.question)
    return None


def not_yet(request: Request, *, progress: float | None, question: str) -> Response:
    """202: how far the answer is, from 0 to 1 or None, where it can be stopped, and when and where to ask again."""
    body = {"state": "running", "progress": progress, "question": _address(request, question)}
    headers = {"Retry-After": "1", "Location": request.build_absolute_uri(), "Cache-Control": "no-store"}
    return Response(body, status=HTTPStatus.ACCEPTED, headers=headers)


def _address(request: Request, question: str) -> str | None:
    """Where a question can be stopped; None for one that has been answered this moment."""
    return request.build_absolute_uri(reverse("api-question", args=[question])) if question else None
