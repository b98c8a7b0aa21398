"""What is so for now alone: takes an answer of 429 or 503, says in it when to ask again, and has no error written."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TypeVar

from django.http import HttpResponseBase

from ladle.errors import LadleError, Unreachable

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=HttpResponseBase)
AGAIN_AFTER = "5"
"""Seconds after which a client should ask again."""
_FOR_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def for_now(answer: Answer, error: Exception | None = None) -> Answer:
    """The same answer; one of another status stays as it is. `error` is why: what is away is written down."""
    if answer.status_code in _FOR_NOW:
        answer["Retry-After"] = AGAIN_AFTER
        # Django writes an answer of 500 and more down as an error, unless it says that this was done.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        if isinstance(error, Unreachable) or (error is not None and not isinstance(error, LadleError)):
            log.warning("Answered with %s: %s", answer.status_code, " ".join(str(error).split()))
    return answer
