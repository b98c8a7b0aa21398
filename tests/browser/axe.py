"""Takes an open page, gives what axe complains of in words: nothing where it is as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

LIGHT = {"rules": {"target-size": {"enabled": True}}}
"""Lighthouse looks at that too, which axe by itself does not."""
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""Nothing but colours is another."""
SCHEMES: Mapping[Literal["light", "dark"], Mapping[str, Any]] = {"light": LIGHT, "dark": DARK}
"""How a page is looked at, in this order."""
FOUND = "options => axe.run(document, options).then(({violations}) => ({violations}))"


def complaints(page: Page) -> dict[str, str]:
    """What there is in light and in dark; nothing where the page is as it should be."""
    told = {}
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        told[scheme] = findings(page, options)
    return {scheme: report for scheme, report in told.items() if report}


def findings(page: Page, options: Mapping[str, Any]) -> str:
    """The report; of all that is as it should be axe need not say where, which took half of the time."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(FOUND, {"resultTypes": ["violations"], **options}))
    return found.generate_report() if found.violations_count else ""
