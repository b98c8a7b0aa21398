"""What was asked of Ladle before it was built, held against what was measured: takes numbers, gives met or not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One line of the table of promises; `met` is None for what is only told, and `asked` then says why."""

    what: str
    found: str
    asked: str
    met: bool | None
    why: str = ""
    """A sentence that says why it could not be met, where that is known."""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Of its row."""
        return (self.what, self.found, self.asked, "told" if self.met is None else "yes" if self.met else "**no**")


def at_most(what: str, times: float, most: float, *, unit: str = "times") -> Claim:
    """A number that may not be larger."""
    return Claim(what=what, found=f"{times:.2f} {unit}", asked=f"at most {most:g}", met=times <= most)


def at_least(what: str, number: float, least: float, *, unit: str = "times", why: str = "") -> Claim:
    """A number that may not be smaller; `why` is the claim's own."""
    shown = f"{number:.2f}" if number < 10 else f"{number:,.1f}"
    return Claim(what=what, found=f"{shown} {unit}", asked=f"at least {least:,g}", met=number >= least, why=why)
