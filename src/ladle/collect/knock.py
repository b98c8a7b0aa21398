"""Is anybody there? Takes addresses of APIs, gives who takes no connection and why; no request is made.

A connection alone is in nobody's quota. Where requests go out by a proxy, it is the proxy that must be there.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from ladle.collect.reach import host_and_port

SECONDS = 3.0
OWN = ("localhost", "127.0.0.1", "::1")


def knock(urls: Iterable[str], *, seconds: float = SECONDS) -> Mapping[str, str]:
    """By its URL each that could not be reached within so many seconds, with the reason in words."""
    silent = dict.fromkeys(urls, f"no answer within {seconds:g} s")
    came: dict[str, str] = {}
    threads = [threading.Thread(target=_knock, args=(url, came, seconds), daemon=True) for url in silent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)  # looking up a name knows no end of its own
    return {url: why for url, why in (silent | dict(came)).items() if why}


def _knock(url: str, came: dict[str, str], seconds: float) -> None:
    first = _first(url)
    try:
        host, port = host_and_port(first)
    except ValueError:  # not shown: what stands in the place of a port may be a part of a password
        came[url] = "the address of the proxy that is set for it has no port that can be one"
        return
    try:
        socket.create_connection((host, port), timeout=seconds).close()
        came[url] = ""
    except UnicodeError:
        came[url] = f"{host} is no name of a host"
    except OSError as error:
        came[url] = f"{host}:{port}, {error.strerror or error}"


def _first(url: str) -> str:
    """Where a request to it goes out to: the proxy, where one is set for it."""
    proxies, parts = getproxies_environment(), urlsplit(url)
    host = parts.hostname or ""
    if host in OWN or proxy_bypass(host):
        return url
    proxy = proxies.get(parts.scheme) or proxies.get("all") or url
    return proxy if "://" in proxy else f"http://{proxy}"
