"""The catalog as a Django app: takes nothing, gives its name."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Runs, snapshots, collection requests, schedules and webhooks."""

    name = "ladle_server.catalog"
    label = "catalog"
