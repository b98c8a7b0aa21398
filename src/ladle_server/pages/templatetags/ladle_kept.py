"""Takes a part of a page that says the same of a snapshot each time, gives it as it was; `{% load ladle_kept %}`.

    {% kept "heads" query %}…{% endkept %}
    {% hole "rows" %}…{% endhole %}

What stands between depends on the context's `snapshot`, the name and the values after it, and on nothing else. In a
page that is kept as a whole, a hole is what is not; no two of a page have the same name, and none stands in a part
that is kept by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from ladle_server.pages.frames import Hole
from ladle_server.pages.kept import kept

register = template.Library()


class KeptNode(template.Node):
    """A part of a page, made once for each of its values."""

    def __init__(self, nodelist: NodeList, values: Sequence[FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values

    def render(self, context: Context) -> SafeString:
        """The part."""
        name = ("part", *(str(value.resolve(context)) for value in self.values))
        return kept(context["snapshot"], name, lambda: self.nodelist.render(context))


@register.tag("kept")
def kept_tag(parser: Parser, token: Token) -> KeptNode:
    """The part of a page up to `endkept`."""
    _, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, [parser.compile_filter(value) for value in values])


@register.tag
def hole(parser: Parser, token: Token) -> Hole:
    """The part of a page up to `endhole`."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endhole",))
    parser.delete_first_token()
    return Hole(name.strip('"'), nodelist)
