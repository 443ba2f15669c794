// One value everywhere.
extern "C" __global__ void fill($index n, $type *__restrict__ out, $type value)
{
  const $index step = ($index)gridDim.x * blockDim.x;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    out[i] = value;
}
