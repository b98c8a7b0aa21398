"""Definitions that are wrong in one place each: takes a built-in one, a text in it and what stands there instead."""

from __future__ import annotations

from typing import NamedTuple

ADDRESS = 'Give an address like "https://api.example.org/v1/", without a query and without a password.'
NAMES = "Names are small letters, digits, - and _, and begin with a letter."
QUOTA = 'Write it like "60 per minute", "60 per 6 seconds, 10000 per day" or "5 per 100 ms".'
PLACES = "The list's columns are: city_id, country, lat, lon, name."
COLUMN = 'A column is a name or a table like { name = "a", path = "b.c" }.'
ONE_WAY = "A column is read in one way: leave one of them out."
FIELD = 'Write it as "resource.field"; resources: people, planets.'
TYPES = 'It can be "text", "integer", "number", "boolean", "date" or "timestamp".'
HOMEWORLD = '{ name = "homeworld", reference = "planets.name" }'
DATE = 'date = "%Y-%m-%d"'
KEYS_OF_A_PLACE = 'Did you mean "query"? There are: query, header, bearer, basic, oauth2, env, id, scope.'


class Broken(NamedTuple):
    """One wrong definition: `instead` in the place of `text`, and the whole message but for the file's name."""

    text: str
    instead: str
    message: str
    remedy: str
    more: int = 0
    """Other mistakes that follow from it."""


PLANETS = 'path = "planets/"'
MATCHED = 'Name the "key" of a record: the answer to a batch is matched by it.'
TAKEN = "That parameter is taken: name the one for the ids."

