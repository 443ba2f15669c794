"""Theano's names of the protocol of ops, and of test values."""

from tensorsym.graph.op import Op
from tensorsym.language.testvalues import (
    debug_assert,
    debug_error_message,
    get_debug_values,
    get_test_value,
)

__all__ = ["Op", "debug_assert", "debug_error_message", "get_debug_values", "get_test_value"]
