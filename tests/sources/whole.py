"""One definition that says everything: takes nothing, gives a text with every key of the grammar, and its lists."""

from __future__ import annotations

WHOLE = r"""
ladle = 1
name = "whole"
title = "A whole grammar"
homepage = "https://example.org/docs"
license = "CC0-1.0"
base_url = "https://{region}.example.org/v1/"
quota = "60 per minute, 10000 per day"
pace = "fast"
concurrency = 4
workers = 3
auth = { oauth2 = "https://auth.example.org/token", id = "WHOLE_ID", env = "WHOLE_SECRET", scope = "read" }
headers = { Accept = "application/json", Accept-Language = "{lang}" }
error = { path = "ok", is = false, reason = "error.message" }
retry = { attempts = 5, status = { 420 = "limit", 404 = "again", 409 = "gone" } }

[parameters]
region = "eu"
units = "metric"
towns = "towns.csv"
lang = { default = "en", choices = ["en", "de"], title = "language" }

[resources.people]   # pages with numbers
path = "people/"
params = { units = "{units}", per = 3 }
records = "data.*.items"
record = "data"
key = "id"
count = "header:X-Total"
pages = "meta.pages"
next = "links.next"
paging = "page"
page_param = "p"
first_page = 0
page_size = 50
size_param = "size"
more = "meta.more"
end = [404, 400]
expected = 120
verify = true
where = [
  { path = "kind", is = ["human", "droid"] },
  { path = "state", not = "deleted" },
  { path = "born", missing = false },
  { path = "height", least = 1, most = 300 },
]
error = [{ path = "code", not = 0, means = "limit" }, { path = "error" }]
batch = { param = "ids", size = 50, join = "|" }
one = "people/{key}/"
transform = "own:tidy"

[resources.films]   # a POST with offsets
path = "films/search"
method = "POST"
body = { query = "{ films(lang: \"{lang}\") { title } }", filter = { kinds = ["a", "b"], deep = [{ n = 1 }] } }
paging = "offset"
offset_param = "page.skip"
first_offset = 0
page_size = 100
size_param = "page.take"
end = 400
columnar = true

[resources.tokens]
path = "tokens"
paging = "cursor"
cursor = "meta.next"
cursor_param = "after"

[resources.lasts]
path = "lasts"
paging = "cursor"
last = "id"
more = "has_more"
cursor_param = "starting_after"

[resources.walks]
path = "walks"
paging = "python"
paginator = "own:following"

[resources.odata]
path = "odata/Things"
paging = "odata"

[resources.jsonapi]
path = "json/things"
paging = "jsonapi"

[resources.issues]
path = "issues"
paging = "header"

[resources.weather]
path = "weather/{town}"
each = { csv = "{towns}", key = "town", setting = "WHOLE_TOWNS" }

[resources.colours]
path = "colours/{name}"
each = { values = ["red", "{units}", 7], key = "name" }

[resources.details]
path = "{url}"
each = { resource = "walks", key = "url" }

[datasets.people]
title = "everybody"
resource = "people"
drop = ["films"]
flatten = true
sql = "SELECT people.* FROM people JOIN films USING (id)"
tables = ["people", "films"]
columns = [
  "name", "*",
  { name = "size", path = "body.height", type = "number" },
  { name = "day", path = "edited", date = "%Y-%m-%d", written = "%d.%m.%Y" },
  { name = "seen", unix = "ms" },
  { name = "made", unix = true },
  { name = "tags", path = "tags.*.name", join = ", " },
  { name = "unit", value = "metric" },
  { name = "thing", reference = "jsonapi.attributes.name" },
]

[datasets.weather]
resource = "weather"
columns = [{ name = "town", item = "town", path = "name" }, { name = "temp", path = "main.temp" }]

[datasets.details]
resource = "details"
columns = ["name", { name = "walk", item = "title" }]
"""

LISTS = {"towns.csv": "town,land\nRivera,UY\nMelo,UY\n"}


def lists(_resource: str, file: str, _setting: str | None) -> tuple[str, str]:
    """The text of a list beside the definition; another file is as good as this one."""
    return file, LISTS.get(file, LISTS["towns.csv"])


def minimal(top: str = "", resource: str = 'path = "things"', rest: str = "") -> str:
    """The least that a definition says, and more."""
    start = f'ladle = 1\nname = "own"\nbase_url = "https://example.org/"\n{top}\n'
    return f"{start}[resources.things]\n{resource}\n{rest}"
