"""Names in the OpenAPI description: takes a view, gives its operations names that a generated client can bear."""

from __future__ import annotations

import re

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Operations are named by method and view: `get_one_run`."""

    def get_operation_id(self) -> str:
        """`GET` and `OneRun` → `get_one_run`."""
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__)
        return f"{self.method}_{words}".lower()
