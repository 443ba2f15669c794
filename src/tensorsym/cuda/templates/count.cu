// The numbers first, first + step, ...: two roundings each, as NumPy has them.
extern "C" __global__ void count($index n, $store *__restrict__ out, $wide first, $wide step)
{
  const $index stride = ($index)gridDim.x * blockDim.x;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) {
    const $wide value = first + ($wide)i * step;
    out[i] = $stored;
  }
}
