"""Takes the query or body that a browser sent, gives checked values or the sentence that says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

import ladle
from ladle.errors import BadInput, unknown
from ladle_server.pages.span import MOST, STEP, Span

SPAN_KEYS = frozenset({"_offset", "_limit", "_from"})
_NUMBER = re.compile("[0-9]{1,15}")


class SpanForm(forms.Form):
    """Which part of a list: `_offset` from 0, `_limit` from 1 to 1000, `_from` where the rows on the page begin."""

    _offset = forms.IntegerField(min_value=0, max_value=2**53, required=False)
    _limit = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    _from = forms.IntegerField(min_value=0, max_value=2**53, required=False)

    def span(self, *, total: int, step: int = STEP) -> Span:
        """The part that was asked for, one step where no limit is said. Raises BadInput naming the value and bounds."""
        if not self.is_valid():
            raise BadInput(self._sentence(), hint="Leave it out, or go back to the beginning.")
        offset = self.cleaned_data["_offset"] or 0
        first = self.cleaned_data["_from"]
        return Span(
            offset=offset,
            limit=self.cleaned_data["_limit"] or step,
            total=total,
            first=offset if first is None else min(first, offset),
            step=step,
        )

    def _sentence(self) -> str:
        name = next(iter(self.errors))
        bounds = f"from 1 to {MOST}" if name == "_limit" else "from 0 up"
        return f'{name} must be a whole number {bounds}, not "{self.data.get(name, "")}".'


def span_of(query: QueryDict, *, total: int) -> Span:
    """The part that an address asks for, as `SpanForm` has it.

    Numbers as they are usually written need no form: to make one takes half as long as to read ten rows.
    """
    sent = {key: str(query[key]) for key in SPAN_KEYS if key in query}
    if all(_NUMBER.fullmatch(value) for value in sent.values()):
        offset, limit = int(sent.get("_offset", 0)), int(sent.get("_limit", STEP))
        if 1 <= limit <= MOST:
            first = min(int(sent.get("_from", offset)), offset)
            return Span(offset=offset, limit=limit, total=total, first=first, step=STEP)
    return SpanForm(query).span(total=total)


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


LARGEST_LIST = 8 << 20
"""Bytes of a list that is given with a form."""
SET = "set."
"""A parameter of a source is a field by this and its name."""


def parameters_of(request: HttpRequest) -> tuple[dict[str, str], dict[str, str]]:
    """The parameters that a form sets, and the texts of those that are lists; an empty field sets nothing."""
    values = {name.removeprefix(SET): value for name, value in request.POST.items() if name.startswith(SET)}
    files = {name.removeprefix(SET): text_of(file) for name, file in _files(request) if name.startswith(SET)}
    return {name: str(value) for name, value in values.items() if value and name not in files}, files


def lists_of(request: HttpRequest) -> dict[str, str]:
    """The lists that a page of a definition holds: those that came with it before, and those chosen now."""
    names, texts = request.POST.getlist("file-name"), request.POST.getlist("file-text")
    files = {name: text.replace("\r\n", "\n") for name, text in zip(names, texts, strict=False)}
    return files | {file.name or "": text_of(file) for file in request.FILES.getlist("lists")}


def _files(request: HttpRequest) -> Iterator[tuple[str, UploadedFile[Any]]]:
    return ((name, file) for name, files in request.FILES.lists() for file in files if file)


def text_of(file: UploadedFile[Any]) -> str:
    """An uploaded list. Raises BadInput where it is no text, or too large to be kept with a run."""
    if (file.size or 0) > LARGEST_LIST:
        raise BadInput(
            f'The list "{file.name}" is larger than {LARGEST_LIST:,} bytes.', hint="Start it from a terminal."
        )
    try:
        return bytes(file.read()).decode("utf-8")
    except UnicodeDecodeError as error:
        hint = "Save it as CSV in UTF-8."
        raise BadInput(f'The list "{file.name}" is not UTF-8.', hint=hint) from error


_PLACES = (
    ("", "nowhere: it wants none"),
    ("bearer", "as a bearer token"),
    ("header", "into a header"),
    ("query", "into the address"),
    ("basic", "as user and password"),
)

_SUCH_AS = "Paste the address of some data, such as https://api.example.org/v1/things."


class LookForm(forms.Form):
    """An address to look at, and where its key goes, if it wants one."""

    places = _PLACES
    url = forms.CharField(max_length=2000)
    place = forms.ChoiceField(choices=_PLACES, required=False)
    name = forms.RegexField(r"^[A-Za-z0-9_.-]+$", max_length=100, required=False)
    env = forms.RegexField(r"^[A-Z][A-Z0-9_]*$", max_length=100, required=False)
    openapi = forms.BooleanField(required=False)

    @property
    def wants_more(self) -> bool:
        """Whether more than the address was filled in."""
        return self.is_bound and any(self.data.get(name) for name in ("place", "name", "env", "openapi"))

    def address(self) -> str:
        """The address; raises BadInput that names the first field that is wrong."""
        if not self.is_valid():
            raise BadInput(*self._sentence())
        url = str(self.cleaned_data["url"]).strip()
        if any(each.isspace() for each in url):
            raise BadInput("That is no address: there is a space in it.", hint=_SUCH_AS)
        return url if "://" in url else f"https://{url}"

    def is_openapi(self) -> bool:
        """Whether the address is one of a description."""
        return bool(self.cleaned_data["openapi"])

    def auth(self) -> ladle.Auth | None:
        """Where the key goes; None where none is wanted."""
        place, name, env = (self.cleaned_data[each] for each in ("place", "name", "env"))
        if not place:
            return None
        if not env:
            raise BadInput(
                "No environment variable is named.", hint="Name the one that holds the key, such as API_KEY."
            )
        if place in ("header", "query") and not name:
            raise BadInput("The key has no name.", hint="Name the header or the parameter that it goes into.")
        return ladle.Auth(place=place, name=name if place in ("header", "query") else "Authorization", env=env)

    def _sentence(self) -> tuple[str]:
        name = next(iter(self.errors))
        if name == "url":
            return (_SUCH_AS,)
        if name == "env":
            # What is written may be the key itself: it is not shown.
            return ("That is no name of an environment variable. Name one, such as API_KEY; never write the key here.",)
        return (f'"{self.data.get(name, "")[:100]}" can\'t be used as {name}.',)


def check_keys(request: HttpRequest, *, known: Collection[str]) -> None:
    """Refuse query keys that mean nothing here: an ignored filter would show the wrong rows.

    Raises BadInput naming the key and what was probably meant.
    """
    for key in request.GET:
        if key not in known:
            raise BadInput(unknown("query key", key, sorted(known)))
