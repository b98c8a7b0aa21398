"""Two keys of one API at once, as docs/howto/two-keys.md says: takes its commands, looks at what each key was sent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import ladle
from ladle.testing import fullest
from tests.apis import openweather
from tests.cli.command import environment

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "two-keys.md").read_text("utf-8")
KEYS = ("one", "two")
LIMIT, WINDOW = 6, 2.0
EACH = 8
"""Cities in each half: more than a window holds."""


def commands(language: str = "console") -> str:
    """What a reader of the first two blocks types, `ladle` being this one."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)[:2]
    typed = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return "\n".join(line for line in typed if not line.startswith("export "))


def test_two_sources_with_a_key_each_collect_at_once_and_each_keeps_its_own_quota(tmp_path: Path) -> None:
    for name, first in (("north", 1), ("south", 1 + EACH)):
        lines = "".join(f"{city},city {city}\n" for city in range(first, first + EACH))
        (tmp_path / f"{name}.csv").write_text(f"city_id,name\n{lines}", "utf-8")
    with openweather(KEYS) as api:
        settings = {"LADLE_HOME": str(tmp_path / "home")}
        for name, key in zip(("OPENWEATHER", "OPENWEATHER_TWO"), KEYS, strict=True):
            settings |= {f"{name}_API_KEY": key, f"LADLE_{name}_BASE_URL": f"{api.url}data/2.5/"}
            settings |= {f"LADLE_{name}_QUOTA": f"{LIMIT} per {WINDOW:.0f} seconds", f"LADLE_{name}_PACE": "fast"}
        script = f'set -e; ladle() {{ "{sys.executable}" -m ladle "$@"; }}\n{commands()}'
        env = {**environment(settings), "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for key, cities in zip(KEYS, (range(1, 1 + EACH), range(1 + EACH, 1 + 2 * EACH)), strict=True):
            asked = [int(each.query["id"]) for each in api.requests if each.query["appid"] == key]
            assert sorted(asked) == list(cities)
            at = [when for when, each in zip(api.arrivals, api.requests, strict=True) if each.query["appid"] == key]
            assert fullest(at, seconds=WINDOW) <= LIMIT
    assert ladle.snapshot("weather/cities", home=tmp_path / "home").manifest.rows == 2 * EACH
