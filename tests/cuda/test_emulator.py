"""The emulator gives what a GPU gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.cuda.kernels import CORRECT, MAP, head, int32, ramp

if TYPE_CHECKING:
    from tests.cuda.kernels import Device


def test_a_map_covers_its_grid(device: Device) -> None:
    x, z = ramp(1000), device.empty(4000)
    device.run(MAP, int32(1000), device.to(x), z, grid=3)
    np.testing.assert_array_equal(device.back(z, 1000), 2 * x)


@pytest.mark.parametrize("name", CORRECT)
def test_common_kernels_give_the_right_results(device: Device, name: str) -> None:
    run, text = CORRECT[name]
    run(device, text)


@pytest.mark.parametrize("dtype", ["int32", "uint32", "uint64", "float32", "float64"])
def test_atomic_adds_of_many_blocks(device: Device, dtype: str) -> None:
    name = {"uint64": "unsigned long long", "uint32": "unsigned", "int32": "int"}
    ctype = name.get(dtype, {"float32": "float", "float64": "double"}.get(dtype, ""))
    text = head(f"{ctype} *z") + f"{{ atomicAdd(&z[threadIdx.x % 7], ({ctype})3); }}"
    z = device.to(np.zeros(7, dtype))
    device.run(text, z, block=70, grid=4)
    np.testing.assert_array_equal(device.back(z, 7, dtype), np.full(7, 120, dtype))


def test_the_other_atomics(device: Device) -> None:
    text = (
        head("int *z")
        + """{
  int t = threadIdx.x;
  atomicMax(z, t); atomicMin(z + 1, -t); atomicOr(z + 2, 1 << t); atomicXor(z + 3, t);
  for (int old = z[4], seen; (seen = atomicCAS(z + 4, old, old + t)) != old; old = seen);
  atomicExch(z + 5, 9);
}"""
    )
    z = device.to(np.zeros(6, "int32"))
    device.run(text, z, block=31)
    assert device.back(z, 6, "int32").tolist() == [30, -30, 2**31 - 1, 31, 465, 9]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("__shfl_sync(m, v, 5)", lambda t: t * 0 + 5),
        ("__shfl_xor_sync(m, v, 3)", lambda t: t ^ 3),
        ("__shfl_up_sync(m, v, 4)", lambda t: np.where(t < 4, t, t - 4)),
        ("__shfl_down_sync(m, v, 4, 8)", lambda t: np.where(t % 8 < 4, t + 4, t)),
        ("__ballot_sync(m, t % 3 == 0) & 0xffff", lambda t: t * 0 + 0x9249),
        ("__any_sync(m, t == 31) + 2 * __all_sync(m, t < 31)", lambda t: t * 0 + 1),
    ],
)
def test_warp_operations(device: Device, call: str, expected: Any) -> None:
    text = (
        head("double *z")
        + f"""{{
  int t = threadIdx.x; unsigned m = 0xffffffffu; double v = t;
  z[t] = {call};
}}"""
    )
    z = device.empty(256)
    device.run(text, z, block=32)
    np.testing.assert_array_equal(device.back(z, 32, "float64"), expected(np.arange(32)))


def test_votes_of_a_whole_block(device: Device) -> None:
    text = (
        head("int *z")
        + """{
  int t = threadIdx.x;
  z[t] = __syncthreads_count(t < 5) * 100 + __syncthreads_or(t == 9) * 10 + __syncthreads_and(t);
}"""
    )
    z = device.empty(4 * 64)
    device.run(text, z)
    assert set(device.back(z, 64, "int32")) == {510}


def test_half_precision_rounds_as_numpy(device: Device) -> None:
    rng = np.random.default_rng(0)
    corners = [0.0, -0.0, np.inf, -np.inf, np.nan, 65519.99, 65520.0, 2**-25, 6e-8]
    x = np.concatenate([rng.normal(size=4000) * 10.0 ** rng.integers(-9, 6, 4000), corners])
    text = (
        "#include <cuda_fp16.h>\n"
        + head("int n", "const double *x", "half *of_double", "half *of_float", "float *back")
        + """{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  of_double[i] = __double2half(x[i]);
  of_float[i] = __float2half((float)x[i]);
  back[i] = __half2float(of_double[i]);
}"""
    )
    n = x.size
    of_double, of_float, back = (device.empty(size * n) for size in (2, 2, 4))
    device.run(text, int32(n), device.to(x), of_double, of_float, back, grid=n // 64 + 1)
    with np.errstate(over="ignore"):
        half, single = x.astype("float16"), x.astype("float32").astype("float16")
    np.testing.assert_array_equal(device.back(of_double, n, "float16"), half)
    np.testing.assert_array_equal(device.back(of_float, n, "float16"), single)
    np.testing.assert_array_equal(device.back(back, n), half.astype("float32"))


def test_bfloat16_rounds_to_even(device: Device) -> None:
    x = np.array([1.0, 1.00390625, 1.01171875, 3.4e38, -np.inf, np.nan], "float32")
    text = (
        "#include <cuda_bf16.h>\n"
        + head("const float *x", "float *z")
        + """{
  __nv_bfloat16 v = __float2bfloat16(x[threadIdx.x]);
  z[threadIdx.x] = __bfloat162float(v);
}"""
    )
    z = device.empty(24)
    device.run(text, device.to(x), z, block=6)
    expected = np.array([1.0, 1.0, 1.015625, np.inf, -np.inf, np.nan], "float32")
    np.testing.assert_array_equal(device.back(z, 6), expected)


def test_vectors_constants_templates_and_intrinsics(device: Device) -> None:
    text = """
