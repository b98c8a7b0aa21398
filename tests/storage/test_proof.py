"""What `ladle doctor` tries of an S3 server: on a real one, and on one that does not heed what a home needs."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ladle.errors import LadleError, SettingError
from ladle.storage.proof import prove
from ladle.storage.settings import read_bucket
from ladle.storage.store import Store
from tests.s3 import S3Server


def test_a_real_server_has_all_that_a_home_needs_and_nothing_is_left_there(s3: S3Server) -> None:
    store = s3.store(s3.home("proof"))
    assert prove(store) == "conditional puts and ranged reads"
    assert store.left("tried") == []


@contextmanager
def deaf(*headers: str) -> Iterator[Store]:
    """A store whose server does not heed some headers of a request."""
    kept: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def heard(self, name: str) -> str | None:
            return None if name in headers else self.headers.get(name)

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            there = kept.get(self.path)
            wrong = self.heard("If-Match") and (there is None or self.heard("If-Match") != tag(there))
            if wrong or (self.heard("If-None-Match") and there is not None):
                return self.say(412)
            kept[self.path] = data
            return self.say(200, tag_of=data)

        def do_GET(self) -> None:
            data, asked = kept.get(self.path), self.heard("Range")
            if data is None:
                return self.say(404)
            if asked is None:
                return self.say(200, data, tag_of=data)
            start, end = (int(number) for number in asked.removeprefix("bytes=").split("-"))
            return self.say(206, data[start : end + 1], tag_of=data, of=f"bytes {start}-{end}/{len(data)}")

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keys = re.findall(r"<Key>([^<]+)</Key>", asked)
            for key in keys:
                kept.pop(f"/ladle/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self.say(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

        def say(self, status: int, body: bytes = b"", *, tag_of: bytes | None = None, of: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT")
            for name, value in (("ETag", tag(tag_of) if tag_of is not None else ""), ("Content-Range", of)):
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        keys = {"AWS_ACCESS_KEY_ID": "k3y", "AWS_SECRET_ACCESS_KEY": "s3cret"}
        endpoint = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_address[1]}"}
        try:
            yield Store(read_bucket("s3://ladle/home", keys | endpoint))
        finally:
            server.shutdown()
            thread.join()
    assert kept == {}


def tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def test_a_server_that_heeds_all_of_it_is_good_enough() -> None:
    with deaf() as store:
        assert prove(store)


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_a_server_that_does_not_heed_a_condition_is_told_by_it(header: str) -> None:
    with deaf(header) as store, pytest.raises(SettingError, match=header) as told:
        prove(store)
    assert "conditional puts" in told.value.hint


def test_a_server_that_gives_no_part_of_an_object_is_told() -> None:
    with deaf("Range") as store, pytest.raises(LadleError):
        prove(store)
