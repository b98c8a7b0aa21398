"""What the first visitor would wait for: takes the site as it starts, gives it with addresses and first pages compiled.

Django compiles a template when it is first rendered and an address when it is first looked for: of a snapshot's page
that is 40 of 80 ms of a processor. Other pages' own templates can wait, since what they share is here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from django.template import NodeList
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.urls import Resolver404, get_resolver, reverse

FIRST = ("pages/sources.html", "pages/rows.html", "pages/_now.html")
"""The front page, a snapshot's, and what each page's header tells of runs."""


def warm() -> None:
    """Have all views imported, all addresses compiled, and the first pages with all that they are made of."""
    resolver = get_resolver()
    resolver.check()
    reverse("pages:now")
    with suppress(Resolver404):
        resolver.resolve("/looked/for/by/nobody")  # which holds it against every address
    compile_templates(*FIRST)


def compile_templates(*names: str) -> set[str]:
    """Templates, those that they extend and include, and so on; the names of all of them."""
    known: set[str] = set()
    found = list(names)
    for name in found:  # which grows meanwhile
        if name not in known:
            known.add(name)
            found += _parts(cast(Any, get_template(name)).template.nodelist)
    return known


def _parts(nodes: NodeList) -> list[str]:
    """Those that they name; which one a variable names is seen when it is rendered."""
    named: list[Any] = [cast(Any, node).parent_name for node in nodes.get_nodes_by_type(ExtendsNode)]
    named += [cast(Any, node).template for node in nodes.get_nodes_by_type(IncludeNode)]
    return [each.var for each in named if isinstance(each.var, str)]
