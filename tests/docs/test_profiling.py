"""The programs of docs/profiling.md run as they stand."""

import re
from pathlib import Path

from tensorsym.runtime import profile

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "profiling.md"


def test_the_examples_run_in_order():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    scope = {}
    try:
        for block in blocks:
            exec(block, scope)
    finally:
        profile.PROFILES.clear()
    assert len(blocks) > 1