SWAPI = [
    Broken("ladle = 1\n", "", ': "ladle" is missing.', "This Ladle reads definitions of version 1: write ladle = 1."),
    Broken("ladle = 1", "ladle = 2", ', line 2: "ladle" is 2.', "write ladle = 1."),
    Broken("ladle = 1", "ladle = 0", ', line 2: "ladle" is 0.', "It must be 1 or more."),
    Broken("ladle = 1", 'ladle = "1"', ', line 2: "ladle" is "1".', "It must be a whole number."),
    Broken("ladle = 1", "ladle = true", ', line 2: "ladle" is true.', "It must be a whole number."),
    Broken(
        'count = "count"\nnext = "next"\nkey = "url"\npaging = "page"\npage_size = 10\nexpected = 82',
        'key = "url"\nverify = true',
        ', line 15: "resources.people.verify" is true.',
        "One answer is one moment; only pages can move between two.",
    ),
    Broken("ladle = 1", "ladle =", " is not valid TOML: Invalid value (at line 2, column 8).", ""),
    Broken(
        "ladle = 1", "ladle = 1\nladle = 1", " is not valid TOML: Cannot overwrite a value (at line 3, column 10).", ""
    ),
    Broken('name = "swapi"\n', "", ': "name" is missing.', "It must be text."),
    Broken('"swapi"', '"Swapi"', ', line 3: "name" is "Swapi".', NAMES),
    Broken('"swapi"', '" "', ', line 3: "name" is empty.', "Give it a text."),
    Broken('"Star Wars API"', '["a"]', ', line 4: "title" is a list.', "It must be text."),
    Broken("license =", "licence =", ', line 6: "licence" is not a key here.', 'Did you mean "license"?'),
    Broken("https://swapi.dev/api/", "swapi.dev/api/", ', line 7: "base_url" is "swapi.dev/api/".', ADDRESS),
    Broken("https://swapi.dev/api/", "ftp://swapi.dev/", ', line 7: "base_url" is "ftp://swapi.dev/".', ADDRESS),
    Broken("swapi.dev/api/", "me:pw@swapi.dev/", ', line 7: "base_url" is "https://…@swapi.dev/".', ADDRESS),
    Broken("swapi.dev/api/", "swapi.dev/?a=1", ', line 7: "base_url" is "https://swapi.dev/?a=1".', ADDRESS),
    Broken("swapi.dev/api/", "swapi.dev:port/", ', line 7: "base_url" is "https://swapi.dev:port/".', ADDRESS),
    Broken("swapi.dev/api/", "[::1/", ', line 7: "base_url" is "https://[::1/".', ADDRESS),
    Broken("swapi.dev/api/", "swapi .dev/", ', line 7: "base_url" is "https://swapi .dev/".', ADDRESS),
    Broken("10000 per day", "plenty", ', line 8: "quota" is "plenty".', QUOTA),
    Broken("10000 per day", "0 per day", ', line 8: "quota" is "0 per day".', QUOTA),
    Broken('"10000 per day"', "10000", ', line 8: "quota" is 10000.', "It must be text."),
    Broken("quota =", "qouta =", ', line 8: "qouta" is not a key here.', 'Did you mean "quota"?'),
    Broken("concurrency = 8", "concurrency = 0", ', line 9: "concurrency" is 0.', "It must be 1 or more."),
    Broken("concurrency = 8", "concurrency = 1000", ', line 9: "concurrency" is 1000.', "It must be 256 or less."),
    Broken("concurrency = 8", "workers = 0", ', line 9: "workers" is 0.', "It must be 1 or more."),
    Broken("concurrency = 8", "workers = 65", ', line 9: "workers" is 65.', "It must be 64 or less."),
    Broken("concurrency = 8", 'pace = "slow"', ', line 9: "pace" is "slow".', 'It can be "safe" or "fast".'),
    Broken("[resources.people]", "[resources.People]", ', line 11: "resources.People" is no name.', NAMES, 1),
    Broken("[resources.people]", "[resource.people]", ', line 11: "resource" is not a key here.', '"resources"?', 1),
    Broken('path = "people/"\n', "", ', line 11: "resources.people.path" is missing.', "It must be text."),
    Broken('"people/"', '"{id}/"', ', line 12: "resources.people.path" has "{id}".', 'none, since there is no "each".'),
    Broken('"people/"', '"{"', ', line 12: "resources.people.path" is "{".', "Write { and } in pairs"),
    Broken(
        '"people/"',
        '"https://example.org/"',
        ', line 12: "resources.people.path" is "https://example.org/".',
        "It is a path under the base URL, without a host.",
    ),
    Broken(
        '"people/"',
        '"people/?a=1"',
        ', line 12: "resources.people.path" is "people/?a=1".',
        'question mark as "params".',
    ),
    Broken("records =", "recrods =", ', line 13: "resources.people.recrods" is not a key here.', '"records"?'),
    Broken(
        'next = "next"\nkey = "url"\npaging = "page"',
        'paging = "link"',
        ', line 11: "resources.people.next" is missing.',
        "Paging by link needs the path of the next page's address.",
    ),
    Broken(
        'paging = "page"',
        'paging = "all"',
        ', line 17: "resources.people.paging" is "all".',
        '"page", "offset", "link", "header", "cursor", "python", "none", "odata" or "jsonapi".',
    ),
    Broken("page_size = 10", "page_size = 0", ', line 18: "resources.people.page_size" is 0.', "It must be 1 or more."),
    Broken(
        "page_size = 10", 'page_param = ""', ', line 18: "resources.people.page_param" is empty.', "Give it a text."
    ),
    Broken(
        "page_size = 10", "params = { a = [] }", ', line 18: "resources.people.params.a" is a list.', "text or a number"
    ),
    Broken(
        "page_size = 10", 'params = { page = "3" }', ', line 18: "resources.people.params.page" is "3".', "Leave it out"
    ),
    Broken("expected = 82", "expected = -1", ', line 19: "resources.people.expected" is -1.', "It must be 0 or more."),
    Broken("[datasets.people]", '[datasets."9"]', ', line 31: "datasets.9" is no name.', NAMES),
    Broken(
        '= "people"\n', '= "peple"\n', ', line 33: "datasets.people.resource" is "peple".', '"people" or "planets".'
    ),
    Broken("columns = [", "colums = [", ', line 34: "datasets.people.colums" is not a key here.', '"columns"?'),
    Broken('"mass"', '"name"', ', line 35: "datasets.people.columns.3" is "name" a second time.', "a name of its own."),
    Broken('"mass"', "3", ', line 35: "datasets.people.columns.3" is neither text nor a table.', COLUMN),
    Broken(HOMEWORLD, '""', ', line 36: "datasets.people.columns.9" is empty.', COLUMN),
    Broken(HOMEWORLD, '{ path = "x" }', ', line 36: "datasets.people.columns.9.name" is missing.', "It must be text."),
    Broken(
        '"planets.name"', '"planet.name"', ', line 36: "datasets.people.columns.9.reference" is "planet.name".', FIELD
    ),
    Broken('"planets.name"', '"planets"', ', line 36: "datasets.people.columns.9.reference" is "planets".', FIELD),
    Broken(
        'path = "edited"', 'paht = "x"', ', line 37: "datasets.people.columns.10.paht" is not a key here.', '"path"?'
    ),
    Broken(DATE, 'date = "%Q"', ', line 37: "datasets.people.columns.10.date" is "%Q".', 'a format like "%Y-%m-%d".'),
    Broken(DATE, f"{DATE}, unix = true", ', line 37: "datasets.people.columns.10.unix" goes with "date".', ONE_WAY),
    Broken(DATE, 'type = "day"', ', line 37: "datasets.people.columns.10.type" is "day".', TYPES),
    Broken(PLANETS, f"{PLANETS}\nbatch = 5", ', line 23: "resources.planets.batch" is 5.', "It must be a table."),
    Broken(PLANETS, PLANETS + "\nbatch = { }", ', line 23: "resources.planets.batch.size" is missing.', "how many ids"),
    Broken(PLANETS, PLANETS + "\nbatch = { size = 0 }", ', line 23: "resources.planets.batch.size" is 0.', "1 or more"),
    Broken(
        PLANETS,
        PLANETS + "\nbatch = { size = 5 }",
        ', line 23: "resources.planets.batch.param" is missing.',
        "the ids.",
    ),
    Broken(
        PLANETS,
        PLANETS + '\nbatch = { param = "page", size = 5 }',
        ', line 23: "resources.planets.batch.param" is "page".',
        TAKEN,
    ),
    Broken(
        PLANETS,
        PLANETS + '\nbatch = { param = "ids", size = 5, sise = 5 }',
        ', line 23: "resources.planets.batch.sise" is not a key here.',
        'Did you mean "size"?',
    ),
]

