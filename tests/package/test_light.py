"""What `import ladle` costs: nothing but names, each of which is loaded with its room when it is asked for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import ladle
from ladle.names import ROOMS

LOADED = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules} - before)))"
FOREIGN = {
    "django",
    "rest_framework",
    "uvicorn",
    "celery",
    "redis",
    "aiohttp",
    "duckdb",
    "pandas",
    "polars",
    "petl",
    "rich",
}


def printed_by(code: str) -> str:
    """What a fresh Python prints."""
    return subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout


def loaded_by(code: str) -> set[str]:
    """The packages that a fresh Python loads for it, the standard library's apart."""
    whole = f"import json, sys; before = {{name.partition('.')[0] for name in sys.modules}}\n{code}\n{LOADED}"
    return set(json.loads(printed_by(whole))) - set(sys.stdlib_module_names)


def test_the_import_loads_nothing_else() -> None:
    assert loaded_by("import ladle; ladle.__version__, dir(ladle)") == {"ladle"}


def test_every_public_name_together_loads_no_server_and_no_engine() -> None:
    loaded = loaded_by("import ladle\nfor name in ladle.__all__: getattr(ladle, name)")
    assert {"ladle", "pyarrow", "pycurl"} <= loaded
    assert loaded & FOREIGN == set()


def test_what_collects_does_not_wait_for_what_looks_into_a_snapshot() -> None:
    code = "import sys, ladle; ladle.collect; print([name for name in sys.modules if name.startswith('ladle.explore')])"
    assert printed_by(code) == "[]\n"


def test_each_public_name_lies_where_the_type_checker_reads_it() -> None:
    tree = ast.parse(Path(ladle.__file__).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    read = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert read == ROOMS
    assert set(ladle.__all__) == {*ROOMS, "__version__"}
    assert [name for name in ladle.__all__ if getattr(ladle, name, None) is None] == []


def test_a_name_that_a_room_has_too_is_the_public_one_whatever_is_loaded_first() -> None:
    code = "import ladle.collect.plan, ladle.drive, ladle; assert callable(ladle.collect) and callable(ladle.drive)"
    assert "ladle" in loaded_by(code)


def test_a_name_that_there_is_not_is_an_error_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'ladle' has no attribute 'colect'"):
        ladle.colect  # noqa: B018 - what is asked for is the error
