"""NVIDIA's compiler over the kernels of these tests, and what its checks see."""

from __future__ import annotations

import pytest

from tests.cuda.kernels import CORRECT, head
from tests.cuda.nvcc import ARCHITECTURES, KernelError, compile_texts

pytestmark = pytest.mark.usefixtures("nvcc")

SCALE = head("float *z") + "{{ z[threadIdx.x] = z[threadIdx.x] * {}; }}"
SPILLING = (
    head("float *z").replace("void", "void __launch_bounds__(1024)")
    + """{
  float a[300];
  #pragma unroll
  for (int i = 0; i < 300; ++i) a[i] = z[i * 1024 + threadIdx.x];
  __syncthreads();
  #pragma unroll
  for (int i = 0; i < 300; ++i) z[i * 1024 + threadIdx.x] = a[i] * a[299 - i];
}"""
)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_emulators_kernels_are_cuda(architecture: str) -> None:
    texts = [text for _, text in CORRECT.values()]
    compiled = compile_texts(texts, architecture)
    assert all(".entry" in found.ptx for found in compiled)
    assert [found.spilled for found in compiled] == [0] * len(texts)
    assert [found.doubles for found in compiled] == [[]] * len(texts)
    vector = compiled[list(CORRECT).index("vector")]
    assert (vector.loads(4), vector.stores(4)) == (1, 1)


def test_double_arithmetic_is_seen_in_its_own_text_only() -> None:
    single, double = compile_texts([SCALE.format("1.1f"), SCALE.format("1.1")], "sm_90")
    assert single.doubles == []
    assert any("mul.f64" in line or "mul.rn.f64" in line for line in double.doubles)


def test_spills_are_seen() -> None:
    spilling, tame = compile_texts([SPILLING, SCALE.format("2.0f")], "sm_80")
    assert spilling.spilled > 0
    assert tame.spilled == 0


def test_a_text_that_is_no_cuda_is_refused_in_the_compilers_words() -> None:
    with pytest.raises(KernelError, match=r"identifier .*nothing.* is undefined"):
        compile_texts([head("float *z") + "{ z[0] = nothing; }"], "sm_90")
