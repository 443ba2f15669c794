"""The programs of the pages on profiling and checking run as they stand."""

import re
from pathlib import Path

import pytest

from tensorsym.runtime import profile

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize("page", ["profiling.md", "checking.md"])
def test_the_examples_run_in_order(page):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    scope = {}
    try:
        for block in blocks:
            exec(block, scope)
    finally:
        profile.PROFILES.clear()
    assert len(blocks) > 1
