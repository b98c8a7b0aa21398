"""A view in the address of a page that asks something else: takes a request, gives the view, and takes it along again.

SQL and a record's history are asked under keys of their own, where a column's name may mean something else. There the
view of the rows that one came from stands whole under one key: `_view=gender%3Dmale%26_sort%3D-mass`.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.utils.http import urlencode

import ladle
from ladle.errors import BadInput
from ladle_server.pages.viewing import short_query, tidy

KEY = "_view"


def carried_view(request: HttpRequest, snapshot: ladle.Snapshot) -> ladle.View:
    """The view that goes along; raises BadInput for one that can't be asked."""
    texts = request.GET.getlist(KEY)
    if len(texts) > 1:
        raise BadInput(f'The query key "{KEY}" is given {len(texts)} times.', hint="Give it once.")
    return snapshot.view(parse_qsl("".join(texts), keep_blank_values=True))


def pairs_of(snapshot: ladle.Snapshot, view: ladle.View) -> list[tuple[str, str]]:
    """What holds the view in an address or a form; nothing for the whole table, or for what an address can't hold."""
    query = short_query(snapshot, tidy(view))
    return [(KEY, query)] if query else []


def along(snapshot: ladle.Snapshot, view: ladle.View) -> str:
    """The same as a query."""
    return urlencode(pairs_of(snapshot, view))
