"""PyTorch on tensors of its own, eager or compiled (setting "compile")."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays
from benchmarks.steps import RATE, STEPS, step_of

torch.set_num_threads(1)


class Names:
    """The formulas' names."""

    exp, log, log1p, tanh = torch.exp, torch.log, torch.log1p, torch.tanh
    mean, sigmoid, dot = torch.mean, torch.sigmoid, torch.matmul
    softmax, logsumexp = torch.softmax, torch.logsumexp
    correlate = torch.nn.functional.conv2d

    @staticmethod
    def largest_of_four(a: Any) -> Any:
        return torch.nn.functional.max_pool2d(a, 2)

    @staticmethod
    def sum(a: Any, axis: Any) -> Any:
        return torch.sum(a) if axis is None else torch.sum(a, dim=axis)

    @staticmethod
    def max(a: Any, axis: Any) -> Any:
        return torch.amax(a) if axis is None else torch.amax(a, dim=axis)

    @staticmethod
    def constant(value: float) -> float:
        return value

    @staticmethod
    def pick(p: Any, y: Any) -> Any:
        return p[torch.arange(y.shape[0]), y]


def versions(setting: str) -> dict[str, str]:
    return {"torch": torch.__version__}


def build(case: dict[str, Any], setting: str) -> Call:
    if case.get("variant"):
        raise Absent("has no such option")
    if case["work"] in STEPS:
        return build_step(case, setting)
    if case["work"] == "ten scalars":
        values = [np.asarray(float(i)) for i in range(10)]

        def function(*args: Any) -> Any:
            return sum(args[1:], args[0])

    elif case["work"] in EXPRESSIONS:
        expression = EXPRESSIONS[case["work"]]
        values = arrays(expression.names, case["shape"], case["dtype"])

        def function(*args: Any) -> Any:
            return expression.formula(Names, *args)

    else:
        raise Absent("another peer's row")
    made = torch.compile(function, dynamic=False) if setting == "compile" else function
    if case["group"] == "call":
        # NumPy in and out.
        names = {f"x{i}": value for i, value in enumerate(values)}
        names.update(f=made, tensor=torch.from_numpy)
        inside = ", ".join(f"tensor(x{i})" for i in range(len(values)))
        with torch.no_grad():
            return Call(
                f"f({inside}).numpy()", names, lambda: made(*map(torch.from_numpy, values)).numpy()
            )
    tensors = {f"x{i}": torch.from_numpy(value) for i, value in enumerate(values)}
    return Call(
        f"f({', '.join(tensors)})", {"f": made, **tensors}, lambda: made(*tensors.values()).numpy()
    )


def build_step(case: dict[str, Any], setting: str) -> Call:
    """Return a step by autograd, parameters changed in place."""
    step = step_of(case)
    x, y = torch.from_numpy(step.x), torch.from_numpy(step.y)
    params = [torch.from_numpy(value.copy()).requires_grad_() for value in step.params]

    def cost_of() -> Any:
        return step.cost(Names, x, y, params)

    made = torch.compile(cost_of, dynamic=False) if setting == "compile" else cost_of

    def run() -> Any:
        cost = made()
        grads = torch.autograd.grad(cost, params)
        with torch.no_grad():
            for value, grad in zip(params, grads, strict=True):
                value.sub_(grad, alpha=RATE)
        return cost

    return Call("run()", {"run": run}, lambda: run().detach().numpy())
