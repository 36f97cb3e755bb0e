"""A few hundred mails through the scenes of ``run.py faults``, on every run of the tests."""

from __future__ import annotations

import pytest

from tests.faults import run
from tests.faults.scenes import SCENES

SHORT = [(name, vendor) for name in run.SHORT for vendor in SCENES[name].databases]


@pytest.fixture(scope="module")
def made():
    with run.databases(short=True) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize(("name", "vendor"), SHORT, ids=[f"{n} on {v}" for n, v in SHORT])
def test_nothing_is_lost_and_every_copy_was_foretold(made: run.Databases, name, vendor):
    urls = list(made.urls((vendor,)))
    if not urls:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    result = run.play(name, rows=run.SHORT[name], url=urls[0], made=made)
    assert (result.lost, result.unmarked, result.early) == (0, 0, 0)
    assert result.note == ""
    if name == "doubts":
        assert result.marked_unknown > 0
    else:
        assert (result.duplicates, result.marked_unknown) == (0, 0)
