"""Errors behind a good status: takes a decoded answer, gives what it says of its own failure, or None for data.

A definition's `error` rules come first, the first that fits. Beyond them an answer is taken for an error only when
nothing in it can be data: it holds no record, or one bare object that lacks the resource's key and says
`{"error": …}`, `"ok": false` or the like. An answer with records is never an error without a rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ladle.sources.paths import dig
from ladle.sources.sift import same
from ladle.sources.source import ErrorRule, Meaning, Resource

LONGEST = 200
"""Characters of the API's own words that are shown."""
WORDS = ("message", "detail", "error_description", "error", "reason", "msg", "title", "code", "type")
"""Where APIs tell what went wrong, the fullest words first."""
NUMBERS = ("cod", "code", "status", "status_code", "statusCode", "error_code")
"""Where APIs repeat an HTTP status in the body."""
_ABOUT = ("errors", "info", "details", "instance", "ok", "success", "request_id", "requestId", "timestamp", "path")
ENVELOPE = frozenset({*WORDS, *NUMBERS, *_ABOUT, "documentation_url", "meta", "warning"})
"""Names that are told about an error; an object with any other name may be a record."""
FAILED, GOOD = ("error", "fail", "failed", "failure"), ("success", "ok", 200)

# Words that mean one thing wherever they are said; compared without case, blanks, hyphens and underscores.
_LIMIT = "rate limited, rate limit exceeded, too many requests, throttled, quota exceeded, limit exceeded"
_REFUSED = (
    "invalid auth, not authed, unauthorized, unauthenticated, invalid api key, invalid key, missing api key, "
    "invalid token, expired token, token expired, token revoked, invalid access token, account inactive"
)
_GONE = "not found, no such record, gone, does not exist"


def _plain(words: object) -> str:
    return "".join(sign for sign in str(words).casefold() if sign.isalnum())


MEANT: dict[str, Meaning] = {
    **{_plain(words): "limit" for words in _LIMIT.split(",")},
    **{_plain(words): "refused" for words in _REFUSED.split(",")},
    **{_plain(words): "gone" for words in _GONE.split(",")},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says of itself: a sentence, and what it means for the request."""

    reason: str
    means: Meaning


def said_by(document: object, resource: Resource, records: object) -> Said | None:
    """The error that a decoded answer is, None where it is none. `records` is what lies where records should."""
    for rule in resource.errors:
        if _fits(rule, document):
            return _by_rule(rule, document)
    # An answer with records costs one look.
    if isinstance(records, list) and records:
        return None
    if not isinstance(document, Mapping) or not _is_error(document, resource, records):
        return None
    return _said(words_of(document), _meaning(*_clues(document)))


def words_of(document: object) -> str:
    """The API's own words for its error, in one short line that a terminal can show; empty where it has none.

    >>> words_of({"error": {"code": 429, "message": "Slow\\n down. "}})
    'Slow down'
    """
    return next((shown for each in _places(document) for name in WORDS if (shown := shown_of(each.get(name)))), "")


def shown_of(words: object) -> str:
    """A text in one short line; signs that move the cursor or colour the text are not the API's to send."""
    if not isinstance(words, str):
        return ""
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())[:LONGEST].rstrip(".")


def meaning_of_status(status: int) -> Meaning:
    """What an HTTP status of an error means for the request, wherever it is told."""
    if status in (401, 403):
        return "refused"
    if status == 429:
        return "limit"
    # What a server does not implement today it won't in a minute either.
    return "again" if status in (408, 425) or (status >= 500 and status not in (501, 505)) else "gone"


def _fits(rule: ErrorRule, document: object) -> bool:
    value = dig(document, rule.path)
    if value is None:
        return False
    if rule.values is None:
        return bool(value)
    # OpenWeatherMap says "404" and 401.
    return any(same(value, each) for each in rule.values) is not rule.other


def _by_rule(rule: ErrorRule, document: object) -> Said:
    value = dig(document, rule.path)
    told = dig(document, rule.reason) if rule.reason else value
    words = (
        shown_of(told) or words_of(document) or f'"{rule.path}" is {shown_of(json.dumps(value, ensure_ascii=False))}'
    )
    return _said(words, rule.means or _meaning(value, told, *_clues(document)))


def _said(words: str, means: Meaning) -> Said:
    return Said(f"The answer says that it is an error{f': {words}' if words else ''}.", means)


def _is_error(document: Mapping[str, Any], resource: Resource, records: object) -> bool:
    """Whether an answer without a list of records says that it is an error, and can't be anything else."""
    if isinstance(records, Mapping) and resource.key is not None and dig(records, resource.key) is not None:
        return False
    if resource.records and isinstance(records, Mapping) and records:
        return False
    only_words = set(document) <= ENVELOPE
    if _says_failed(document):
        # Without a key to tell a record by, nothing but words about an error may stand there.
        return bool(resource.records) or resource.key is not None or only_words
    if not words_of(document) or not (resource.records or only_words):
        return False
    if any(_status(document.get(name)) for name in NUMBERS):
        return True
    # {"detail": "Not found."}: words alone, where there should be a record with a key.
    return not resource.records and resource.key is not None and not _says_good(document)


def _says_failed(document: Mapping[str, Any]) -> bool:
    if document.get("ok") is False or document.get("success") is False or document.get("status") in FAILED:
        return True
    # A number may be a measured value's error.
    return any(value is True or (value and isinstance(value, (str, dict, list))) for value in _errors(document))


def _says_good(document: Mapping[str, Any]) -> bool:
    return document.get("ok") is True or document.get("success") is True or document.get("status") in GOOD


def _errors(document: Mapping[str, Any]) -> tuple[Any, Any]:
    return document.get("error"), document.get("errors")


def _places(document: object) -> Iterator[Mapping[str, Any]]:
    """The answer itself, and the objects in which an API may wrap its words."""
    if isinstance(document, Mapping):
        for inner in _errors(document):
            first = inner[0] if isinstance(inner, list) and inner else inner
            if isinstance(first, Mapping):
                yield first
        yield document


def _clues(document: object) -> Iterator[object]:
    """Values that may tell what is meant: numbers first, then words."""
    places = list(_places(document))
    yield from (each.get(name) for each in places for name in NUMBERS)
    yield from (each.get(name) for each in places for name in ("code", "type", "status", *WORDS))


def _meaning(*clues: object) -> Meaning:
    """By the first clue that is certain; `again` where none is."""
    for clue in clues:
        if status := _status(clue):
            return meaning_of_status(status)
        if isinstance(clue, str) and (known := MEANT.get(_plain(clue))):
            return known
    return "again"


def _status(value: object) -> int | None:
    """An HTTP status of an error, as number or text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value)
    return int(text) if len(text) == 3 and text.isascii() and text.isdigit() and "400" <= text <= "599" else None
