"""Why a call failed, in words: takes what came of it, gives the kind of trouble and a sentence without any address.

curl's own words are read for what is wrong with a certificate, which has no number of its own, and never passed on.
"""

from __future__ import annotations

import os
import re

import pycurl

from ladle.collect.line import DAMAGED, LATE, NOT_ALLOWED, TOO_LARGE, Bounds, Came
from ladle.collect.retry import Trouble

TORN = "The connection broke before the whole answer had come."
SPOILT = "The answer's compression is damaged, or of a kind that was not asked for."
OTHER_NAME = "it is made out to another name"
_VERIFIED = re.compile(r"verify result: ([a-zA-Z ,'-]+?) \(\d+\)")
_HANDSHAKE_BROKE = re.compile(r"SSL_ERROR_SYSCALL|unexpected eof|Connection reset", re.IGNORECASE)
_TLS = {
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CERTPROBLEM,
    pycurl.E_SSL_CIPHER,
    pycurl.E_SSL_CRL_BADFILE,
    pycurl.E_SSL_ISSUER_ERROR,
    pycurl.E_SSL_INVALIDCERTSTATUS,
}
PROXY = 97
"""curl's number for what a SOCKS proxy refuses; pycurl has no name for it."""


def told(came: Came, *, host: str, bounds: Bounds) -> tuple[Trouble, str]:
    """The trouble, and a sentence that names the host as the definition does."""
    if came.code == NOT_ALLOWED:
        return "not allowed", f"{host} leads to an address that is not public."
    if came.code == LATE:
        return "timeout", f"{host} did not answer in time."
    if came.code == TOO_LARGE:
        return "too large", f"The answer is larger than {bounds.size:,} bytes."
    if came.code == DAMAGED:
        return "broken", SPOILT
    if came.code == pycurl.E_URL_MALFORMAT:
        return "elsewhere", "The API sends this call on to an address that can't be read."
    return _unconnected(came, host, bounds) or _insecure(came, host) or ("broken", TORN)


def _unconnected(came: Came, host: str, bounds: Bounds) -> tuple[Trouble, str] | None:
    """Why no connection was made, or no secure one."""
    code, whom = came.code, "The proxy" if came.proxy else host
    if code in (pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_RESOLVE_PROXY):
        proxy = code == pycurl.E_COULDNT_RESOLVE_PROXY
        return "unreachable", f"The name {'of the proxy' if proxy else host} can't be found."
    if came.proxy_status >= 300:
        return "unreachable", f"{host} can't be reached: the proxy answered {came.proxy_status}."
    if code == PROXY:
        return "unreachable", f"{host} can't be reached: the proxy refused the connection."
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return "unreachable", f"{whom} can't be reached: no connection in {bounds.connect:g} s."
    if code == pycurl.E_COULDNT_CONNECT:
        why = os.strerror(came.errno).lower() if came.errno else "no connection"
        return "unreachable", f"{whom} can't be reached: {why}."
    return None


def _insecure(came: Came, host: str) -> tuple[Trouble, str] | None:
    if came.code == pycurl.E_PEER_FAILED_VERIFICATION:
        return "certificate", f"The certificate of {host} is not valid: {_reason(came.told)}."
    if came.code == pycurl.E_SSL_CACERT_BADFILE:
        return "certificate", "The certificates that this machine trusts (SSL_CERT_FILE, SSL_CERT_DIR) can't be read."
    if came.code == pycurl.E_SSL_CONNECT_ERROR and _HANDSHAKE_BROKE.search(came.told):
        return "unreachable", f"{host} can't be reached: the connection broke before it was secure."
    return ("certificate", f"No secure connection to {host} could be made.") if came.code in _TLS else None


def _reason(words: str) -> str:
    """What is wrong with a certificate, as OpenSSL says it ("certificate has expired")."""
    found = _VERIFIED.search(words)
    if found:
        return found[1]
    return OTHER_NAME if "subject name" in words else "it can't be verified"
