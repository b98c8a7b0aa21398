"""The page of all benches: takes the numbers of one run, gives docs/benchmarks.md and its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.explore.kept import Kept
from bench.published.collecting import collecting, many_rows
from bench.published.looking import looking
from bench.published.markdown import Section, table
from bench.published.quotas import quotas
from bench.published.serving import streams, under_load, workers

CLAIMS = ("", "measured", "asked", "met")


@dataclass(frozen=True, slots=True)
class Page:
    """Its Markdown, and its pictures by file name."""

    text: str
    pictures: dict[str, str]


def page(numbers: dict[str, Any]) -> Page:
    """The whole page of the numbers that there are: `about`, and one entry for each part that was measured."""
    sections = list(_sections(numbers))
    lines = [*_head(numbers["about"]), *_promises(sections), *_slower(sections)]
    for section in sections:
        lines += ["", f"## {section.title}", "", *section.lines]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    pictures = {name: drawing for section in sections for name, drawing in section.pictures.items()}
    return Page(text.strip() + "\n", pictures)


def _sections(numbers: dict[str, Any]) -> Iterator[Section]:
    if "collect" in numbers:
        yield collecting(numbers["collect"])
    if "scale" in numbers:
        yield many_rows(numbers["scale"])
    if "quota" in numbers:
        yield quotas(numbers["quota"])
    if records := [*numbers.get("explore", ()), *numbers.get("deep", ())]:
        kept = Kept(Path(), {record["key"]: record for record in records})
        yield looking(kept)
        if any(kept.of("load")):
            yield under_load(kept)
    if "streams" in numbers:
        yield streams(numbers["streams"])
    if "workers" in numbers:
        yield workers(numbers["workers"])


def _head(about: dict[str, Any]) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    yield "# Beside its peers, measured"
    yield ""
    yield (
        f"All of this was measured by `make bench` in one run of {about['minutes']} minutes on {about['date']}: "
        f"{about['processor']}, {about['cores']} cores, {about['memory']} GB of memory, {about['system']}, "
        f"Python {about['python']}, load {about['load']} at the start. It can be done again anywhere; "
        "ratios carry over to another machine, seconds do not. "
        "[Measure Ladle beside its peers](howto/measure.md) tells what each bench does, and what to keep in mind."
    )
    yield ""
    yield f"Versions: {versions}."


def _promises(sections: list[Section]) -> Iterator[str]:
    claims = [claim for section in sections for claim in section.claims]
    if not claims:
        return
    judged = [claim for claim in claims if claim.met is not None]
    yield ""
    yield "## What was asked, and what came of it"
    yield ""
    yield f"{sum(bool(claim.met) for claim in judged)} of {len(judged)} bounds are met in this run."
    yield from table(CLAIMS, [claim.cells for claim in claims])
    if reasons := [claim.why for claim in judged if claim.why and not claim.met]:
        yield "What is out of reach here, and why:"
        yield ""
        yield from (f"- {reason[0].upper()}{reason[1:]}" for reason in reasons)


def _slower(sections: list[Section]) -> Iterator[str]:
    yield ""
    yield "## Where others are better"
    yield ""
    found = [sentence for section in sections for sentence in section.slower]
    if not found:
        yield "Nowhere in this run."
    yield from (f"- {sentence[0].upper()}{sentence[1:]}" for sentence in found)
