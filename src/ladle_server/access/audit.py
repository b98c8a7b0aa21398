"""The audit log: takes who did what to what, keeps it for LADLE_AUDIT_DAYS days, gives it back newest first.

What goes into it is names and addresses of the site's own, never a body, a header or a password.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error
from django.db.models import QuerySet

from ladle_server.access.kinds import Who
from ladle_server.access.models import Deed
from ladle_server.access.routes import resolved
from ladle_server.catalog.models import Run
from ladle_server.catalog.reaching import storable

log = logging.getLogger(__name__)
LONGEST = 300
"""Characters of what a deed is about."""
CLEAR_EVERY = 100
"""Deeds after which old ones are looked for."""
COMMAND_LINE = "command line"


def tell(request: Any, deed: str, thing: str | Callable[[], str] = "", *, who: str = "") -> None:
    """Somebody on the site did it. Where the log can't be written, the site's own log has it: what is done is done.

    `who`: where the request itself does not say, as at a login.
    """
    by: Who = request.who
    told = {"address": request.META.get("REMOTE_ADDR", ""), "request": getattr(request, "request_id", "")}
    try:
        write(who or by.name, deed, thing if isinstance(thing, str) else thing(), token=by.token_name, **told)
    except Error as error:
        log.error("The audit log can't be written: %s: %s: %s", who or by.name, deed, error)


def write(who: str, deed: str, thing: str = "", *, token: str = "", address: str = "", request: str = "") -> Deed:
    """Keep it."""
    now = datetime.now(UTC)
    row = Deed.objects.create(
        at=now, who=who, token=token, deed=deed, thing=storable(thing)[:LONGEST], address=address, request=request
    )
    if row.pk % CLEAR_EVERY == 0:
        Deed.objects.filter(at__lt=now - timedelta(days=settings.LADLE_AUDIT_DAYS)).delete()
    return row


def by_command_line(deed: str, thing: str) -> None:
    """Somebody on the machine itself did it: the address is the name that the machine knows them by."""
    write(COMMAND_LINE, deed, thing, address=getpass.getuser())


def read(*, who: str = "") -> QuerySet[Deed]:
    """All deeds, or somebody's, newest first."""
    return Deed.objects.filter(who=storable(who.lower())) if who else Deed.objects.all()


def thing_of(place: Mapping[str, object], location: str) -> str:
    """What a request was about, by what its address names, or by the address of what it made."""
    if not place and (made := resolved(urlsplit(location).path)) is not None:
        place = made.kwargs
    run = place.get("run") or place.get("run_id")
    if run is None:
        return "/".join(str(each) for each in place.values())
    dataset = Run.objects.filter(pk=run).values_list("dataset", flat=True).first()
    return f"{run} of {dataset}" if dataset else str(run)
