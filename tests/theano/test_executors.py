"""The compiled function and the reference give the same answers to the recorded programs."""

from __future__ import annotations

import pytest
from tests.theano.test_recorded import NAMES, RECORDS, outcome

# Here the compiled graph is rewritten to one that keeps digits, by stabilising rules (N30, N33).
STABILISED = ("T.log(T.nnet.softmax(m))", "T.log(1 + T.exp(x))", "T.nnet.selu(x)")


@pytest.mark.parametrize("group", RECORDS["values"], ids=lambda name: name.replace(" ", "_"))
def test_reference_agrees_with_the_compiled_function(group):
    wrong = []
    for case in RECORDS["values"][group]:
        on_reference = {**case, "flags": {**case.get("flags", {}), "mode": "reference"}}
        compiled, stepped = (outcome.observe(asked, NAMES) for asked in (case, on_reference))
        text = outcome.difference(stepped, compiled)
        if text and not case["code"].startswith(STABILISED):
            wrong.append(f"{case.get('vars', '')} {case['code']}: {text}")
    assert not wrong, "\n".join(wrong)
