"""What goes with every request: takes a source and its credential, gives header lines, and addresses with the key."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit, urlunsplit

from ladle.collect.request import AS_IT_IS
from ladle.collect.unpack import ASKED_FOR
from ladle.errors import BadInput, SettingError
from ladle.sources.credentials import OURS, TEXT, TOKEN
from ladle.sources.source import Auth, Source

JSON = "application/json"


def headers_of(source: Source, secret: str | None, *, agent: str) -> dict[str, str]:
    """The headers of every request: ours, the definition's in their place, the credential's last.

    Raises BadInput for a header of the definition that can't be sent, SettingError for such a credential.
    """
    ours = {"User-Agent": agent, "Accept": "application/json, */*;q=0.5", "Accept-Encoding": ASKED_FOR}
    own = {name: _checked(source, name, value) for name, value in source.headers.items()}
    auth = source.auth if secret else None
    credential = credential_headers(auth, secret or "") if auth else {}
    return _in_the_place_of(_in_the_place_of(ours, own), credential)


def credential_headers(auth: Auth, secret: str) -> dict[str, str]:
    """The header that carries the credential; none where it goes into the query, or is exchanged for a token."""
    if auth.place in ("query", "oauth2"):
        return {}
    if not secret.isprintable():
        problem = f"The key in {auth.env} holds a line break or another sign that no header can carry."
        raise SettingError(problem, hint="Set it to the key alone.")
    return {auth.name: _written(auth, secret)}


def user_and_password(auth: Auth, secret: str) -> str:
    """What basic packs: `user:password`; of a key that stands for the user, the key with no password."""
    if auth.user:
        return f"{auth.user}:{secret}"
    return secret if ":" in secret else f"{secret}:"


def secrets_of(auth: Auth | None, secret: str | None) -> tuple[str, ...]:
    """Every text by which the credential could be told from what is kept."""
    if auth is None or not secret:
        return ()
    if auth.place != "basic":
        return (secret,)
    whole = user_and_password(auth, secret)
    password = whole.partition(":")[2]
    return tuple(dict.fromkeys(each for each in (secret, whole, password, _packed(whole)) if each))


def with_key(url: str, auth: Auth | None, secret: str | None) -> bytes:
    """The address as it goes over the wire, with the key in its query where that is its place."""
    if auth is not None and auth.place == "query" and secret is not None:
        url, key = url.partition("#")[0], urlencode({auth.name: secret})
        parts = urlsplit(url)
        if f"{auth.name}=" in unquote_plus(parts.query):
            named = parse_qsl(parts.query, keep_blank_values=True)
            query = urlencode([(name, value) for name, value in named if name != auth.name])
            url = urlunsplit(parts._replace(query=query))
        url += f"{'&' if urlsplit(url).query else '?'}{key}"
    return quote(url, safe=f"{AS_IT_IS}#[]").encode()


def lines(headers: Mapping[str, str]) -> list[bytes]:
    """As curl takes them; a header without a value needs a semicolon, since a colon alone would take it away."""
    return [(f"{name}: {value}" if value else f"{name};").encode() for name, value in headers.items()]


def kind_of_body(names: Iterable[str]) -> list[bytes]:
    """The line that says that a body is JSON, unless the definition's headers say what it is."""
    said = any(name.lower() == "content-type" for name in names)
    return [] if said else lines({"Content-Type": JSON})


def _written(auth: Auth, secret: str) -> str:
    if auth.place == "basic":
        return f"Basic {_packed(user_and_password(auth, secret))}"
    return f"Bearer {secret}" if auth.place == "bearer" else secret


def _packed(text: str) -> str:
    return b64encode(text.encode()).decode()


def _in_the_place_of(headers: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    taken = {name.lower() for name in others}
    return {**{name: value for name, value in headers.items() if name.lower() not in taken}, **others}


def _checked(source: Source, name: str, value: str) -> str:
    if name.lower() in OURS:
        hint = "Leave it out: it says how the request travels, and Ladle sets it."
        raise BadInput(f'The header "{name}" of {source.title} can\'t be set.', hint=hint)
    if not TOKEN.fullmatch(name):
        raise BadInput(f'"{name}" of {source.title} is no name of a header.', hint='It is a word like "X-Version".')
    if not TEXT.fullmatch(value):
        problem = f'The header "{name}" of {source.title} holds a line break or another sign that no header can carry.'
        raise BadInput(problem, hint="Write it as one line.")
    return value
