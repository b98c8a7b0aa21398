"""Takes a call's id, time and body, gives the headers of Standard Webhooks by which its receiver knows it; pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
from base64 import b64encode

from ladle_server.catalog.hooks.secret import key_of


def signed(key: str, body: bytes, *, secret: str, now: float) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` (whole seconds since 1970) and `webhook-signature`, with the body's type.

    >>> told = signed("msg_1", b"{}", secret="whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtMjQ=", now=1674087231.9)
    >>> told["webhook-timestamp"], told["webhook-signature"]
    ('1674087231', 'v1,mROhgXhro79xGElOktwnbK3EwXPBrK8xbxalPfOitu8=')
    """
    at = str(int(now))
    digest = hmac.digest(key_of(secret), f"{key}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