__constant__ float table[4] = {1.0f, 2.0f, 4.0f, 8.0f};
template <class T> struct pair { T a, b; };
template <class T> __device__ pair<T> operator*(pair<T> p, pair<T> q) {
  return {p.a * q.a - p.b * q.b, p.a * q.b + p.b * q.a};
}
extern "C" __global__ void __launch_bounds__(64)
k(const float4 *__restrict__ x, float4 *z, int *bits)
{
  float4 v = __ldg(x + threadIdx.x);
  pair<float> p = {v.x, v.y}, q = p * p;
  float c = fmaf(v.z, table[1], table[3]);
  z[threadIdx.x] = make_float4(q.a, q.b, c, __fadd_rn(v.w, rintf(2.5f)));
  if (threadIdx.x == 0) {
    bits[0] = __float_as_int(1.0f); bits[1] = __double2int_rz(-3.7);
    bits[2] = __float2int_rn(1e20f); bits[3] = (int)__umulhi(0x80000000u, 6u);
    bits[4] = __clz(1); bits[5] = max(3, min(7, 5));
  }
}"""
    x, z, bits = ramp(32).reshape(8, 4), device.empty(128), device.empty(24)
    device.run(text, device.to(x), z, bits, block=8)
    a, b, c, d = x.T
    expected = np.stack([a * a - b * b, 2 * a * b, 2 * c + 8, d + 2], 1)
    np.testing.assert_array_equal(device.back(z, (8, 4)), expected)
    assert device.back(bits, 6, "int32").tolist() == [0x3F800000, -3, 2**31 - 1, 3, 31, 5]


def test_constant_memory_is_set_from_the_host(device: Device, emulator: Any) -> None:
    text = (
        "__constant__ float scale[2];\n"
        + head("float *z")
        + "{ z[threadIdx.x] = scale[threadIdx.x]; }"
    )
    device.kernel(text)
    address, size = device.modules[text].get_global("scale")
    assert size == 8
    device.driver.memcpy_htod(address, np.array([3, 4], "float32"))
    z = device.empty(8)
    device.run(text, z, block=2)
    assert device.back(z, 2).tolist() == [3, 4]
    with emulator.checking():
        device.run(text, z, block=2)
    assert emulator.reports() == []


def test_a_text_that_does_not_compile_says_where(device: Device) -> None:
    with pytest.raises(device.driver.CompileError, match=r"kernel\.cu:2"):
        device.kernel(head("float *z") + "{ z[0] = nothing; }")


def test_pycuda_arrays_pools_streams_and_events_work(device: Device) -> None:
    import pycuda.gpuarray
    import pycuda.tools

    pool = pycuda.tools.DeviceMemoryPool()
    stream, start, end = device.driver.Stream(), device.driver.Event(), device.driver.Event()
    start.record(stream)
    array = pycuda.gpuarray.to_gpu_async(ramp(10), allocator=pool.allocate, stream=stream)
    result = (array * 2 + 1).get()
    end.record(stream)
    end.synchronize()
    assert end.time_since(start) >= 0
    np.testing.assert_array_equal(result, ramp(10) * 2 + 1)


def test_memory_ends_where_it_is_said_to(device: Device, emulator: Any) -> None:
    with emulator.memory(emulator.memory_used() + 1024):
        held = device.empty(1000)
        with pytest.raises(device.driver.MemoryError):
            device.empty(1)
        held.free()
        device.empty(1024)


def test_a_block_that_is_too_large_is_refused(device: Device) -> None:
    with pytest.raises(device.driver.LogicError):
        device.run(MAP, int32(0), device.to(ramp(1)), device.empty(4), block=1025)


def test_arguments_of_other_types_are_refused(device: Device, emulator: Any) -> None:
    with pytest.raises(device.driver.LogicError):
        device.run(MAP, int32(0), int32(0), int32(0))
    (report,) = emulator.reports()
    assert report.message == "k takes 24 bytes of arguments, was launched with 12"


def test_a_fault_ends_the_launch_and_not_the_process(device: Device, emulator: Any) -> None:
    for body, kind in (("*(volatile int *)16 = n;", "fault"), ("*z = 5 / (n - 1);", "fault")):
        with pytest.raises(device.driver.LaunchError):
            device.run(head("int n", "int *z") + f"{{ {body} }}", int32(1), device.empty(4))
        assert [report.kind for report in emulator.reports()] == [kind]
    test_a_map_covers_its_grid(device)
