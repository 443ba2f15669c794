"""Random graphs: plan and reference agree. TENSORSYM_DIFFER_EXAMPLES says on how many."""

import os

from hypothesis import HealthCheck, given, settings

from tests.differ import assert_agree, expressions

EXAMPLES = int(os.environ.get("TENSORSYM_DIFFER_EXAMPLES", "500"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_plan_and_reference_agree_on_random_graphs(expression):
    inputs, outputs, arrays = expression
    assert_agree(inputs, outputs, arrays)
