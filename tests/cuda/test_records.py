"""Every op record on the device against the reference: one translation unit per dtype has all."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.codegen.cuda_scalar import DEVICE_TEXTS, REASONS, reason_without_kernel
from tensorsym.cuda.executable import build
from tensorsym.cuda.target import cuda_target
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.tensortype import TensorType
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.schedule.build import schedule
from tests.language.test_table import draw

# Those of the package: other tests add ops of their own while they run.
BUILT_IN = dict(RECORDS)
DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)
# CUDA's own functions, in units of the last place: the table of maximum errors in NVIDIA's
# programming guide, doubled as a reference has an error too.
WIDER = {
    **{"pow": 16, "gamma": 22, "gammaln": 16, "j0": 18, "j1": 18, "erfc": 12, "tan": 8},
    **{"sin": 4, "cos": 4, "exp2": 4, "log2": 4, "erf": 4, "log10": 4, "arctan2": 6},
    **{"arcsinh": 6, "arccosh": 8, "arctanh": 6, "cosh": 4, "sinh": 6, "arcsin": 8, "arccos": 4},
}


def corners(dtype):
    """Return the special values of a dtype."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.array([False, True])
    if kind in "iu":
        info = np.iinfo(dtype)
        return np.array(
            sorted({info.min, info.max, 0, 1, 2, 7, info.max - 1, max(info.min, -1)}), dtype
        )
    values = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, np.inf, -np.inf, np.nan]
    if kind == "c":
        return np.array([1 + 2j, -1j, 0.5, 3 - 1j], dtype)
    return np.array(values, dtype)


def operands(record, dtype):
    """Return draws from a record's domain, and all combinations of corners behind them."""
    drawn = draw(record, dtype, 64)
    if record.name in DEVICE_TEXTS:
        return drawn
    grid = np.meshgrid(*[corners(dtype)] * record.arity, indexing="ij")
    return [np.concatenate([d, g.ravel().astype(dtype)]) for d, g in zip(drawn, grid, strict=True)]


def nodes_of(dtype):
    """Return (record, node, arrays) of every record that has a kernel for a dtype."""
    found = []
    for name, record in BUILT_IN.items():
        variables = [TensorType(dtype, (None,))(f"{name}{k}") for k in range(record.arity)]
        try:
            node = T.FUNCTIONS[name].make_node(*variables)
        except TypeError:
            continue
        if reason_without_kernel(name, record.rule(*[dtype] * record.arity)[0]):
            continue
        found.append((record, node, operands(record, dtype)))
    return found


def agree(got, want, record, dtype):
    assert got.dtype == want.dtype
    if got.dtype.kind not in "fc":
        np.testing.assert_array_equal(got, want, err_msg=f"{record.name} of {dtype}")
        return
    units = max(record.tolerance, WIDER.get(record.name, 0), 2)
    eps = np.finfo(got.dtype).eps
    tiny = np.finfo(got.dtype).tiny
    np.testing.assert_allclose(
        got,
        want,
        rtol=units * eps,
        # Near a zero CUDA's own functions are exact in absolute terms only.
        atol=units * eps if got.dtype.kind == "c" or record.name in DEVICE_TEXTS else tiny,
        err_msg=f"{record.name} of {dtype}",
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_record_agrees_with_the_reference(dtype, context):
    """All records of a dtype are outputs of one function, so that one run compiles them all."""
    found = nodes_of(dtype)
    inputs = [v for _, node, _ in found for v in node.inputs]
    graph = FunctionGraph(inputs, [node.outputs[0] for _, node, _ in found])
    arrays = [a for _, _, own in found for a in own]
    plan = schedule(graph, target=cuda_target())
    got = build(context, plan)(list(arrays))
    want = ReferenceExecutable(graph)(list(arrays))
    for (record, _, _), mine, theirs in zip(found, got, want, strict=True):
        agree(mine, theirs, record, dtype)


def test_every_record_has_a_kernel_or_a_reason():
    for name, record in BUILT_IN.items():
        for dtype in DTYPES:
            try:
                computed = record.rule(*[dtype] * record.arity)[0]
            except TypeError:
                continue
            reason = reason_without_kernel(name, computed)
            assert reason == "" or name in REASONS or "user" not in reason, name


def test_reasons_name_records_without_kernels_only():
    assert [name for name in REASONS if RECORDS[name].c] == []
