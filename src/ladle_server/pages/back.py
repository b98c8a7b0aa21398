"""The way back: takes an address that came with a request, gives it where it lies on this site; pure."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme


def own_address(address: str) -> str:
    """An address of this site alone, without its host; empty for any other.

    >>> own_address("/runs/?_offset=10"), own_address("//evil.example/"), own_address("https://evil.example/")
    ('/runs/?_offset=10', '', '')
    """
    return address if address.startswith("/") and url_has_allowed_host_and_scheme(address, None) else ""
