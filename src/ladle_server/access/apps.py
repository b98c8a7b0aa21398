"""Access as a Django app: takes nothing, gives its name."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Users, tokens, the throttle of logins and the audit log."""

    name = "ladle_server.access"
    label = "access"
