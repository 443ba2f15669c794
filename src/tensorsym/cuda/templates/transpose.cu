// A transpose by tiles: element (i, j) of `from`, whose j lie side by side, becomes element (j, i)
// of `to`, whose i lie side by side. The column more than 32 spreads a tile's columns over the
// banks of shared memory. Blocks of 32 x 8 threads; steps are in bytes.
struct ts_transpose_space {
  long long rows, columns, from_row, to_column; // how many i and j; the steps that are not 1
  long long batches, inner, from_batch[2], to_batch[2];
};

extern "C" __global__ void __launch_bounds__(256)
    transpose(char *__restrict__ to, const char *__restrict__ from,
              const ts_transpose_space space)
{
  __shared__ $type tile[32][33];
  const long long across = (space.columns + 31) / 32;
  const long long first_i = blockIdx.x / across * 32, first_j = blockIdx.x % across * 32;
  for (long long batch = blockIdx.y; batch < space.batches; batch += gridDim.y) {
    const long long outer = batch / space.inner, inner = batch % space.inner;
    const char *source = from + outer * space.from_batch[0] + inner * space.from_batch[1];
    char *target = to + outer * space.to_batch[0] + inner * space.to_batch[1];
    for (int k = threadIdx.y; k < 32; k += 8) {
      const long long i = first_i + k, j = first_j + threadIdx.x;
      if (i < space.rows && j < space.columns)
        tile[k][threadIdx.x] = ((const $type *)(source + i * space.from_row))[j];
    }
    __syncthreads();
    for (int k = threadIdx.y; k < 32; k += 8) {
      const long long i = first_i + threadIdx.x, j = first_j + k;
      if (i < space.rows && j < space.columns)
        (($type *)(target + j * space.to_column))[i] = tile[threadIdx.x][k];
    }
    __syncthreads();
  }
}
