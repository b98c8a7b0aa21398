"""Takes a page, gives hands that have a keyboard and no mouse: they tab to what they look for, and it must be seen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

_MOST = 150
"""Presses of Tab after which nobody goes on looking."""
_SEEN = """element => element === document.activeElement && (getComputedStyle(element).outlineStyle !== "none"
    || "the keyboard is here, and nothing shows it")"""


class Keyboard:
    """Presses keys on a page, and nothing else."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        """One key after another."""
        for key in keys:
            self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        """A text into what has the keyboard."""
        self._page.keyboard.type(text)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until the keyboard is there; that must be visible."""
        wanted.wait_for()
        for _ in range(_MOST):
            self.press("Tab")
            found = wanted.evaluate(_SEEN)
            if found:
                assert found is True, found
                return
        raise AssertionError(f"Tab does not lead to {wanted}.")

    def follow(self, wanted: Locator) -> None:
        """Tab to a link or a button and press it; what it leads to has come."""
        self.tab_to(wanted)
        with self._page.expect_navigation():
            self.press("Enter")
