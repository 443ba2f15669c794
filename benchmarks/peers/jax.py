"""JAX, jitted, float64 enabled, on arrays of its own unless the case says NumPy in and out."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays
from benchmarks.steps import RATE, STEPS, step_of

jax.config.update("jax_enable_x64", True)


class Names:
    """The formulas' names."""

    exp, log, log1p, tanh, dot = jnp.exp, jnp.log, jnp.log1p, jnp.tanh, jnp.dot
    sum, max, mean = staticmethod(jnp.sum), staticmethod(jnp.max), staticmethod(jnp.mean)
    sigmoid, softmax = jax.nn.sigmoid, staticmethod(jax.nn.softmax)
    logsumexp = staticmethod(jax.nn.logsumexp)

    @staticmethod
    def correlate(a: Any, w: Any) -> Any:
        return jax.lax.conv(a, w, (1, 1), "VALID")

    @staticmethod
    def largest_of_four(a: Any) -> Any:
        window = (1, 1, 2, 2)
        return jax.lax.reduce_window(a, -jnp.inf, jax.lax.max, window, window, "VALID")

    @staticmethod
    def constant(value: float) -> float:
        return value

    @staticmethod
    def pick(p: Any, y: Any) -> Any:
        return p[jnp.arange(y.shape[0]), y]


def versions(setting: str) -> dict[str, str]:
    return {"jax": jax.__version__}


def build(case: dict[str, Any], setting: str) -> Call:
    if case["work"] in STEPS:
        return build_step(case)
    if case["work"] == "ten scalars":
        values: list[Any] = [np.asarray(float(i)) for i in range(10)]
        function = jax.jit(lambda *args: sum(args[1:], args[0]))
    elif case["work"] in EXPRESSIONS:
        expression = EXPRESSIONS[case["work"]]
        values = arrays(expression.names, case["shape"], case["dtype"])
        function = jax.jit(lambda *args: expression.formula(Names, *args))
    else:
        raise Absent("another peer's row")
    if case.get("variant"):
        raise Absent("has no such option")
    if case["group"] == "call":
        # NumPy in and out.
        names = {f"x{i}": value for i, value in enumerate(values)}
        text = f"asarray(f({', '.join(names)}))"
        return Call(
            text, {"f": function, "asarray": np.asarray, **names}, lambda: function(*values)
        )
    values = [jax.device_put(value) for value in values]
    names = {f"x{i}": value for i, value in enumerate(values)}
    return Call(
        f"f({', '.join(names)}).block_until_ready()",
        {"f": function, **names},
        lambda: function(*values),
    )


def build_step(case: dict[str, Any]) -> Call:
    """Return a jitted step from parameters to parameters."""
    step = step_of(case)

    def train(params: Any, x: Any, y: Any) -> Any:
        cost, grads = jax.value_and_grad(lambda p: step.cost(Names, x, y, p))(params)
        return cost, [p - RATE * g for p, g in zip(params, grads, strict=True)]

    function = jax.jit(train)
    x, y = jax.device_put(step.x), jax.device_put(step.y)
    state = [jax.device_put(value) for value in step.params]

    def run() -> Any:
        cost, state[:] = function(state, x, y)
        jax.block_until_ready(state)
        return cost

    return Call("run()", {"run": run}, run)
