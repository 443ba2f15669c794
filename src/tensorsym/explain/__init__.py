"""What becomes of an expression: graph, rewrites with reasons, plan, programs, what is not fused.

`python -m tensorsym.explain "log(1 + exp(x))"`. In: text, variables or a compiled function.
Out: an `Explanation`.
"""

from tensorsym.errors import ExpressionError
from tensorsym.explain.explanation import Explanation, explain
from tensorsym.explain.expression import read_expression
from tensorsym.explain.tables import record_text, rules_text
from tensorsym.explain.unfused import Unfused

__all__ = [
    "Explanation",
    "ExpressionError",
    "Unfused",
    "explain",
    "read_expression",
    "record_text",
    "rules_text",
]
