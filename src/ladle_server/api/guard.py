"""Who may ask? Takes a request that does something without a JSON body, refuses it from another site's page.

A POST or DELETE without a body, and any GET, is what any page on the web may send here; its browser says whose it is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


def refuse_other_sites(request: Request) -> None:
    """A POST without a body is what any page on the web may send here; its browser says whose it is."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise PermissionDenied(f'A page of "{origin[:100]}" may not control runs here.')


def refuse_strangers(request: Request) -> None:
    """The same for a GET that spends a quota: an image on any page would do, and no `Origin` tells of it."""
    refuse_other_sites(request)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise PermissionDenied("A page of another site may not spend a quota here.")
