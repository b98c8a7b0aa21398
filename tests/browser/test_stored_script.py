"""What was taken from an API whose every word is a script, in a browser: none runs, and none is even tried."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import Open
from tests.browser.site import Site, serving
from tests.server.attacks.hostile import MARK, TEXTS, Hostile, hostile

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Hostile]]:
    allowed = {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(*allowed.popitem())
        with (
            hostile(tmp_path_factory.mktemp("evil")) as made,
            serving(made.home, LADLE_ALLOW_ADDRESSES="127.0.0.0/8") as site,
        ):
            yield site, made


def addresses(evil: Hostile) -> list[str]:
    """Of the pages that show most of it."""
    last, before = (f"/snapshots/{each}/" for each in evil.snapshots)
    by = urlencode({"by": TEXTS[0]})
    views = ("", "?_sort=-text", "columns/", f"counts/?{by}", "chart/?kind=bars&of=text", "map/", "rows/2/", "sql/")
    pages = [*(last + view for view in views), f"/diff/{evil.snapshots[1]}..{evil.snapshots[0]}/", before]
    pages += [f"/snapshots/{evil.imported}/", f"/snapshots/{evil.imported}/columns/", f"/runs/{evil.failed}/"]
    return [*pages, "/", "/sources/evil/", "/sources/evil/edit/", "/datasets/evil/things/", f"/{TEXTS[1]}"]


def test_no_script_runs_and_none_is_even_tried(open_page: Open, evil: tuple[Site, Hostile]) -> None:
    site, made = evil
    # `open_page` fails for what the browser complains of, a script that its policy has stopped above all.
    page = open_page("/", on=site.url)
    page.add_init_script(f"window.{MARK} = () => {{ document.documentElement.dataset.{MARK} = 'yes' }}")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    for address in addresses(made):
        page.goto(site.url + address)
        assert page.locator("h1").count() == 1, address
        for event in ("mouseover", "focus", "click"):  # on what bubbles, none of which is a link or a button
            page.locator("main").dispatch_event(event)
        assert page.evaluate(f"document.documentElement.dataset.{MARK} ?? 'no'") == "no", address
        assert page.locator("main script, main iframe, main [style], main img").count() == 0, address
    assert dialogs == []
    assert [url for url in asked if not url.startswith(f"{site.url}/")] == []