OPENWEATHER = [
    Broken(
        'query = "appid", ',
        "",
        ', line 10: "auth" says no place for the key.',
        "query, header, bearer, basic or oauth2.",
    ),
    Broken(
        'query = "appid"', 'query = "a", bearer = true', ', line 10: "auth" says several places for the key.', "Say one"
    ),
    Broken('query = "appid"', 'querry = "a"', ', line 10: "auth.querry" is not a key here.', KEYS_OF_A_PLACE),
    Broken('query = "appid"', 'header = "X Key"', ', line 10: "auth.header" is no name of a header.', "and -;"),
    Broken(
        "OPENWEATHER_API_KEY", "0a1b2c", ', line 10: "auth.env" is no name of an environment variable.', "never write"
    ),
    Broken(
        "params = {",
        'params = { appid = "0a1b2c",',
        ', line 14: "resources.weather.params.appid" is written down.',
        "from the environment variable OPENWEATHER_API_KEY.",
    ),
    Broken('"{city_id}"', '"{id}"', ', line 14: "resources.weather.params.id" has "{id}".', PLACES),
    Broken('"{city_id}"', '"{city_id!r}"', ', line 14: "resources.weather.params.id" has "{city_id!r}".', PLACES),
    Broken(
        '"{city_id}"', '"3439525"', ', line 16: "resources.weather.each" is used nowhere.', 'Write "{city_id}" into'
    ),
    Broken('csv = "{cities}", ', "", ', line 16: "resources.weather.each.csv" is missing.', "It must be text."),
    Broken("not = 200", "is = []", ', line 17: "resources.weather.error.is" is empty.', "a list of such."),
    Broken("not = 200", "is = { a = 1 }", ', line 17: "resources.weather.error.is" is a table.', "a list of such."),
    Broken(
        "not = 200", "is = 1, not = 2", ', line 17: "resources.weather.error.not" goes with "is".', "leave one out."
    ),
    Broken(
        "not = 200",
        'means = "stop"',
        ', line 17: "resources.weather.error.means" is "stop".',
        '"again", "limit", "refu',
    ),
    Broken(
        "not = 200",
        "si = 200",
        ', line 17: "resources.weather.error.si" is not a key here.',
        "There are: path, reason, is, not, means.",
    ),
    Broken('{ path = "cod", not', "{ not", ', line 17: "resources.weather.error.path" is missing.', "It must be text."),
    Broken(
        'error = { path = "cod", not = 200, reason = "message" }',
        "error = true",
        ', line 17: "resources.weather.error" is true.',
        "It must be a table, or a list of tables.",
    ),
    Broken(
        'error = { path = "cod", not = 200, reason = "message" }',
        'error = [{ path = "a" }, "b"]',
        ', line 17: "resources.weather.error" is a list.',
        "It must be a table, or a list of tables.",
    ),
    Broken(
        'error = { path = "cod", not = 200, reason = "message" }',
        'error = [\n  { path = "a" },\n  { path = "" },\n]',
        ', line 19: "resources.weather.error.2.path" is empty.',
        "Give it a text.",
    ),
    Broken(
        "each =", 'paging = "link"\nnext = "n"\neach =', ', line 18: "resources.weather.each" goes with paging.', ""
    ),
    Broken(
        'item = "city_id", path = "id"', 'item = "x"', ', line 23: "datasets.cities.columns.1.item" is "x".', "a path."
    ),
    Broken(
        "unix = true", "unix = 1", ', line 30: "datasets.cities.columns.8.unix" is 1.', 'true or false, "s" or "ms".'
    ),
    Broken(
        'key = "id"',
        'key = "id"\nbatch = { param = "ids", size = 20 }',
        ', line 16: "resources.weather.batch.param" is "ids".',
        'Leave it out: the ids go where "{city_id}" stands',
    ),
    Broken('key = "id"', "batch = { size = 20 }", ', line 15: "resources.weather.batch" needs a key.', MATCHED),
    Broken(
        'units = "{units}" }',
        'units = "{country}" }\nbatch = { size = 20 }',
        ', line 15: "resources.weather.batch" goes with "{country}".',
        'only "{city_id}" can be joined.',
    ),
]
