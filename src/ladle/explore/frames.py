"""To pandas: takes an Arrow table, gives a data frame; the one place that needs pandas, which may lack."""

from __future__ import annotations

import importlib
from typing import Any

import pyarrow as pa

from ladle.errors import SettingError


def to_pandas(table: pa.Table) -> Any:
    """A DataFrame that keeps whole numbers exact beside missing ones; raises SettingError without pandas."""
    try:
        # Half a second, and an extra that most do without: loaded when it is asked for.
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise SettingError("pandas is not installed.", hint="Install it: pip install 'ladle[pandas]'.") from error
    nullable = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
    return table.to_pandas(types_mapper=nullable.get)
