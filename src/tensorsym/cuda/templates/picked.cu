// -log of the labelled element of each row.
extern "C" __global__ void picked(long long rows, long long columns, $store *__restrict__ out,
                                  const $store *__restrict__ x,
                                  const long long *__restrict__ labels)
{
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x; row < rows; row += step) {
    const $store *place = x + row * columns + labels[row];
    const $wide value = -ts_log_$suffix($element);
    out[row] = $stored;
  }
}
