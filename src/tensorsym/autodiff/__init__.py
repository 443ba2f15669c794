"""Derivatives of expressions, as expressions: reverse and forward mode, Jacobians, their tests.

In: variables of a graph. Out: variables of a larger graph of the same kind. What each op's
derivative is stands with the op; this room walks the graph, sums, and checks what ops return. It
rewrites nothing, and computes only to test.
"""
