"""APIs in every style of paging: takes a list of numbers, gives answers as they do, and their definitions."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ladle
from ladle.collect.journal import Entry, Journal, replay
from ladle.home import Home, new_id
from ladle.sources.definition import parse
from ladle.sources.source import Source
from ladle.testing import Request, ScriptedApi, answer
from tests.apis import drive

NOT_FOUND = answer({"detail": "Not found"}, status=404)
SIZE = 3
PAGINATOR = """
def by_url(answer, request):
    return {"url": answer["more"]} if answer["more"] else None

def by_params(answer, request):
    shown = int(request["params"].get("from", 0)) + len(answer["items"])
    return {"params": {"from": shown}} if shown < answer["all"] else None

def by_body(answer, request):
    after = request["body"]["page"] + 1
    return {"body": {**request["body"], "page": after}} if after * 3 < answer["all"] else None
"""


@dataclass
class Api:
    """A collection that may change while it is read; `answers` is the style."""

    answers: Callable[[Api, Request], object]
    ids: list[int]
    size: int = SIZE
    before: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What happens right before the n-th request, from 1, is answered."""
    asked: int = 0

    def __call__(self, request: Request) -> object:
        self.asked += 1
        self.before.get(self.asked, lambda: None)()
        return self.answers(self, request)

    def part(self, start: int) -> list[dict[str, int]]:
        return [{"id": each} for each in self.ids[start : start + self.size]]

    @property
    def pages(self) -> int:
        return -(-len(self.ids) // self.size)

    def has_more(self, start: int) -> bool:
        return start + self.size < len(self.ids)


def number(request: Request, name: str = "page", first: int = 1) -> int:
    return int(request.query.get(name, first))


def counted(api: Api, request: Request) -> object:
    start = (number(request) - 1) * api.size
    return {"count": len(api.ids), "items": api.part(start)} if start < max(len(api.ids), 1) else NOT_FOUND


def wordpress(api: Api, request: Request) -> object:
    if number(request) > max(api.pages, 1):
        return answer({"code": "rest_post_invalid_page_number", "message": "The page number is too large."}, status=400)
    told = {"X-WP-Total": f"{len(api.ids)}", "X-WP-TotalPages": f"{api.pages}"}
    return answer(api.part((number(request) - 1) * api.size), headers=told)


def numbered_pages(api: Api, request: Request) -> object:
    return {"info": {"pages": api.pages}, "items": api.part((number(request) - 1) * api.size)}


def until(past: Callable[[Api], object]) -> Callable[[Api, Request], object]:
    """Nothing tells how many pages there are; what is past the end is as given."""

    def answers(api: Api, request: Request) -> object:
        found = api.part((number(request) - 1) * api.size)
        return {"items": found} if found or number(request) == 1 else past(api)

    return answers


def more(api: Api, request: Request) -> object:
    start = number(request, first=0) * api.size
    return {"items": api.part(start), "more": api.has_more(start)}


def skip(api: Api, request: Request) -> object:
    start = number(request, "skip", 0)
    return {"total": len(api.ids), "items": api.part(start)}


def capped(api: Api, request: Request) -> object:
    """It was asked for a thousand at once, and gives less."""
    assert request.query["limit"] == "1000"
    return api.part(number(request, "offset", 1) - 1)


def linked(api: Api, request: Request) -> object:
    start = number(request, "after", 0)
    return {"items": api.part(start), "next": f"?after={start + api.size}" if api.has_more(start) else None}


def github(api: Api, request: Request) -> object:
    """As GitHub does: from the second page on another path, and more relations than one."""
    page = number(request)
    start, here = (page - 1) * api.size, f"http://{request.headers['Host']}/repositories/7/things"
    links = [f'<{here}?page={page + 1}>; rel="next"'] if api.has_more(start) else []
    links += [f'<{here}?page={api.pages}>; rel="last"', f'<{here}?page=1>; rel="first"']
    return answer(api.part(start), headers={"Link": ", ".join(links)})


def token_of(start: int) -> str:
    return b64encode(f"id:{start}".encode()).decode()


def slack(api: Api, request: Request) -> object:
    start = int(b64decode(request.query["cursor"]).decode()[3:]) if "cursor" in request.query else 0
    assert "cursor" not in request.query or request.query["cursor"].endswith("=")
    token = token_of(start + api.size) if api.has_more(start) else ""
    return {"ok": True, "items": api.part(start), "meta": {"next_cursor": token}}


def stripe(api: Api, request: Request) -> object:
    after = request.query.get("starting_after")
    if after is not None and int(after) not in api.ids:
        return answer({"error": {"message": "No such thing"}}, status=400)
    start = api.ids.index(int(after)) + 1 if after is not None else 0
    return {"object": "list", "data": api.part(start), "has_more": api.has_more(start)}


def notion(api: Api, request: Request) -> object:
    body = json.loads(request.body)
    assert (request.method, body["page_size"], body["filter"]) == ("POST", 3, {"object": "page"})
    start = int(body.get("start_cursor", "c0")[1:])
    following = f"c{start + api.size}" if api.has_more(start) else None
    return {"results": api.part(start), "has_more": following is not None, "next_cursor": following}


def posted_pages(api: Api, request: Request) -> object:
    body = json.loads(request.body)
    assert type(body["paging"]["number"]) is int
    return {"count": len(api.ids), "items": api.part((body["paging"]["number"] - 1) * api.size)}


def posted_offsets(api: Api, request: Request) -> object:
    return {"items": api.part(json.loads(request.body)["from"])}


def by_url(api: Api, request: Request) -> object:
    start = number(request, "after", 0)
    return {"items": api.part(start), "more": f"/things?after={start + api.size}" if api.has_more(start) else ""}


def by_params(api: Api, request: Request) -> object:
    assert request.query["sort"] == "id"
    return {"items": api.part(number(request, "from", 0)), "all": len(api.ids)}


def by_body(api: Api, request: Request) -> object:
    return {"items": api.part(json.loads(request.body)["page"] * api.size), "all": len(api.ids)}


def odata(api: Api, request: Request) -> object:
    start = number(request, "$skiptoken", 0)
    following = {"@odata.nextLink": f"things?$skiptoken={start + api.size}"} if api.has_more(start) else {}
    return {"@odata.context": "…", "value": api.part(start), **following}


def jsonapi(api: Api, request: Request) -> object:
    start = number(request, "page[after]", 0)
    href = {"href": f"/things?page[after]={start + api.size}", "meta": {}}
    return {"data": api.part(start), "links": {"next": href} if api.has_more(start) else {}}


@dataclass(frozen=True)
class Style:
    """`lines` of a definition; `extra` are the requests beyond one for each page, to learn where the end is."""

    answers: Callable[[Api, Request], object]
    lines: str
    extra: int = 0
    counts: bool = False
    """The API tells a count."""
    parallel: bool = False


ITEMS = 'records = "items"\n'
STYLES = {
    "page, counted": Style(counted, ITEMS + 'paging = "page"\ncount = "count"', counts=True, parallel=True),
    "page, counted by headers": Style(
        wordpress,
        'paging = "page"\ncount = "header:X-WP-Total"\npages = "header:X-WP-TotalPages"',
        counts=True,
        parallel=True,
    ),
    "page, number of pages": Style(numbered_pages, ITEMS + 'paging = "page"\npages = "info.pages"'),
    "page, until empty": Style(until(lambda api: {"items": []}), ITEMS + 'paging = "page"', extra=1),
    "page, until 404": Style(until(lambda api: NOT_FOUND), ITEMS + 'paging = "page"', extra=1),
    "page, until 400": Style(
        until(lambda api: answer({"message": "no such page"}, status=400)),
        ITEMS + 'paging = "page"\nend = 400',
        extra=1,
    ),
    "page, until a 200 says no": Style(until(lambda api: {"error": "not found"}), ITEMS + 'paging = "page"', extra=1),
    "page, until the last again": Style(
        until(lambda api: {"items": api.part((api.pages - 1) * api.size)}), ITEMS + 'paging = "page"', extra=3
    ),
    "page from 0, more": Style(more, ITEMS + 'paging = "page"\nfirst_page = 0\nmore = "more"'),
    "offset, counted": Style(
        skip, ITEMS + 'paging = "offset"\noffset_param = "skip"\ncount = "total"', counts=True, parallel=True
    ),
    "offset, capped": Style(
        capped, 'paging = "offset"\nfirst_offset = 1\npage_size = 1000\nsize_param = "limit"', extra=1
    ),
    "offset, by POST": Style(
        posted_offsets, ITEMS + 'paging = "offset"\noffset_param = "from"\nbody = { sort = "id" }', extra=1
    ),
    "page, by POST": Style(
        posted_pages,
        ITEMS + 'paging = "page"\npage_param = "paging.number"\ncount = "count"\nbody = { q = "x" }',
        counts=True,
        parallel=True,
    ),
    "link": Style(linked, ITEMS + 'paging = "link"\nnext = "next"'),
    "header": Style(github, 'paging = "header"'),
    "cursor": Style(slack, ITEMS + 'paging = "cursor"\ncursor = "meta.next_cursor"'),
    "cursor, last record": Style(
        stripe,
        'records = "data"\npaging = "cursor"\nlast = "id"\nmore = "has_more"\ncursor_param = "starting_after"',
    ),
    "cursor, by POST": Style(
        notion,
        'records = "results"\npaging = "cursor"\ncursor = "next_cursor"\nmore = "has_more"\n'
        'cursor_param = "start_cursor"\npage_size = 3\nsize_param = "page_size"\n'
        'body = { filter = { object = "page" } }',
    ),
    "python, address": Style(by_url, ITEMS + 'paging = "python"\npaginator = "own:by_url"'),
    "python, parameters": Style(
        by_params, ITEMS + 'paging = "python"\npaginator = "own:by_params"\nparams = { sort = "id" }'
    ),
    "python, body": Style(by_body, ITEMS + 'paging = "python"\npaginator = "own:by_body"\nbody = { page = 0 }'),
    "odata": Style(odata, 'paging = "odata"'),
    "jsonapi": Style(jsonapi, 'paging = "jsonapi"'),
}


def source_of(url: str, lines: str, folder: Path, *, key: str = "id", columns: str = '"id"', more: str = "") -> Source:
    """A source with the dataset `own/things`; `folder` holds its functions."""
    (folder / "own.py").write_text(PAGINATOR, "utf-8")
    named = f'key = "{key}"\n' if key and "jsonapi" not in lines else ""
    text = f'ladle = 1\nname = "own"\ntitle = "Own"\nbase_url = "{url}"\nconcurrency = 4\n{more}\n[resources.things]\n'
    text += f'path = "things"\n{named}{lines}\n[datasets.things]\nresource = "things"\ncolumns = [{columns}]\n'
    return replace(parse(text, where="own.toml", lists=lambda *_: ("", "")), folder=f"{folder}")


def run_of(source: Source, home: Path) -> ladle.Run:
    held, now = Home.open(home), datetime.now(UTC)
    run = ladle.Run(home=held, id=new_id(now), created=now, source=source, dataset_definition=source.datasets["things"])
    run.folder.mkdir(parents=True)
    return run


def collect(api: ScriptedApi, style: str | Style, home: Path, **more: Any) -> tuple[ladle.Run, ladle.Progress]:
    """A run of its own against the API, driven to its end."""
    lines = (STYLES[style] if isinstance(style, str) else style).lines
    home.mkdir(exist_ok=True)
    run = run_of(source_of(api.url, lines, home, **more), home)
    return run, drive(run)


def begun_with(entries: Iterable[Entry], source: Source, home: Path) -> ladle.Run:
    """A run whose process was killed when its journal held just these entries."""
    run = run_of(source, home)
    with Journal(run.folder, fence=0) as journal:
        for entry in entries:
            journal.append(entry)
    return run


def entries(run: ladle.Run) -> list[Entry]:
    return list(replay(run.folder))


def ids(progress: ladle.Progress, home: Path) -> list[int]:
    """The table's ids in its order."""
    assert progress.snapshot is not None, progress.reason
    table = ladle.snapshot(progress.snapshot, home=home)
    return [int(row["id"]) for row in table.rows(limit=1000)]
