"""The veil: takes bodies with a key in every spelling that an API may echo, gives whether any of it is left."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladle.collect.veil import LONG, veiled

ECHOES: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "in a query": lambda key: f"/people?page=2&token={quote_plus(key)}&x=1",
    "in a path": lambda key: f"/{quote(key)}/people",
    "in small letters": lambda key: re.sub("%..", lambda sign: sign[0].lower(), quote(key, safe="")),
    "in an address in a query": lambda key: "/login?next=" + quote(f"/people?token={quote(key, safe='')}", safe=""),
    "in JSON": lambda key: json.dumps({"key": key}),
    "in JSON with signs as they are": lambda key: json.dumps({"key": key}, ensure_ascii=False),
    "in JSON from PHP": lambda key: json.dumps({"key": key}).replace("/", "\\/"),
    "in HTML": lambda key: f"<p title='{escape(key)}'>",
    "in base64": lambda key: b64encode(key.encode()).decode(),
    "as a user": lambda key: "Basic " + b64encode(f"{key}:".encode()).decode(),
    "as a password": lambda key: "Basic " + b64encode(f"me:{key}".encode()).decode(),
    "in a cursor": lambda key: urlsafe_b64encode(
        json.dumps({"a": 10, "key": key}, ensure_ascii=False).encode()
    ).decode(),
}
KEYS = ("0123456789abcdef0123456789abcdef", "a/b+c d=e&f<g>", "schlüssel-ß-lang", "dGhpcyBpcyBhIGtleQ==")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("echo", ECHOES)
def test_no_echo_of_a_key_is_kept(echo: str, key: str) -> None:
    body = f"before {ECHOES[echo](key)} after {ECHOES[echo](key)}".encode()
    kept = veiled(body, secrets=(key,), good=True)
    assert kept.startswith(b"before ")
    assert b"***" in kept
    # What is left of an echo without the key is the same for every key.
    assert len(kept) < len(body)
    assert all(spelled(key).encode() not in kept for spelled in (str, quote, quote_plus, escape))


@given(st.binary(max_size=8), st.text(min_size=LONG, max_size=40), st.binary(max_size=8))
def test_base64_hides_a_key_wherever_it_begins(before: bytes, key: str, after: bytes) -> None:
    for pack in (b64encode, urlsafe_b64encode):
        packed = pack(before + key.encode() + after)
        assert b"***" in veiled(packed, secrets=(key,), good=True)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer", "Token"])
def test_what_is_secret_in_a_whole_header_is_hidden_without_its_scheme(scheme: str) -> None:
    packed = b64encode(b"me:correct horse").decode()
    body = f'{{"auth": "{packed}", "header": "{scheme} {packed}", "password": "correct horse"}}'.encode()
    kept = veiled(body, secrets=(f"{scheme} {packed}",), good=True)
    assert packed.encode() not in kept
    if scheme.lower() == "basic":
        assert b"correct horse" not in kept


def test_a_short_key_stays_in_data_and_is_hidden_in_errors() -> None:
    assert veiled(b"Luke", secrets=("Luk",), good=True) == b"Luke"
    assert veiled(b"No key Luk", secrets=("Luk",), good=False) == b"No key ***"


def test_data_without_the_key_is_left_as_it_is() -> None:
    body = b'{"name": "0123456789abcdef"}'
    assert veiled(body, secrets=(KEYS[0],), good=True) is body
    assert veiled(body, secrets=(), good=True) is body
