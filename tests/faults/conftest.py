"""What every test of faults shares."""

from __future__ import annotations

import os

import pytest

from tests.faults import run


@pytest.fixture(autouse=True, scope="session")
def one_template_a_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    run.TEMPLATE = shared / "migrated.sqlite3"
