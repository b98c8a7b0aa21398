"""What others install: wheel and sdist hold what they should, and the wheel alone collects, counts and serves."""

from __future__ import annotations

import http.client
import json
import re
import tarfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from subprocess import DEVNULL, PIPE
from zipfile import ZipFile

import pytest

import ladle
from ladle.demo import start_replicas
from tests.package.building import HERE, MEGABYTE, PYTHONS, ROOT, Built, Installed, build, install, size_of
from tests.processes import running

pytestmark = pytest.mark.timeout(600)  # the first time, what Ladle runs on is downloaded for each Python
NOTES = f"ladle-{ladle.__version__}.dist-info"
PLAIN = {"aiohttp", "click", "duckdb", "orjson", "pyarrow", "pycurl", "rich", "tzdata"}
COUNT = """
import json, sys, ladle
snapshot = ladle.collect("swapi/people")
counts = snapshot.count("homeworld", limit=2)
print(json.dumps({
    "rows": len(snapshot), "counts": [[*row.values, row.count] for row in counts.rows], "file": ladle.__file__,
    "path": sys.path,
}))
"""
OF_THE_SITE = (
    ("serve",),
    ("worker",),
    ("doctor",),
    ("demo",),
    ("users", "list"),
    ("tokens", "list"),
    ("audit",),
    ("schedule", "list"),
    ("webhooks", "list"),
)
ASK_FOR_THE_SITE = f"""
import json
from click.testing import CliRunner
from ladle.cli import main
asked = [CliRunner().invoke(main, words) for words in {OF_THE_SITE}]
print(json.dumps([[done.exit_code, done.output] for done in asked]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both, from this tree."""
    wheel, sdist = build(ROOT, tmp_path_factory.mktemp("dist"), "sdist", "wheel")
    return Built(sdist, wheel)


@pytest.fixture(scope="module")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that the sdist holds."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built.sdist) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


@pytest.fixture(scope="module", params=PYTHONS)
def installed(built: Built, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel without extras, on each Python that this machine has."""
    return install(built.wheel, tmp_path_factory.mktemp("plain") / "venv", version=request.param)


def contents(wheel: Path) -> dict[str, int]:
    """The names of its files, with their checksums."""
    with ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"{NOTES}/METADATA").decode())


def test_the_wheel_holds_every_file_of_both_packages_and_no_other(built: Built) -> None:
    there = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*") if path.is_file()}
    held = {name for name in contents(built.wheel) if not name.startswith(NOTES)}
    assert held == {name for name in there if "__pycache__" not in name}
    for name in (
        "ladle/py.typed",
        "ladle_server/py.typed",
        "ladle_server/catalog/migrations/0001_initial.py",
        "ladle_server/pages/templates/pages/rows.html",
        "ladle/sources/definition.schema.json",
    ):
        assert name in held
    assert any(name.startswith("ladle_server/pages/static/") for name in held)


def test_the_wheel_brings_the_licences_of_all_that_it_holds(built: Built) -> None:
    licences = {name for name in contents(built.wheel) if name.startswith(f"{NOTES}/licenses/")}
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("LICENSE.txt")}
    assert ours
    assert licences == {f"{NOTES}/licenses/{name}" for name in {"LICENSE", "NOTICE", *ours}}


def test_the_wheel_asks_for_what_the_library_needs_and_for_the_site_only_as_an_extra(built: Built) -> None:
    told = metadata(built.wheel)
    assert (told["Version"], told["Requires-Python"]) == (ladle.__version__, ">=3.11")
    assert set(told.get_all("Provides-Extra", [])) >= {"server", "scale", "s3", "pandas", "petl", "polars", "all"}
    wanted = [str(line) for line in told.get_all("Requires-Dist", [])]
    assert {re.split(r"[^\w-]", line)[0] for line in wanted if "extra ==" not in line} == PLAIN
    assert any(line.startswith("django<5.3,>=5.2") and "extra == 'server'" in line for line in wanted)


def test_the_sdist_builds_the_same_wheel_and_holds_what_tries_it(built: Built, unpacked: Path, tmp_path: Path) -> None:
    (again,) = build(unpacked, tmp_path, "wheel")
    assert contents(again) == contents(built.wheel)
    for name in (
        "tests/test_whole_way.py",
        "docs/conf.py",
        "requirements/dev.txt",
        "Makefile",
        "CHANGELOG.md",
        "check",
    ):
        assert (unpacked / name).is_file(), name


def test_the_wheel_alone_runs_the_demo(installed: Installed) -> None:
    done = installed.run(installed.ladle, "demo", "--once")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "swapi/people: 82 characters in 15 requests, complete." in done.stdout
    assert re.search(r"2014-12-20 +Naboo +11 +13\.4%", done.stdout)


def test_the_wheel_alone_collects_and_counts(installed: Installed) -> None:
    with start_replicas() as replicas:
        done = installed.run(installed.python, "-c", COUNT, LADLE_SWAPI_BASE_URL=replicas.swapi_url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["rows"], found["counts"]) == (82, [["Naboo", 11], ["Tatooine", 10]])
    assert Path(found["file"]).is_relative_to(installed.packages)
    assert [place for place in found["path"] if Path(place).is_relative_to(ROOT) and place] == []


def test_the_wheel_alone_takes_less_than_350_megabytes_and_brings_no_django(installed: Installed) -> None:
    assert size_of(installed.folder) < 350 * MEGABYTE
    names = {path.name for path in installed.packages.iterdir()}
    assert {"ladle", "ladle_server", "pyarrow"} <= names
    assert {"django", "uvicorn", "rest_framework", "redis", "pandas", "numpy"} & names == set()


def test_what_belongs_to_the_site_says_what_to_install(installed: Installed) -> None:
    done = installed.run(installed.python, "-c", ASK_FOR_THE_SITE)
    assert done.returncode == 0, done.stderr
    for words, (code, said) in zip(OF_THE_SITE, json.loads(done.stdout), strict=True):
        assert code == 2, words
        assert said.startswith("ladle: The site is not installed. Install it with: pip install 'ladle[server]'"), words
        assert "Traceback" not in said


@pytest.fixture(scope="module")
def address(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a site serves that was installed from the wheel, with the extra that it needs."""
    there = install(built.wheel, tmp_path_factory.mktemp("server") / "venv", version=HERE, extra="server")
    with running((there.ladle, "serve", "--port", "0", "--json"), env=there.env(), stdout=PIPE, stderr=DEVNULL) as site:
        assert site.stdout is not None
        yield json.loads(site.stdout.readline())["url"]
        site.terminate()
        assert site.wait() == 0


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/sources", "/api/docs/"])
def test_the_site_serves_from_the_wheel(address: str, path: str) -> None:
    status, _ = get(address, path)
    assert status == 200


def test_the_site_serves_its_own_files_from_the_wheel(address: str) -> None:
    _, page = get(address, "/")
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert names
    assert {name: get(address, name)[0] for name in names} == dict.fromkeys(names, 200)


def get(address: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"))
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", errors="replace")
