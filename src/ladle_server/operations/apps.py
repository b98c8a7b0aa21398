"""Operations as a Django app: takes nothing, gives its name."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Health, metrics and what they remember."""

    name = "ladle_server.operations"
    label = "operations"
