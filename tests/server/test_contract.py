"""The whole API against its OpenAPI document, in short: takes seeded cases as two kinds of people.

Every answer has a status, a media type, headers and a shape that the document names, and none is a 5xx; what is not
theirs never succeeds. `make contract` takes 20,000 cases for each kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.__main__ import document, tried
from tests.contract.ground import Ground, ground
from tests.contract.kinds import ASKERS
from tests.contract.telling import Tally, actions

pytestmark = [pytest.mark.own_worker, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground"), asker=ASKERS["staff"], doomed=1, slow=False) as made:
        yield made


@pytest.mark.parametrize(("kind", "phases"), [("reader", ["fuzzing"]), ("staff", ["fuzzing", "stateful"])])
def test_every_answer_is_one_that_the_description_names(
    on: Ground, kind: str, phases: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    described = document(on, tmp_path)
    tally = Tally(ASKERS[kind], actions(json.loads(described.read_text())))
    tally.read(tried(on, described, asker=ASKERS[kind], seed=1, examples=2, phases=phases))
    assert list(tally.wrong(all_reached=False)) == []
    assert tally.cases > 100, capfd.readouterr().out
    assert tally.all_statuses()[200] > 10
    assert bool(tally.all_statuses()[403]) == (kind == "reader")
