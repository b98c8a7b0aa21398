"""What is to be inferred from: takes an address as somebody pasted it, gives it without key and page, and the key."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from ladle.errors import BadInput
from ladle.sources.infer.addresses import SECRETS, Address, apart
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.names import env_name, source_name
from ladle.sources.infer.params import is_cursor, is_offset, is_page
from ladle.sources.parameters import NAME, NAME_HINT
from ladle.sources.source import Auth


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is asked for, made ready: no credential stands in the address any more."""

    called: Guess
    """The source's name."""
    where: Address
    auth: Auth | None
    openapi: bool
    secret: str | None = field(repr=False)
    """A credential that stood in the address; it goes no further than this inference."""
    notes: tuple[str, ...] = ()
    """What was left out of the address."""
    lacking: tuple[str, ...] = ()
    """What somebody must do before the definition runs."""

    @property
    def url(self) -> str:
        """What is asked first."""
        return self.where.url

    @property
    def name(self) -> str:
        """The source's name."""
        return str(self.called.value)


def made_ready(
    url: str, *, auth: Auth | None = None, openapi: bool = False, name: str | None = None, taken: Container[str] = ()
) -> Settings:
    """From an address. Raises BadInput where it is none or holds a key too many, or for a name that can't be one."""
    where = apart(url)
    if name is not None and not NAME.fullmatch(name):
        raise BadInput(f'A source can\'t be called "{name}".', hint=NAME_HINT)
    called = Guess(name, "certain", "as you said") if name else _by_host(url, taken)
    where, auth, secret = _without_key(where, auth, str(called.value))
    where, notes = _from_the_start(where)
    told = f"The address holds a key ({auth.name}), which is not written down: set {auth.env} to it." if auth else ""
    lacking = ((told,) if secret is not None else ()) + tuple(_said_twice(url))
    return Settings(
        called=called, where=where, auth=auth, openapi=openapi, secret=secret, notes=tuple(notes), lacking=lacking
    )


def _said_twice(url: str) -> list[str]:
    """A definition has one value for each parameter, and the last one goes."""
    names = [name for name, _ in parse_qsl(urlsplit(url.strip()).query, keep_blank_values=True)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return [f'The address names "{name}" more than once: its last value alone is taken.' for name in twice]


def _by_host(url: str, taken: Container[str]) -> Guess:
    return Guess(source_name(url, taken), "likely", "after the host")


def _without_key(where: Address, auth: Auth | None, name: str) -> tuple[Address, Auth | None, str | None]:
    """The address without a key, where the key goes, and the key. Raises BadInput for one that would stay in it."""
    secret = None
    held = [param for param, value in where.params.items() if value and SECRETS.fullmatch(param)]
    if auth is None and held:
        auth, secret = Auth(place="query", name=held[0], env=env_name(name, "key")), where.params[held[0]]
    if auth is not None and auth.place == "query":
        where = where._replace(params={param: text for param, text in where.params.items() if param != auth.name})
    if left := [param for param in held if param in where.params]:
        what = f'The address holds a key ("{left[0]}") beside the one that is asked with.'
        raise BadInput(what, hint="Leave it out: a definition names one key, and what stays in an address is kept.")
    return where, auth, secret


def _from_the_start(where: Address) -> tuple[Address, list[str]]:
    """Without the number or token of a later page."""
    later = [name for name, value in where.params.items() if _is_later(name, value)]
    kept = {name: value for name, value in where.params.items() if name not in later}
    told = [f"The address names a later page ({name} = {where.params[name]}): all pages are taken." for name in later]
    return where._replace(params=kept), told


def _is_later(name: str, value: str) -> bool:
    numbered = value.isascii() and value.isdigit() and value not in ("0", "1")
    return (is_cursor(name) and bool(value)) or (numbered and (is_page(name) or is_offset(name)))
