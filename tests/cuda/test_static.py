"""What NVIDIA's compiler makes of the templates: no spills, no double arithmetic, wide loads."""

import pytest

import tensorsym.tensor as T
from tensorsym.codegen.cuda import cuda_kernels, cuda_text, cuda_unit, finishing_kernel
from tensorsym.codegen.templates import FOLDER
from tensorsym.cuda.modules import OPTIONS
from tensorsym.cuda.products import _source as product_source
from tensorsym.cuda.target import cuda_target
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Kernel
from tests.cuda.nvcc import ARCHITECTURES, compile_texts

# CUDA's own sine and cosine of large single precision numbers reduce them in double.
ELEMENTARY = ("exp", "log", "tanh", "sigmoid", "sqrt", "log1p", "expm1", "erf", "pow")


def unit_of(dtype, make, bits=32):
    """Return the translation unit of the kernels of an expression of two matrices."""
    x, y = (TensorType(dtype, (None, None))(name) for name in "xy")
    plan = schedule(FunctionGraph([x, y], make(x, y)), target=cuda_target())
    kernels = []
    for instruction in plan.instructions:
        if isinstance(instruction, Kernel):
            for text, _ in cuda_kernels(instruction, ()):
                kernels += [text, finishing_kernel(text)] if text.reduces else [text]
    kernels = list(dict.fromkeys(kernels))
    return cuda_unit([cuda_text(k, f"k{i}", bits) for i, k in enumerate(kernels)])


def fused(x, y):
    return [T.maximum(x * y + x, 1) - y]


def reductions(x, y):
    return [(x * y).sum(axis=0), (x + y).max(axis=1), x.sum()]


def elementary(x, y):
    return [T.FUNCTIONS[name](x) if name != "pow" else x**y for name in ELEMENTARY]


TEXTS = {
    "fused float32": unit_of("float32", fused),
    "fused float16": unit_of("float16", fused),
    "fused float64": unit_of("float64", fused),
    "fused complex64": unit_of("complex64", lambda x, y: [x * y + x]),
    "fused int8": unit_of("int8", fused),
    "long indices": unit_of("float32", lambda x, y: fused(x, y) + reductions(x, y), 64),
    "reductions float32": unit_of("float32", reductions),
    "reductions float16": unit_of("float16", reductions),
    "reductions complex64": unit_of("complex64", lambda x, y: [x.sum(axis=0), x.prod(axis=1)]),
    "elementary float32": unit_of("float32", elementary),
    "product float32": product_source("float32").text,
    "product float16": product_source("float16").text,
    "product complex64": product_source("complex64").text,
}


@pytest.fixture(scope="module", params=ARCHITECTURES)
def compiled(request, nvcc):
    made = compile_texts(list(TEXTS.values()), request.param, OPTIONS)
    return dict(zip(TEXTS, made, strict=True))


def test_no_template_spills(compiled):
    assert {name: c.spilled for name, c in compiled.items() if c.spilled} == {}


def test_kernels_of_single_and_half_precision_have_no_double_arithmetic(compiled):
    found = {n: c.doubles for n, c in compiled.items() if "64" not in n.replace("complex64", "")}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("name", "width"),
    [("fused float32", 4), ("fused float16", 8), ("fused float64", 2), ("fused complex64", 4)],
)
def test_dense_operands_are_read_and_written_16_bytes_at_a_time(compiled, name, width):
    # Eight halves are four words for the compiler, or eight shorts in pairs of four.
    wanted = {4, width} if width != 8 else {4}
    assert any(compiled[name].loads(w) >= 2 for w in wanted)
    assert any(compiled[name].stores(w) >= 1 for w in wanted)


def test_every_template_is_among_the_compiled_texts():
    everything = "\n".join(TEXTS.values())
    heads = {
        path.stem: path.read_text().partition("\n")[0]
        for path in FOLDER.glob("*.cu")
        if path.read_text().startswith("// ")
    }
    own = {"flat", "strided", "reduce", "unit", "complex", "gemm"}
    assert {name for name in own if heads[name] not in everything} == set()
