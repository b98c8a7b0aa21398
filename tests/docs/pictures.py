"""Takes a folder, gives the tutorial's pictures in it, each where the tutorial stands then: `make docs-pictures`.

PYTHONPATH=src:. python -m tests.docs.pictures docs/images
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from tests.browser.flags import FLAGS
from tests.chromium import find
from tests.docs.shell import FOREIGN, Shell
from tests.docs.walk import in_the_browser, what_changed
from tests.processes import running

WIDE, HIGH = 1280, 760
MOST = 150_000
"""Bytes of a picture: whoever reads the page loads all of them."""
CHANGES = (
    """curl -s -X PATCH $API/_records/people/1 -d '{"mass": "80"}'""",
    "curl -s -X DELETE $API/_records/people/3",
    "ladle collect swapi/people",
)


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, str]]:
    """The tutorial's first terminal; gives where the API and the site are, as variables of the second."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    command = [sys.executable, "-m", "ladle", "demo", "--home", str(folder / "star-wars"), "--port", "0"]
    with running(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        told: dict[str, str] = {}
        for line in process.stdout:
            words, _, address = line.strip().rpartition(" ")
            told[words] = address
            if words == "Ladle is at":
                break
        api = told["The Star Wars API's replica is at"]
        yield {
            "SITE": told["Ladle is at"].rstrip("/"),
            "API": api.removesuffix("/api/"),
            "LADLE_SWAPI_BASE_URL": api,
            "LADLE_HOME": str(folder / "star-wars"),
        }
        process.terminate()
        process.wait(timeout=60)


def photograph(page: Page, name: str, folder: Path) -> None:
    """One picture of what a person sees of the page, in no more bytes than a page of text can bear."""
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
    bytes_ = page.screenshot(animations="disabled")
    assert len(bytes_) <= MOST, f"{name}: {len(bytes_):,} bytes"
    (folder / f"tutorial-{name}.png").write_bytes(bytes_)
    print(f"tutorial-{name}.png", f"{len(bytes_) / 1000:.0f} kB", file=sys.stderr)


def main(folder: Path) -> None:
    """All of them."""
    with TemporaryDirectory() as scratch, demo(Path(scratch)) as told, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, color_scheme="light")
        for name in in_the_browser(page, told["SITE"]):
            photograph(page, name, folder)
        second = Shell(Path(scratch), told)
        for command in CHANGES:
            subprocess.run(
                ["bash", "-c", command.replace("ladle", f"{sys.executable} -m ladle", 1)], env=second.env, check=True
            )
        for name in what_changed(page, told["SITE"]):
            photograph(page, name, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
