"""The request for one record that is referred to: takes the reference as it is written, gives the Request."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urljoin, urlsplit

from ladle.collect.naming import Naming
from ladle.collect.request import AS_IT_IS, Request
from ladle.sources.paging import join
from ladle.sources.source import Resource, Source
from ladle.sources.spelling import without_dots


def lookup_request(source: Source, resource: Resource, naming: Naming, reference: str, number: int) -> Request:
    """Its path and query as written, at the base URL's site; of a key by `one`, with the resource's own parameters."""
    address = naming.address(reference.strip())
    absolute = join(source.base_url, address)
    parts = urlsplit(absolute if absolute is not None else urljoin(source.base_url, quote(address, safe="")))
    base = urlsplit(source.base_url).path
    path = without_dots(parts.path)
    path = path[len(base) :] if path.startswith(base) else path.lstrip("/")
    query = quote(parts.query, safe=AS_IT_IS)
    if naming.is_key(reference.strip()):
        fixed = {name: value for name, value in resource.params.items() if resource.each is None or "{" not in value}
        query = "&".join(part for part in (query, urlencode(fixed)) if part)
    url = source.base_url + quote(path, safe=AS_IT_IS)
    return Request(
        key=naming.name(reference.strip()),
        url=f"{url}?{query}" if query else url,
        resource=resource.name,
        role="lookup",
        position=number,
    )
