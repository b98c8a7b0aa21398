"""Scripts, styles and pictures: takes a name below /static/, gives the file as it lies in the packages.

Django's own static handler wants a second copy of all files; WhiteNoise's middleware cannot run on the event loop and
would hold a thread for each waiting client. There are some ten files here, so a view is enough. Pages name a file with
its version, so that a browser asks for it once and never again until it is another.
"""

from __future__ import annotations

import gzip
import mimetypes
import zlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition, require_safe

from ladle_server.packing import reads_gzip

_YEAR = 31_536_000
_TEXTS = frozenset({".css", ".js", ".svg", ".json", ".map"})
"""What becomes smaller by packing."""


class Versioned(StaticFilesStorage):
    """Addresses of static files that tell their version: `/static/pages/ladle.css?1f3a…`."""

    def url(self, name: str | None) -> str:
        """The address; of a file that no package has the bare one, which is a 404."""
        address = super().url(name)
        try:
            return f"{address}?{_version(_file(name or ''))}"
        except Http404:
            return address


def _file(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str) or not Path(found).is_file():
        raise Http404(f'There is no static file "{name}".')
    return Path(found)


def _stamp(file: Path) -> tuple[int, int]:
    about = file.stat()
    return about.st_mtime_ns, about.st_size


def _version(file: Path) -> str:
    return _checksum(file, _stamp(file))


@lru_cache(maxsize=256)
def _checksum(file: Path, _at: tuple[int, int]) -> str:
    """By what is in it, not by its time: every server of a cluster names the same file alike."""
    return f"{zlib.crc32(file.read_bytes()):08x}"


@lru_cache(maxsize=64)
def _body(file: Path, _at: tuple[int, int], packed: bool) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0) if packed else file.read_bytes()


def _is_packed(request: HttpRequest, file: Path) -> bool:
    return file.suffix in _TEXTS and reads_gzip(request)


def _etag(request: HttpRequest, name: str) -> str:
    file = _file(name)
    return f'"{_version(file)}{"-gzip" if _is_packed(request, file) else ""}"'


@require_safe
@condition(etag_func=_etag)
def serve(request: HttpRequest, name: str) -> HttpResponse:
    """The file: under the address with its version kept for good, else to be asked for again; 404 when no package
    has it."""
    file = _file(name)
    packed = _is_packed(request, file)
    kind, _encoding = mimetypes.guess_type(name)
    response = HttpResponse(_body(file, _stamp(file), packed), content_type=kind or "application/octet-stream")
    if packed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    if request.META.get("QUERY_STRING") == _version(file):
        patch_cache_control(response, public=True, max_age=_YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, no_cache=True)
    return response
