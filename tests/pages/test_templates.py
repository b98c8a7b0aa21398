"""The last resort: the page of an error that nobody foresaw needs neither request nor database."""

from __future__ import annotations

from django.template.loader import render_to_string


def test_the_page_of_an_unforeseen_error_renders_from_nothing() -> None:
    page = render_to_string("500.html")
    assert "This is a fault of Ladle, not of yours." in page
    assert 'href="/static/pages/ladle.css?' in page
