// A matrix of 1 where column - row $relation k, and of 0 elsewhere.
extern "C" __global__ void diagonals($index n, $store *__restrict__ out, long long columns,
                                     long long k)
{
  const $index step = ($index)gridDim.x * blockDim.x;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    const long long row = i / ($index)columns, column = i % ($index)columns;
    const $wide value = column - row $relation k ? 1 : 0;
    out[i] = $stored;
  }
}
