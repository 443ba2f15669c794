"""Small kernels that are right, how to run each, and a context to run them in."""

from __future__ import annotations

from typing import Any

import numpy as np

int32 = np.int32


class Device:
    """A context of the emulator's device, and what the tests do with it."""

    def __init__(self, driver: Any, compiler: Any) -> None:
        self.driver = driver
        self.compiler = compiler
        self.modules: dict[str, Any] = {}

    def kernel(self, text: str, name: str = "k") -> Any:
        if text not in self.modules:
            self.modules[text] = self.compiler.SourceModule(text, no_extern_c=True)
        return self.modules[text].get_function(name)

    def to(self, array: Any) -> Any:
        array = np.ascontiguousarray(array)
        memory = self.driver.mem_alloc(array.nbytes)
        self.driver.memcpy_htod(memory, array)
        return memory

    def empty(self, nbytes: int) -> Any:
        return self.driver.mem_alloc(nbytes)

    def back(self, memory: Any, shape: Any, dtype: Any = "float32") -> np.ndarray:
        array = np.empty(shape, dtype)
        self.driver.memcpy_dtoh(array, memory)
        return array

    def run(
        self, text: str, *arguments: Any, block: int = 64, grid: int = 1, shared: int = 0
    ) -> None:
        self.kernel(text)(*arguments, block=(block, 1, 1), grid=(grid, 1), shared=shared)


def head(*parameters: str) -> str:
    return f'extern "C" __global__ void k({", ".join(parameters)})\n'


def ramp(n: int, dtype: str = "float32") -> np.ndarray:
    return np.arange(n, dtype=dtype) - n // 3


MAP = (
    head("int n", "const float *x", "float *z")
    + """{
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    z[i] = 2.0f * x[i];
}"""
)


WARP_SUM = """
__device__ float warp_sum(float v) {
  for (int o = 16; o > 0; o >>= 1) v += __shfl_down_sync(0xffffffffu, v, o);
  return v;
}
"""
BLOCK_SUM = (
    WARP_SUM
    + head("int n", "const float *x", "float *z")
    + """{
  __shared__ float part[32];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += x[i];
  sum = warp_sum(sum);
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  if (lane == 0) part[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = warp_sum(lane < blockDim.x >> 5 ? part[lane] : 0.0f);
    if (lane == 0) z[blockIdx.x] = sum;
  }
}"""
)


TREE = (
    head("const float *x", "float *z")
    + """{
  extern __shared__ float s[];
  int t = threadIdx.x;
  s[t] = x[blockIdx.x * blockDim.x + t];
  __syncthreads();
  for (int w = blockDim.x / 2; w > 0; w >>= 1) {
    if (t < w) s[t] += s[t + w];
    __syncthreads();
  }
  if (t == 0) z[blockIdx.x] = s[0];
}"""
)


TRANSPOSE = (
    head("int h", "int w", "const float *x", "float *z")
    + """{
  __shared__ float tile[16][17];
  int c = blockIdx.x * 16 + threadIdx.x, r = blockIdx.y * 16 + threadIdx.y;
  if (c < w && r < h) tile[threadIdx.y][threadIdx.x] = x[r * w + c];
  __syncthreads();
  c = blockIdx.y * 16 + threadIdx.x, r = blockIdx.x * 16 + threadIdx.y;
  if (c < h && r < w) z[r * h + c] = tile[threadIdx.x][threadIdx.y];
}"""
)


LAST_BLOCK = (
    head("float *z", "unsigned *count", "float *total")
    + """{
  __shared__ bool last;
  if (threadIdx.x == 0) {
    z[blockIdx.x] = blockIdx.x + 1.0f;
    __threadfence();
    last = atomicAdd(count, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    float sum = 0.0f;
    for (int b = 0; b < gridDim.x; ++b) sum += z[b];
    *total = sum;
  }
}"""
)


COPY = (
    head("int n", "const float *x", "float *z")
    + """{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) z[i] = x[i];
}"""
)
HISTOGRAM = (
    head("int n", "const int *x", "int *z")
    + """{
  __shared__ int count[8];
  int t = threadIdx.x;
  if (t < 8) count[t] = 0;
  __syncthreads();
  for (int i = t; i < n; i += blockDim.x) atomicAdd(&count[x[i]], 1);
  __syncthreads();
  if (t < 8) atomicAdd(&z[t], count[t]);
}"""
)
VECTOR = (
    head("const float *x", "float4 *z")
    + "{ z[threadIdx.x] = *(const float4 *)(x + 4 * threadIdx.x); }"
)


def run_copy(device: Device, text: str) -> None:
    x, z = ramp(100), device.empty(400)
    device.run(text, int32(100), device.to(x), z, grid=2)
    np.testing.assert_array_equal(device.back(z, 100), x)


def run_sum(device: Device, text: str) -> None:
    x, z = ramp(500), device.empty(4)
    device.run(text, int32(500), device.to(x), z, block=128)
    np.testing.assert_array_equal(device.back(z, 1), [x.sum()])


def run_tree(device: Device, text: str) -> None:
    x, z = ramp(128), device.empty(8)
    device.run(text, device.to(x), z, block=64, grid=2, shared=256)
    np.testing.assert_array_equal(device.back(z, 2), x.reshape(2, 64).sum(1))


def run_transpose(device: Device, text: str) -> None:
    x, z = ramp(21 * 35), device.empty(4 * 21 * 35)
    arguments = int32(21), int32(35), device.to(x), z
    device.kernel(text)(*arguments, block=(16, 16, 1), grid=(3, 2))
    np.testing.assert_array_equal(device.back(z, (35, 21)), x.reshape(21, 35).T)


def run_histogram(device: Device, text: str) -> None:
    x, z = np.arange(603, dtype="int32") % 8, device.to(np.zeros(8, "int32"))
    device.run(text, int32(603), device.to(x), z, grid=2)
    np.testing.assert_array_equal(device.back(z, 8, "int32"), 2 * np.bincount(x))


def run_vector(device: Device, text: str) -> None:
    x, z = ramp(260), device.empty(1024)
    device.run(text, device.to(x), z)
    np.testing.assert_array_equal(device.back(z, 256), x[:256])


def run_last_block(device: Device, text: str) -> None:
    z, total = device.empty(16), device.empty(4)
    device.run(text, z, device.to(np.zeros(1, "uint32")), total, block=32, grid=4)
    assert device.back(total, 1)[0] == 10


CORRECT = {
    "copy": (run_copy, COPY),
    "sum": (run_sum, BLOCK_SUM),
    "tree": (run_tree, TREE),
    "transpose": (run_transpose, TRANSPOSE),
    "histogram": (run_histogram, HISTOGRAM),
    "vector": (run_vector, VECTOR),
    "last block": (run_last_block, LAST_BLOCK),
}
