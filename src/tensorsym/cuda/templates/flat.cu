// Dense operands in one order: 16 bytes at a time, then what is left; `packs` is 0 where memory is
// not aligned.
extern "C" __global__ void __launch_bounds__(256) $name(const $index n, const $index packs, $parameters)
{
  const $index first = ($index)blockIdx.x * blockDim.x + threadIdx.x;
  const $index step = ($index)gridDim.x * blockDim.x;
  $fixed
  for ($index i = first; i < packs; i += step) {
    $load_packs
#pragma unroll
    for (int j = 0; j < $width; j++) {
      $element
    }
    $store_packs
  }
  for ($index i = packs * $width + first; i < n; i += step) {
    $single
  }
}
