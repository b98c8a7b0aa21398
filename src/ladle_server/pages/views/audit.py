"""Takes the address of the audit log, gives its page: who did what, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ladle_server.access import audit
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer, without_blanks


@require_safe
@told
@without_blanks("who")
def page(request: HttpRequest) -> HttpResponse:
    """All deeds, or those of one."""
    check_keys(request, known={"who", *SPAN_KEYS})
    who = request.GET.get("who", "")
    found = audit.read(who=who)
    span = SpanForm(request.GET).span(total=found.count(), step=50)
    context = {
        "section": "people",
        "rows": found[span.offset : span.offset + span.limit],
        "span": span,
        "who": who,
        "kept_query": f"{urlencode({'who': who})}&" if who else "",
    }
    return answer(request, "pages/audit.html", "pages/_audit_more.html", context)
