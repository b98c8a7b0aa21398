"""Takes the query or body that a browser sent, gives checked values or the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Collection

from django import forms
from django.http import HttpRequest

from ladle.errors import BadInput, unknown
from ladle_server.pages.span import MOST, STEP, Span

SPAN_KEYS = frozenset({"_offset", "_limit", "_from"})


class SpanForm(forms.Form):
    """Which part of a list: `_offset` from 0, `_limit` from 1 to 1000, `_from` where the rows on the page begin."""

    _offset = forms.IntegerField(min_value=0, max_value=2**53, required=False)
    _limit = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    _from = forms.IntegerField(min_value=0, max_value=2**53, required=False)

    def span(self, *, total: int) -> Span:
        """The part that was asked for. Raises BadInput naming the value and its bounds."""
        if not self.is_valid():
            raise BadInput(self._sentence(), hint="Leave it out, or go back to the beginning.")
        offset = self.cleaned_data["_offset"] or 0
        first = self.cleaned_data["_from"]
        return Span(
            offset=offset,
            limit=self.cleaned_data["_limit"] or STEP,
            total=total,
            first=offset if first is None else min(first, offset),
        )

    def _sentence(self) -> str:
        name = next(iter(self.errors))
        bounds = f"from 1 to {MOST}" if name == "_limit" else "from 0 up"
        return f'{name} must be a whole number {bounds}, not "{self.data.get(name, "")}".'


class RowForm(forms.Form):
    """The number of a row to go to, counted from 1 as the page counts them."""

    _row = forms.IntegerField(min_value=1)

    def problem(self, *, total: int) -> str:
        """A sentence when there is no such row, else the empty string."""
        typed = self.data.get("_row", "")
        if not self.is_valid():
            return f'"{typed}" is no row. Rows are numbered from 1 to {total:,}.'
        if self.cleaned_data["_row"] > total:
            return f"There is no row {typed}. The last one is {total:,}."
        return ""


class CollectForm(forms.Form):
    """What to collect: `swapi/people`."""

    dataset = forms.CharField(max_length=200)


def check_keys(request: HttpRequest, *, known: Collection[str]) -> None:
    """Refuse query keys that mean nothing here: an ignored filter would show the wrong rows.

    Raises BadInput naming the key and what was probably meant.
    """
    for key in request.GET:
        if key not in known:
            raise BadInput(unknown("query key", key, sorted(known)))
