"""Constants in kernels: cast once when the plan is made, not for each tile."""

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.schedule.plan import Kernel


def kernels(inputs: list[object], output: object) -> list[Kernel]:
    plan = tensorsym.function(inputs, output).executable.plan
    return [i for i in plan.instructions if isinstance(i, Kernel)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernel_with_python_numbers_casts_nothing(dtype: str) -> None:
    x = T.TensorType(dtype, (False,))("x")
    (kernel,) = kernels([x], 2 * x + 3 * T.exp(x))
    assert sorted(step.op for step in kernel.steps) == ["add", "exp", "mul", "mul"]
    assert {operand.dtype for operand in kernel.operands} == {dtype}


def test_equal_constants_stay_one_operand() -> None:
    x = T.dvector("x")
    (kernel,) = kernels([x], T.exp(x + 2) + T.tanh(x + 2 * T.exp(x)))
    assert len([o for o in kernel.operands if o.role == "in"]) == 2


@pytest.mark.parametrize("constant", [2**62 + 1, 2**24 + 1, True, -7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_constant_is_rounded_as_numpy_rounds(constant: int, dtype: str) -> None:
    x = T.TensorType(dtype, (False,))("x")
    number = T.constant(constant, dtype="bool" if constant is True else "int64")
    f = tensorsym.function([x], x * number)
    value = np.array([1.0, -0.5, 3.25], dtype)
    wide = np.result_type(dtype, number.dtype)
    expected = value.astype(wide) * np.asarray(constant).astype(wide)
    np.testing.assert_array_equal(f(value), expected)
    assert f(value).dtype == expected.dtype
