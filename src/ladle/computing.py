"""Arrow's functions over whole arrays, loaded when the first is called: takes their names, gives `pyarrow.compute`'s.

It takes 9 MB, and imports pandas where that is installed; whoever only collects or lists needs none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    found = globals()[name] = getattr(import_module("pyarrow.compute"), name)  # the next time it is simply there
    return found
