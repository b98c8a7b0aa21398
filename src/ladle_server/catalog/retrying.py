"""Runs that fill another's gaps: takes an incomplete run, gives the new one, queued for the worker."""

from __future__ import annotations

from django.db import transaction

import ladle
from ladle_server.catalog.models import Run
from ladle_server.catalog.runs import home, keep


def retry(run_id: str, *, requested_by: str) -> Run:
    """A new run for what the run of that id lacks. Raises NotFound, and Conflict where there is nothing to retry."""
    with transaction.atomic():
        run = ladle.retry(home(), run_id)
        return keep(run, requested_by=requested_by)
