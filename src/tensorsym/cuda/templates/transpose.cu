// A transpose by tiles: element (i, j) of `from`, whose j lie side by side, becomes element (j, i)
// of `to`, whose i lie side by side. The column more than 32 spreads a tile's columns over the
// banks of shared memory. Blocks of 32 x 8 threads; steps are in bytes.
struct ts_transpose_space {
  long long rows, columns, from_row, to_column; // how many i and j; the steps that are not 1
  long long batches, inner, from_batch[2], to_batch[2];
};

extern "C" __global__ void __launch_bounds__(256, 4)
    transpose(char *__restrict__ to, const char *__restrict__ from,
              const ts_transpose_space space)
{
  __shared__ $type tile[32][33];
  // There are fewer tiles, and batches, than 2^31: 64-bit division is a call.
  const unsigned int across = (unsigned int)((space.columns + 31) / 32);
  const long long first_i = blockIdx.x / across * 32LL, first_j = blockIdx.x % across * 32LL;
  const int rows = (int)(space.rows - first_i < 32 ? space.rows - first_i : 32);
  const int columns = (int)(space.columns - first_j < 32 ? space.columns - first_j : 32);
  const int x = threadIdx.x;
  from += first_i * space.from_row + first_j * sizeof($type);
  to += first_j * space.to_column + first_i * sizeof($type);
  for (unsigned int batch = blockIdx.y; batch < space.batches; batch += gridDim.y) {
    const unsigned int per_outer = (unsigned int)space.inner;
    const long long outer = batch / per_outer, inner = batch % per_outer;
    const char *source = from + outer * space.from_batch[0] + inner * space.from_batch[1];
    char *target = to + outer * space.to_batch[0] + inner * space.to_batch[1];
    for (int i = threadIdx.y; i < rows; i += 8)
      if (x < columns)
        tile[i][x] = ((const $type *)(source + i * space.from_row))[x];
    __syncthreads();
    for (int j = threadIdx.y; j < columns; j += 8)
      if (x < rows)
        (($type *)(target + j * space.to_column))[x] = tile[x][j];
    __syncthreads();
  }
}
