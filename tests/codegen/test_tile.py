"""Programs of the tile machine."""

import textwrap

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym._ops import opcode
from tensorsym.codegen.tile import tile_program
from tensorsym.cpu.build import build
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.build import schedule
from tensorsym.schedule.fusion import kernel_work
from tensorsym.schedule.plan import Kernel
from tensorsym.schedule.target import CPU


def program_of(inputs, outputs):
    (kernel,) = schedule(FunctionGraph(inputs, outputs)).instructions
    return tile_program(kernel)


x, y, z = T.dvectors("x", "y", "z")


def test_registers_serve_again_after_a_value_has_had_its_last_use():
    text = str(program_of([x, y], [T.exp(T.tanh(x) * y) - y]))
    assert (
        text
        == textwrap.dedent(
            """
        r0 = in float64
        r1 = in float64
        r0 = tanh[float64](r0)
        r0 = mul[float64, float64](r0, r1)
        r0 = exp[float64](r0)
        r1 = sub[float64, float64](r0, r1)
        out r1 float64
        """
        ).strip()
    )


def test_sums_of_many_are_folded_from_the_left():
    text = str(program_of([x, y, z], [T.add(x, y, z)]))
    assert text.splitlines()[3:5] == [
        "r1 = add[float64, float64](r0, r1)",
        "r2 = add[float64, float64](r1, r2)",
    ]


def test_stored_values_keep_their_registers():
    program = program_of([x, y], [x * y, T.exp(x * y), T.exp(x * y) + x])
    stored = [operand[2] for operand in program.operands if operand[1] == "out"]
    assert len(set(stored)) == 3


def test_equal_kernels_have_equal_programs():
    assert program_of([x, y], [T.exp(x) * y]) == program_of([z, x], [T.exp(z) * x])


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_record_with_scalar_text_has_loops_for_all_its_dtypes(name):
    """Where this fails a row of tools/rows.py is missing: the op would run in NumPy."""
    record = RECORDS[name]
    for dtype in sorted(CPU.kernel_dtypes):
        operands = [TensorType(dtype, (None,))(f"x{k}") for k in range(record.arity)]
        try:
            node = T.FUNCTIONS[name].make_node(*operands)
        except TypeError:
            continue  # the op is not defined for this dtype
        if kernel_work(node) is None:
            continue
        plan = schedule(FunctionGraph(operands, node.outputs))
        (kernel,) = [i for i in plan.instructions if isinstance(i, Kernel)]
        for step in tile_program(kernel).steps:
            assert opcode(step.loop, *step.dtypes) is not None, (name, dtype, str(step))
        arrays = [np.ones(3, dtype) for _ in operands]
        (got,) = build(plan)(arrays)
        assert got.dtype == node.outputs[0].type.dtype
