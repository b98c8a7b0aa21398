"""Answers that hold no data: takes what came back, says what the API wants, and drafts what can be drafted."""

from __future__ import annotations

from urllib.parse import urlsplit

from ladle.errors import BadInput, LadleError, UpstreamError
from ladle.sources.infer.findings import Draft, Guess
from ladle.sources.infer.heard import NO_JSON, Heard
from ladle.sources.infer.names import env_name
from ladle.sources.infer.writing import doubled
from ladle.sources.said import Said, said_by, words_of
from ladle.sources.source import Resource

ASKED_BY_POST = ("query", "search", "_search", "graphql")
"""How paths end that are often asked by POST."""


def wants_post(heard: Heard) -> bool:
    """Whether it is asked by POST: a 405, an `Allow` that says so, or a refusal at a path that ends as such do."""
    allowed = heard.headers.get("allow", "").upper()
    if heard.status == 405 or (heard.status >= 400 and "POST" in allowed and "GET" not in allowed):
        return True
    path = urlsplit(heard.url)
    return heard.status in (400, 404) and not path.query and path.path.rstrip("/").rpartition("/")[2] in ASKED_BY_POST


def wants_key(heard: Heard) -> bool:
    """Whether it is a refusal for want of a key, told by the status or inside a good answer."""
    if heard.status in (401, 403):
        return "x-ratelimit-remaining" not in heard.headers or heard.headers["x-ratelimit-remaining"] != "0"
    said = said_within(heard)
    return said is not None and said.means == "refused"


def said_within(heard: Heard) -> Said | None:
    """The error that a good answer is, as far as that is known without a definition."""
    if not heard.good or isinstance(heard.document, list):
        return None
    return said_by(heard.document, Resource(name="answer", path="", records="\0", key="\0"), None)


def post_words(heard: Heard) -> str:
    """What to write for an API that is asked by POST."""
    return (
        f"{heard.url.partition('?')[0]} seems to be asked by POST (a GET was answered {heard.status}{_words(heard)}). "
        "Ladle sends no POST that nobody wrote. Say in `body` what is to be sent (see its documentation), in `headers` "
        "what it wants beside that, and correct where the records and the next page's token are."
    )


def key_words(heard: Heard, *, source: str) -> str:
    """What to say for an API that wants a key."""
    said = said_within(heard)
    told = f" ({said.reason})" if said else f" (it answered {heard.status}{_words(heard)})"
    token, key = env_name(source, "token"), env_name(source, "key")
    challenge = heard.headers.get("www-authenticate", "").lower()
    first = f"--basic {token}, " if challenge.startswith("basic") else ""
    return (
        f"The API wants a key{told}. Set an environment variable to it and say where it goes: {first}--bearer {token}, "
        f"--header NAME={key} or --query NAME={key}."
    )


def no_data(heard: Heard) -> LadleError:
    """The error for an answer that leads nowhere."""
    url = heard.url.partition("?")[0]
    if heard.problem:
        return UpstreamError(f"{url} can't be asked: {heard.problem}")
    if heard.status == 429 or heard.headers.get("x-ratelimit-remaining") == "0":
        return UpstreamError(
            f"The API says that its limit is reached ({heard.status}{_words(heard)}).", hint="Try again later."
        )
    if heard.status >= 500:
        return UpstreamError(f"{url} answered {heard.status}{_words(heard)}.", hint="Try again later.")
    if heard.status in (404, 410):
        return BadInput(f"There is nothing at {url} ({heard.status}{_words(heard)}).", hint="Look at the address.")
    if heard.status >= 400:
        hint = "Add what it asks for to the address, such as ?name=value, or ask by POST if its documentation says so."
        return BadInput(f"{url} answered {heard.status}{_words(heard)}.", hint=hint)
    if heard.is_html:
        hint = "Its documentation tells the address of the API itself."
        return BadInput(f"{url} is a page for people (HTML), and no data in JSON.", hint=hint)
    if heard.document is NO_JSON:
        start = heard.body[:40].decode("utf-8", "replace") if heard.body.strip() else ""
        what = f"no JSON; it begins with {start!r}" if start else "empty"
        return BadInput(f"The answer of {url} is {what}.", hint="Ladle reads APIs that answer in JSON.")
    return _no_records(heard, url)


def _no_records(heard: Heard, url: str) -> LadleError:
    if (said := said_within(heard)) is not None:
        return UpstreamError(f"{url}: {said.reason}")
    document = heard.document
    if isinstance(document, list):
        kinds = {type(each).__name__ for each in document[:50]}
        what = {"list": "lists", "str": "texts", "int": "numbers", "float": "numbers", "bool": "true and false"}
        told = " and ".join(sorted({what.get(kind, "other values") for kind in kinds if kind != "dict"}))
        return BadInput(
            f"The answer of {url} is a list of {told}, and no list of records.",
            hint="A record is an object with named fields.",
        )
    told = "an empty object" if document == {} else "no object and no list"
    return BadInput(
        f"The answer of {url} is {told}: it holds no records.", hint="Ladle reads lists of objects with named fields."
    )


def _asked_at(path: str, params: dict[str, str]) -> dict[str, Guess]:
    keys = {"path": Guess(doubled(path) or "/", "certain", "")}
    if params:
        keys["params"] = Guess({name: doubled(value) for name, value in params.items()}, "certain", "as in the address")
    return keys


def post_draft(name: str, path: str, params: dict[str, str]) -> Draft:
    """What a collection that is asked by POST usually looks like, to be corrected."""
    why = "as APIs often have it; look into its documentation"
    keys = _asked_at(path, params)
    keys |= {
        "method": Guess("POST", "certain", "it refused a GET"),
        "body": Guess({}, "guess", "what is sent beside the token: filters, sorting, an empty table for nothing"),
        "records": Guess("results", "guess", why),
        "paging": Guess("cursor", "guess", why),
        "cursor": Guess("next_cursor", "guess", "where the answer has the next page's token"),
        "cursor_param": Guess("start_cursor", "guess", "where the body takes it"),
    }
    return Draft(name=name, keys=keys)


def key_draft(name: str, path: str, params: dict[str, str]) -> Draft:
    """As much as is known before the API has answered: where it was asked."""
    keys = _asked_at(path, params)
    keys["records"] = Guess("data", "guess", "not seen yet, since the API wants a key")
    return Draft(name=name, keys=keys)


def _words(heard: Heard) -> str:
    words = words_of(heard.document) if heard.document is not NO_JSON else ""
    if not words and heard.document is NO_JSON and not heard.is_html:
        start = heard.body[:120].decode("utf-8", "replace")
        words = " ".join("".join(sign if sign.isprintable() else " " for sign in start).split())
    return f": {words}" if words else ""
