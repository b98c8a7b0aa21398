"""Scripts, styles and pictures: takes a name below /static/, gives the file as it lies in the packages.

Django's own static handler wants a second copy of all files; WhiteNoise's middleware cannot run on the event loop and
would hold a thread for each waiting client. There are some ten files here, so a view is enough.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe


def _file(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str) or not Path(found).is_file():
        raise Http404(f'There is no static file "{name}".')
    return Path(found)


def _etag(_request: HttpRequest, name: str) -> str:
    about = _file(name).stat()
    return f'"{about.st_mtime_ns:x}-{about.st_size:x}"'


@require_safe
@condition(etag_func=_etag)
def serve(_request: HttpRequest, name: str) -> HttpResponse:
    """The file, to be asked for again only when it has changed; 404 when no package has it."""
    kind, _encoding = mimetypes.guess_type(name)
    response = HttpResponse(_file(name).read_bytes(), content_type=kind or "application/octet-stream")
    patch_cache_control(response, public=True, no_cache=True)
    return response
