"""Who may ask by a GET? Takes one that spends a quota, refuses it from another site's page.

What changes anything the door refuses (`ladle_server.door`); a GET it lets through, and an image on any page is one.
"""

from __future__ import annotations

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from ladle_server.access.origins import Sender, sender_of


def refuse_strangers(request: Request) -> None:
    """Raise PermissionDenied (403) for what a page of another site asks."""
    if sender_of(request) is Sender.STRANGE:
        raise PermissionDenied("A page of another site may not spend a quota here.")
