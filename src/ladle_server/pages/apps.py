"""Takes nothing, gives Django the name under which the pages' templates, files and tags are found."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The pages have no tables of their own."""

    name = "ladle_server.pages"
    label = "pages"
    verbose_name = "Pages"
