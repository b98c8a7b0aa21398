"""The whole API against its OpenAPI document, in short: takes a few hundred seeded cases; `make contract` takes 20,000.

Every answer has a status, a media type, headers and a shape that the document names, and none is a 5xx.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.__main__ import tried
from tests.contract.ground import ground


@pytest.mark.own_worker
@pytest.mark.timeout(600)
def test_every_answer_is_one_that_the_description_names(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ground(tmp_path) as on:
        more = ("--phases", "fuzzing,stateful", "--no-shrink", "--request-timeout", "60")
        code = tried(on, tmp_path, cases=6, seed=1, more=more, headers={})
    told = capfd.readouterr().out
    assert code == 0, told
    assert "Tested: " in told
