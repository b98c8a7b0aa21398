"""`python -m django worker`: takes an open standard input, drives the home's runs until it closes."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management import BaseCommand

from ladle_server.catalog.worker import main


class Command(BaseCommand):
    """Started by `ladle serve`, which holds the other end of its standard input."""

    help = "Drive the home's runs until standard input closes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run the worker."""
        asyncio.run(main())
