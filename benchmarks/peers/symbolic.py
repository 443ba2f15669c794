"""tensorsym, PyTensor and Theano: one text for the three, since they share a language.

The setting names the library, and after a colon how it compiles: "pytensor:cvm", "tensorsym:tile".
"""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays
from benchmarks.steps import RATE, STEPS, step_of


class Library:
    """A library under the names that formulas use.

    Parameters
    ----------
    setting : str
        Name of the package, and how it compiles.
    """

    def __init__(self, setting: str) -> None:
        self.name, _, self.how = setting.partition(":")
        self.top = importlib.import_module(self.name)
        self.T = importlib.import_module(f"{self.name}.tensor")
        self.dtype = "float64"
        self.compile_s = 0.0
        self.exp, self.log, self.log1p, self.tanh = (
            getattr(self.T, name) for name in ("exp", "log", "log1p", "tanh")
        )
        self.dot = self.T.dot
        self.sigmoid = self.T.sigmoid if hasattr(self.T, "sigmoid") else self.T.nnet.sigmoid

    def constant(self, value: float) -> Any:
        """Return a number in the dtype of the case: a bare 0.01 would make float64 of float32."""
        return np.asarray(value, self.dtype)

    def sum(self, a: Any, axis: Any) -> Any:
        return self.T.sum(a, axis=axis)

    def max(self, a: Any, axis: Any) -> Any:
        return self.T.max(a, axis=axis)

    def mean(self, a: Any) -> Any:
        return self.T.mean(a)

    def pick(self, p: Any, y: Any) -> Any:
        return p[self.T.arange(y.shape[0]), y]

    def softmax(self, a: Any, axis: int) -> Any:
        if self.name == "theano":
            softmax = self.T.nnet.softmax
            return softmax(a) if axis == 1 else softmax(a.T).T
        if self.name == "pytensor":
            return importlib.import_module("pytensor.tensor.special").softmax(a, axis=axis)
        return self.T.softmax(a, axis=axis)

    def logsumexp(self, a: Any, axis: int) -> Any:
        if hasattr(self.T, "logsumexp"):
            return self.T.logsumexp(a, axis=axis)
        top = self.T.max(a, axis=axis, keepdims=True)
        grown = self.T.sum(self.T.exp(a - top), axis=axis, keepdims=True)
        return self.T.sum(top + self.T.log(grown), axis=axis)

    def correlate(self, a: Any, w: Any) -> Any:
        return self.T.nnet.conv2d(a, w, filter_flip=False)

    def largest_of_four(self, a: Any) -> Any:
        pool = importlib.import_module(f"{self.name}.tensor.signal.pool")
        return pool.pool_2d(a, (2, 2), ignore_border=True)

    def symbol(self, name: str, array: np.ndarray) -> Any:
        """Return a variable for arrays like this one."""
        kind = (False,) * array.ndim
        if self.name == "pytensor":
            return self.T.tensor(name, dtype=str(array.dtype), shape=(None,) * array.ndim)
        return self.T.TensorType(str(array.dtype), kind)(name)

    def function(self, *args: Any, **options: Any) -> Any:
        """Compile, and count the CPU time of it."""
        if self.how == "cvm":
            mode = importlib.import_module("pytensor.compile.mode")
            options["mode"] = mode.Mode(linker="cvm", optimizer="fast_run")
        elif self.how:
            options["mode"] = self.how
        started = time.process_time()
        made = self.top.function(*args, **options)
        self.compile_s += time.process_time() - started
        return made

    def grad(self, cost: Any, wrt: Any) -> Any:
        return self.top.grad(cost, wrt)


def require(setting: str) -> None:
    """Raise ImportError if the library is missing."""
    importlib.import_module(setting.partition(":")[0])


def versions(setting: str) -> dict[str, str]:
    name = setting.partition(":")[0]
    return {name: importlib.import_module(name).__version__}


def build(case: dict[str, Any], setting: str) -> Call:
    lib = Library(setting)
    if case["work"] == "lenet" and lib.name == "pytensor":
        raise Absent("has no pooling")
    if case["work"] in STEPS:
        return build_step(lib, case)
    if case["work"] == "ten scalars":
        symbols = [lib.T.dscalar(f"x{i}") for i in range(10)]
        values = [np.asarray(float(i)) for i in range(10)]
        total = symbols[0]
        for symbol in symbols[1:]:
            total = total + symbol
        return calling(lib, lib.function(symbols, total), values)
    if case["work"] not in EXPRESSIONS:
        raise Absent("another peer's row")
    expression = EXPRESSIONS[case["work"]]
    values = arrays(expression.names, case["shape"], case["dtype"])
    symbols = [lib.symbol(n, v) for n, v in zip(expression.names, values)]
    return calling(lib, compiled(lib, case, symbols, expression.formula(lib, *symbols)), values)


def compiled(lib: Library, case: dict[str, Any], symbols: list[Any], result: Any) -> Any:
    """Compile as the case's variant asks."""
    variant = case.get("variant", "")
    if variant == "recycled":
        if lib.name != "tensorsym":
            raise Absent("recycles no outputs")
        return lib.function(symbols, lib.top.Out(result, recycle=True))
    made = lib.function(symbols, result)
    if variant == "trusted":
        made.trust_input = True
    return made


def calling(lib: Library, made: Any, values: list[Any]) -> Call:
    """Return the call of a compiled function."""
    names = {f"x{i}": value for i, value in enumerate(values)}
    statement = f"f({', '.join(names)})"
    return Call(statement, {"f": made, **names}, lambda: made(*values), 1, lib.compile_s)


def build_step(lib: Library, case: dict[str, Any]) -> Call:
    """Compile a train step: cost, gradients, updates."""
    step = step_of(case)
    lib.dtype = case["dtype"]
    x, y = lib.symbol("x", step.x), lib.symbol("y", step.y)
    params = [lib.top.shared(value) for value in step.params]
    cost = step.cost(lib, x, y, params)
    grads = lib.grad(cost, params)
    rate = lib.constant(RATE)
    updates = [(p, p - rate * g) for p, g in zip(params, grads)]
    return calling(lib, lib.function([x, y], cost, updates=updates), [step.x, step.y])


def tanh_chain(lib: Library, n: int, gradient: bool) -> Any:
    """Return the function of `n` tanh in a row, or of its gradient."""
    x = result = lib.T.dvector("x")
    for _ in range(n):
        result = lib.T.tanh(result)
    if gradient:
        result = lib.grad(lib.T.sum(result), x)
    return lib.function([x], result)
