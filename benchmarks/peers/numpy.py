"""NumPy, expression by expression: what tensorsym is measured by first."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays
from benchmarks.steps import numpy_logistic, numpy_perceptron, step_of


def logsumexp(a: Any, axis: int) -> Any:
    top = a.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.exp(a - top).sum(axis=axis))


def softmax(a: Any, axis: int) -> Any:
    grown = np.exp(a - a.max(axis=axis, keepdims=True))
    grown /= grown.sum(axis=axis, keepdims=True)
    return grown


TEXTS = {
    "sqdiff": "np.mean((a - b) ** 2)",
    "logsumexp0": "logsumexp(a, 0)",
    "logsumexp1": "logsumexp(a, 1)",
    "softmax0": "softmax(a, 0)",
    "softmax1": "softmax(a, 1)",
    "sum": "a.sum()",
    "sum0": "a.sum(axis=0)",
    "sum1": "a.sum(axis=1)",
    "max": "a.max()",
    "max0": "a.max(axis=0)",
    "max1": "a.max(axis=1)",
}


def versions(setting: str) -> dict[str, str]:
    return {}


def build(case: dict[str, Any], setting: str) -> Call:
    work = case["work"]
    if work in ("logistic", "perceptron"):
        step = step_of(case)
        state = list(step.params)
        run = numpy_logistic if work == "logistic" else numpy_perceptron
        names = {"step": run, "x": step.x, "y": step.y, "state": state}
        return Call("step(x, y, state)", names, lambda: run(step.x, step.y, state))
    if work == "ten scalars":
        scalars = {f"x{i}": np.asarray(float(i)) for i in range(10)}
        return statement("+".join(scalars), scalars)
    if work not in EXPRESSIONS:
        raise Absent("another peer's row")
    expression = EXPRESSIONS[work]
    names = dict(zip(expression.names, arrays(expression.names, case["shape"], case["dtype"])))
    names.update(np=np, logsumexp=logsumexp, softmax=softmax)
    names.update(exp=np.exp, tanh=np.tanh, log1p=np.log1p)
    return statement(TEXTS.get(work) or expression.text or "", names)


def statement(text: str, names: dict[str, Any]) -> Call:
    """Return the call of a statement, which is its own value."""
    return Call(text, names, lambda: eval(text, dict(names)))
