"""What was measured as people read it: takes the records, gives tables with ratios to Ladle's medians."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.explore.kept import Kept, Record, over
from bench.explore.questions import NAMES, question
from bench.explore.stations import size
from bench.explore.tools import LADLE, RIVALS, Rival


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A question's medians for a table, in seconds and MB; scaled up by `factor` from a smaller one."""

    cold: float
    """From the start of the process, opening or loading included, the files not in memory."""
    inside: float
    """The same from when the imports are done."""
    warm: float
    again: bool
    """Whether it was asked again; else `warm` is the first answer's time, without opening."""
    p95: float | None
    memory: float
    factor: int


def figures(kept: Kept, rival: Rival, name: str, *, rows: int) -> Figures | str | None:
    """What is known, the trouble in words, or None when the question was not asked."""
    given = min(rows, rival.most or rows)
    record = kept.asked(rows=given, tool=rival.name, question=name)
    if "trouble" in record:
        return str(record["trouble"])
    if not record["laps"]:
        return None
    if not agrees(kept, record):
        return "gives another answer than Ladle"
    times = {what: over(record, what) or 0.0 for what in ("cold", "before", "opening", "first", "memory")}
    factor = rows // given
    asked = question(name)
    grown = factor if asked.grows and not (rival.loads and asked.by_number) else 1
    opening, first = times["opening"] * (factor if rival.loads else 1), times["first"] * grown
    warm, p95 = over(record, "warm"), over(record, "p95")
    return Figures(
        cold=times["before"] + opening + first if factor > 1 else times["cold"],
        inside=opening + first,
        warm=first if warm is None else warm * grown,
        again=warm is not None,
        p95=None if p95 is None else p95 * grown,
        memory=times["memory"] * (factor if rival.loads else 1),
        factor=factor,
    )


def agrees(kept: Kept, record: Record) -> bool:
    """Whether an answer is Ladle's; true where it need not be or Ladle has not been asked."""
    mine = kept.asked(rows=record["rows"], tool=LADLE.name, question=record["question"]).get("answer")
    return mine is None or mine == record["answer"] or not question(record["question"]).agreed


def tables(kept: Kept) -> Iterator[str]:
    """A block of lines for each question and size."""
    asked = sorted({record["rows"] for record in kept.of("question") if record["tool"] == LADLE.name})
    for rows in asked:
        for name in NAMES:
            lines = list(_block(kept, name, rows=rows))
            if lines:
                head = f"{name}, {size(rows)} rows"
                yield f"\n{head:42}{'cold':>11}{'x':>9}{'warm':>13}{'x':>11}{'95 of 100':>12}{'memory':>10}"
                yield from lines
    yield "\n~ measured on fewer rows and scaled up   = the first answer: it took too long to be asked again"


def _block(kept: Kept, name: str, *, rows: int) -> Iterator[str]:
    mine = figures(kept, LADLE, name, rows=rows)
    for rival in RIVALS:
        found = figures(kept, rival, name, rows=rows)
        if isinstance(found, str):
            yield f"{rival.name:42}  {found}"
        elif found is not None:
            yield _line(rival.name, found, mine if isinstance(mine, Figures) else found)


def _line(name: str, found: Figures, mine: Figures) -> str:
    mark = ("~" if found.factor > 1 else " ") + (" " if found.again else "=")
    p95 = "" if found.p95 is None else duration(found.p95)
    return (
        f"{name:40}{mark}{duration(found.cold):>11}{ratio(found.cold / mine.cold):>9}"
        f"{duration(found.warm):>13}{ratio(found.warm / mine.warm):>11}{p95:>12}{found.memory:>7,.0f} MB"
    )


def loads(kept: Kept) -> Iterator[str]:
    """A line for each server, kind of click and number of connections."""
    found = sorted(kept.of("load"), key=lambda each: (each["rows"], each["kind"], each["at_once"], each["server"]))
    if not found:
        return
    heads = (
        "under load",
        "at once",
        "a second",
        "50 of 100",
        "95 of 100",
        "99 of 100",
        "CPU each",
        "errors",
        "memory",
        "peaks",
    )
    yield ""
    yield from columns([heads, *map(_load, found)])


def _load(record: Record) -> Sequence[str]:
    what = f"{record['kind']}, {size(record['rows'])} rows, {record['server']}"
    times = record["kinds"].get(record["kind"])
    within = [duration(times[name]) for name in ("p50", "p95", "p99")] if times else ["", "", ""]
    answers = sum(kind["number"] for kind in record["kinds"].values())
    cpu, errors = duration(record["cpu"] / (answers or 1)), f"{sum(record['errors'].values()):,}"
    memory = [f"{record[name]:,.0f} MB" for name in ("memory", "peaks")]
    return (what, str(record["at_once"]), f"{record['per_second']:,.0f}", *within, cpu, errors, *memory)


def crowds(kept: Kept) -> Iterator[str]:
    """A block for each crowd, a line for each kind of click."""
    for record in kept.of("crowd"):
        least, most = record["thinking"]
        yield (
            f"\n{record['people']} people for {record['seconds']:.0f} s on {size(record['rows'])} rows, "
            f"{least:g} to {most:g} s between clicks: {record['per_second']:.1f} clicks a second, "
            f"{record['memory']:,.0f} MB (PSS), peaks of all processes added {record['peaks']:,.0f} MB"
        )
        heads = ("", "clicks", "50 of 100", "95 of 100", "99 of 100", "longest")
        lines = [
            (f"  {kind}", f"{times['number']:,}", *(duration(times[name]) for name in ("p50", "p95", "p99", "most")))
            for kind, times in record["kinds"].items()
        ]
        yield from columns([heads, *lines])
        yield from (f"  ERROR {what}: {number:,} times" for what, number in record["errors"].items())


def lap_words(record: Record) -> str:
    """The last lap, as it is told when it is done."""
    if "trouble" in record:
        return str(record["trouble"])
    lap = record["laps"][-1]
    warm = f", then {duration(lap['warm'])}" if lap["warm"] is not None else ""
    return f"{duration(lap['cold'])} cold{warm}, {lap['memory']:,.0f} MB"


def duration(seconds: float) -> str:
    """In s, ms or µs, to three digits or so."""
    if seconds >= 1:
        return f"{seconds:,.1f} s" if seconds < 100 else f"{seconds:,.0f} s"
    if seconds < 0.0001:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1000:.2f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def ratio(number: float) -> str:
    """Times as long: 0.45, 12.3, 4,120."""
    return f"{number:.2f}" if number < 10 else f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def columns(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Cells below each other: the first of a line to the left, the others to the right."""
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    for first, *rest in lines:
        numbers = (cell.rjust(width + 3) for cell, width in zip(rest, widths[1:], strict=True))
        yield first.ljust(widths[0]) + "".join(numbers)
