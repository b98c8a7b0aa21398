"""What doesn't go together: takes the whole grammar's definition, a text in it and what stands there instead."""

from __future__ import annotations

from typing import NamedTuple


class Slip(NamedTuple):
    """One slip: `instead` in the place of `text`; the key, what is said of it, a part of the remedy."""

    text: str
    instead: str
    key: str
    what: str
    remedy: str = ""


NO_CREDENTIAL = "never write the key itself here."
WALKS = 'path = "walks"\npaging = "python"\npaginator = "own:following"'
COLOURS = 'each = { values = ["red", "{units}", 7], key = "name" }'
TOKENS = 'paging = "cursor"\ncursor = "meta.next"\ncursor_param = "after"'
AUTH = '{ oauth2 = "https://auth.example.org/token", id = "WHOLE_ID", env = "WHOLE_SECRET", scope = "read" }'
SQL = 'sql = "SELECT people.* FROM people JOIN films USING (id)"'
COLUMN = "datasets.people.columns"
ONE_WAY = "A column is read in one way"

SLIPS = [
    # The source
    Slip("{region}.ex", "{land}.ex", "base_url", 'has "{land}"', "Parameters: lang, region, towns, units."),
    Slip('"eu"', '"eu/"', "base_url", 'can\'t be used: The parameter "region" is "eu/"', "letters, digits"),
    Slip("https://{region}.example.org", "https://api.{region}", "base_url", "ends its site", "would go wherever"),
    Slip("https://{region}.ex", "{region}.ex", "base_url", 'begins with "{region}"', "would go wherever it says"),
    Slip("pace =", 'trusted = "yes"\npace =', "trusted", "is not a key here", "There are:"),
    Slip('oauth2 = "https', 'oauth2 = "', "auth.oauth2", 'is "://auth.example.org/token"', "gives tokens"),
    Slip('id = "WHOLE_ID", ', "", "auth.id", "is missing", "the client's id"),
    Slip('"WHOLE_ID"', '"0a1b2c"', "auth.id", "is no name of an environment variable", NO_CREDENTIAL),
    Slip(AUTH, '{ bearer = true, env = "A", scope = "x" }', "auth.scope", "goes with bearer", "belongs to oauth2"),
    Slip(AUTH, '{ bearer = "abc", env = "A" }', "auth.bearer", 'is "abc"', "true or false"),
    Slip(AUTH, '{ bearer = false, env = "A" }', "auth", "says no place for the key", "Say one of"),
    Slip(AUTH, '{ basic = 3, env = "A" }', "auth.basic", "is no name", "the user's name"),
    Slip(AUTH, '{ basic = "me:pw", env = "A" }', "auth.basic", "holds a colon or a control character", "the password"),
    Slip("Accept =", "Authorization =", "headers.Authorization", "would carry a credential", NO_CREDENTIAL),
    Slip("Accept =", "X-Api-Key =", "headers.X-Api-Key", "would carry a credential", NO_CREDENTIAL),
    Slip("Accept =", "cookie =", "headers.cookie", "would carry a credential", NO_CREDENTIAL),
    Slip("Accept =", "Host =", "headers.Host", "is not for a definition", "leave it out"),
    Slip("Accept =", '"A B" =', "headers.A B", "is no name of a header", "letters, digits"),
    Slip("Accept =", "accept-language =", "headers.Accept-Language", "stands there a second time", "Capital letters"),
    Slip('"application/json"', '"a\\r\\nb: c"', "headers.Accept", "breaks its line, or holds a sign", "one line"),
    Slip('"application/json"', '"a\\tb"', "headers.Accept", "breaks its line, or holds a sign", "Latin-1"),
    Slip('"application/json"', '"a\\u00a0b"', "headers.Accept", "breaks its line, or holds a sign", "Latin-1"),
    Slip('"application/json"', '"a\\u00adb"', "headers.Accept", "breaks its line, or holds a sign", "Latin-1"),
    Slip('"application/json"', '"한"', "headers.Accept", "breaks its line, or holds a sign", "Latin-1"),
    Slip('"{lang}" }', '"{tongue}" }', "headers.Accept-Language", 'has "{tongue}"', "Parameters: lang"),
    Slip("attempts = 5", "attempts = 0", "retry.attempts", "is 0", "1 or more"),
    Slip("409 =", "999 =", "retry.status.999", "is no status", "from 201 to 599"),
    Slip('"limit", 404', '"wait", 404', "retry.status.420", 'is "wait"', '"again", "limit", "refused" or "gone"'),
    # Parameters
    Slip('region = "eu"', 'region = "eu"\nidle = 1', "parameters.idle", "is used nowhere", 'Write "{idle}"'),
    Slip('units = "metric"', "units = [1]", "parameters.units", "is a list", "a text, a number, true or false"),
    Slip('region = "eu"', 'region = "eu"\nBig = "x"', "parameters.Big", "is no name", "small letters"),
    Slip('default = "en", ', "", "parameters.lang.default", "is missing", "where nobody sets it"),
    Slip('default = "en"', 'default = "fr"', "parameters.lang.default", 'is "fr"', 'one of its choices: "en" or "de"'),
    Slip('"de"]', '"en"]', "parameters.lang.choices.2", 'is "en" a second time', "Leave one out"),
    # Places
    Slip('"weather/{town}"', '"weather/{city}"', "resources.weather.path", 'has "{city}"', "are: land, town."),
    Slip('"weather/{town}"', '"weather/"', "resources.weather.each", "is used nowhere", '"{town}"'),
    Slip("deep = [{ n = 1", 'deep = [{ n = "{no}"', "resources.films.body.filter.deep.1.n", 'has "{no}"', "Parameters"),
    Slip("n = 1 }", "n = 1979-05-27 }", "resources.films.body.filter.deep.1.n", "is 1979-05-27", "as a text"),
    Slip("n = 1 }", "n = nan }", "resources.films.body.filter.deep.1.n", "is nan", "as a text"),
    Slip(COLOURS, COLOURS.replace('"name"', '"units"'), "resources.colours.path", 'has "{name}"', "are: units."),
    Slip(
        'colours/{name}"\n' + COLOURS, 'colours/{units}"\n' + COLOURS.replace('"name"', '"units"'),
        "resources.colours.path", 'has "{units}"', "give one of them another name",
    ),
    # Requests
    Slip('method = "POST"', 'method = "GET"', "resources.films.method", 'is "GET"', "sent by POST"),
    Slip('method = "POST"', 'method = "PUT"', "resources.films.method", 'is "PUT"', '"GET" or "POST"'),
    Slip('path = "walks"', 'path = "walks"\nbody = 3', "resources.walks.body", "is 3", "It must be a table"),
    Slip('query = "{ films', 'page = { skip = 1 }, query = "{ films', "resources.films.body", 'holds "page.skip"'),
    Slip("per = 3", "per = true", "resources.people.params.per", "is true", "a text or a number"),
    Slip("per = 3", "size = 3", "resources.people.params.size", 'is "3"', "the value goes there"),
    Slip('path = "walks"', 'path = "a\\\\b"', "resources.walks.path", "holds a control character or a backslash"),
    Slip('path = "walks"', 'path = "http://[::1"', "resources.walks.path", 'is "http://[::1"', "without a host"),
    Slip('"people/{key}/"', '"people/1/"', "resources.people.one", 'is "people/1/"', 'Write "{key}"'),
    Slip('"people/{key}/"', '"people/{key}/{id}"', "resources.people.one", 'has "{id}"', "are: key."),
    Slip('"own:tidy"', '"own:größe"', "resources.people.transform", 'is "own:größe"', "module:f"),
    Slip('transform = "own:tidy"', 'transform = "own.tidy"', "resources.people.transform", 'is "own.tidy"', "module:f"),
    Slip('records = "data', 'records = "header:data', "resources.people.records", 'is "header:data.*.items"', "body"),
    Slip('"header:X-Total"', '"header:"', "resources.people.count", 'is "header:"', "header:X-Total-Count"),
    # Pages
    Slip("page_size = 50\n", "", "resources.people.size_param", "goes without page_size", "how many it takes"),
    Slip("page_size = 50", "page_size = 10000000000000", "resources.people.page_size", "is 10000000000000", "or less"),
    Slip("first_page = 0", "first_offset = 0", "resources.people.first_offset", "goes with paging", '"offset"'),
    Slip("end = 400\n", "end = 200\n", "resources.films.end", "is 200", "from 400 to 499"),
    Slip("end = 400\n", "end = []\n", "resources.films.end", "is empty", "a status"),
    Slip("[404, 400]", '[404, "x"]', "resources.people.end", 'is "x"', "a status"),
    Slip(TOKENS, 'paging = "cursor"', "resources.tokens.cursor", "is missing", "holds the token"),
    Slip(TOKENS, TOKENS + '\nlast = "id"', "resources.tokens.last", 'goes with "cursor"', "leave one out"),
    Slip('more = "has_more"\n', "", "resources.lasts.more", "is missing", "whether there is more"),
    Slip('cursor_param = "starting_after"\n', "", "resources.lasts.cursor_param", "is missing", "starting_after"),
    Slip('last = "id"', 'last = "header:id"', "resources.lasts.last", 'is "header:id"', "body"),
    Slip(TOKENS, TOKENS.replace('"cursor"\n', '"none"\n', 1).replace('cursor_param = "after"', ""),
         "resources.tokens.cursor", 'goes with paging = "none"', 'paging = "cursor"'),
    Slip('paginator = "own:following"', "", "resources.walks.paginator", "is missing", "module:function"),
    Slip('"own:following"', '"following"', "resources.walks.paginator", 'is "following"', "module:function"),
    Slip('paging = "header"', 'paging = "header"\nnext = "n"', "resources.issues.next", "goes with paging"),
    Slip('paging = "jsonapi"', 'paging = "jsonapi"\nmore = "m"', "resources.jsonapi.more", 'goes with paging = "j'),
    # Records that count
    Slip('path = "kind", ', "", "resources.people.where.1.path", "is missing", "must be text"),
    Slip(', is = ["human", "droid"]', "", "resources.people.where.1.is", "is missing", "is, not, missing"),
    Slip(', not = "deleted"', ', is = 1, not = "deleted"', "resources.people.where.2.not", 'goes with "is"'),
    Slip("missing = false", 'missing = "no"', "resources.people.where.3.missing", 'is "no"', "true or false"),
    Slip("most = 300", "most = 0", "resources.people.where.4.most", "is 0", 'no less than "least", 1'),
    Slip("most = 300", 'most = "300"', "resources.people.where.4.most", 'is "300"', "both numbers or both texts"),
    Slip("most = 300", "most = true", "resources.people.where.4.most", "is true", "a number, or a text"),
    # Lists, values, parents, batches
    Slip("7], key", '7], resource = "walks", key', "resources.colours.each.resource", "goes with"),
    Slip("7], key", '7], setting = "A", key', "resources.colours.each.setting", "goes without csv"),
    Slip('["red", "{units}", 7]', "[]", "resources.colours.each.values", "is empty", "a list of texts or numbers"),
    Slip('["red", "{units}", 7]', "7", "resources.colours.each.values", "is 7", "a list of texts or numbers"),
    Slip('["red", "{units}", 7]', "[true]", "resources.colours.each.values.1", "is true", "a text or a number"),
    Slip('"{units}", 7]', '"metric", "{units}"]', "resources.colours.each.values.3", 'is "metric" a second time'),
    Slip('"{units}", 7]', '"{lands}"]', "resources.colours.each.values.2", 'has "{lands}"', "Parameters"),
    Slip('resource = "walks", key', 'resource = "wals", key', "resources.details.each.resource", 'is "wals"', "walks"),
    Slip('resource = "walks", key', 'resource = "details", key', "resources.details.each.resource", 'is "details"'),
    Slip(WALKS, 'path = "w/{x}"\neach = { resource = "lasts", key = "x" }',
         "resources.details.each.resource", 'is "walks"', 'by the records of "lasts" itself'),
    Slip('path = "{url}"', 'path = "{url}"\npaging = "header"', "resources.details.each", "goes with paging"),
    Slip('path = "{url}"', 'path = "{url}"\nkey = "id"\nbatch = { size = 5 }', "resources.details.batch",
         "goes with each.resource", "a request of its own"),
    Slip("columnar = true", 'key = "id"\nbatch = { param = "i", size = 5 }', "resources.films.batch", "goes with POST"),
    Slip('param = "ids"', 'param = "size"', "resources.people.batch.param", 'is "size"', "That parameter is taken"),
    # Datasets
    Slip('"SELECT people.*', '"DELETE people.*', "datasets.people.sql", "is no SELECT", "WITH"),
    Slip('["people", "films"]', '["people", "film"]', "datasets.people.tables.2", 'is "film"', "named as resources"),
    Slip('["people", "films"]', '["people", "issues"]', "datasets.people.tables.2", 'is "issues"', "does not read it"),
    Slip('["people", "films"]', '["films"]', "datasets.people.tables", 'lacks "people"', "own resource"),
    Slip(f"{SQL}\n", "", "datasets.people.tables", "goes without sql"),
    Slip(f'{SQL}\ntables = ["people", "films"]', 'sql = "FROM films"', "datasets.people.sql", "reads none", "name"),
    Slip('drop = ["films"]', "drop = [{ }]", "datasets.people.drop.1", "is a table", "a text or a number"),
    Slip('columns = ["name", {', 'drop = ["a"]\ncolumns = ["name", {', "datasets.details.drop", "goes with", '"*"'),
    Slip('columns = ["name", {', 'flatten = true\ncolumns = ["name", {', "datasets.details.flatten", "goes with"),
    Slip("{ name = \"unit\", value", "{ name = \"*\", value", f"{COLUMN}.8.name", 'is "*"', "alone"),
    Slip('value = "metric"', "value = []", f"{COLUMN}.8.value", "is a list", "a text, a number"),
    Slip('value = "metric"', "value = inf", f"{COLUMN}.8.value", "is inf", "64 bits"),
    Slip('value = "metric"', 'value = "m", path = "u"', f"{COLUMN}.8.path", 'goes with "value"', ONE_WAY),
    Slip('join = ", "', 'join = ", ", type = "text"', f"{COLUMN}.7.type", 'goes with "join"', ONE_WAY),
    Slip('join = ", "', "join = 3", f"{COLUMN}.7.join", "is 3", "must be text"),
    Slip('unix = "ms"', 'unix = "m"', f"{COLUMN}.5.unix", 'is "m"', '"s" or "ms"'),
    Slip('unix = "ms"', 'unix = "ms", written = "%Y"', f"{COLUMN}.5.written", 'goes with "unix"', ONE_WAY),
    Slip('written = "%d.%m.%Y"', 'written = "d.m.Y"', f"{COLUMN}.4.written", 'is "d.m.Y"', "a format"),
    Slip('type = "number"', 'type = "number", written = "%Y"', f"{COLUMN}.3.written", "goes with type"),
    Slip('"jsonapi.attributes.name"', '"tokens.name"', f"{COLUMN}.9.reference", 'is "tokens.name"', '"key"'),
    Slip('item = "town", path = "name"', 'item = "city"', "datasets.weather.columns.1.item", 'is "city"', "with a"),
]  # fmt: skip
