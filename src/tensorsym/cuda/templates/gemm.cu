// out = alpha x @ y + beta z by tiles in shared memory, for matrices of any strides (in elements);
// blocks along z are the matrices of a batch. Where there is no cuBLAS.
struct ts_product_space {
  long long m, n, k, adds;
  long long x[3], y[3], z[3]; // steps from matrix to matrix, down the rows, along the columns
};
extern "C" __global__ void __launch_bounds__(256) gemm(const ts_product_space s, $storage *__restrict__ out,
                                const $storage *__restrict__ x, const $storage *__restrict__ y,
                                const $storage *__restrict__ z, const $value alpha, const $value beta)
{
  __shared__ $value left[16][17], right[16][17];
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  const long long row = (long long)blockIdx.y * 16 + ty, column = (long long)blockIdx.x * 16 + tx;
  x += blockIdx.z * s.x[0];
  y += blockIdx.z * s.y[0];
  $value sum = $zero;
  for (long long start = 0; start < s.k; start += 16) {
    const long long a = start + tx, b = start + ty;
    left[ty][tx] = row < s.m && a < s.k ? $load_x : $zero;
    right[ty][tx] = column < s.n && b < s.k ? $load_y : $zero;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 16; i++)
      sum = sum + left[ty][i] * right[i][tx];
    __syncthreads();
  }
  if (row < s.m && column < s.n) {
    $value value = alpha * sum;
    if (s.adds)
      value = value + beta * $load_z;
    out[(blockIdx.z * s.m + row) * s.n + column] = $store;
  }
}
