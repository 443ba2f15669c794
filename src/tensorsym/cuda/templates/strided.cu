// Operands of any strides: threads run along the last dimension, rows are taken apart once each.
struct ${name}_space {
  $index rows, columns, length[$rank], stride[$operands][$rank];
};
extern "C" __global__ void __launch_bounds__(256) $name(const ${name}_space s, $parameters)
{
  $fixed
  const $index down = ($index)gridDim.y * blockDim.y, along = ($index)gridDim.x * blockDim.x;
  for ($index row = ($index)blockIdx.y * blockDim.y + threadIdx.y; row < s.rows; row += down) {
    $index left = row;
    $offsets
#pragma unroll
    for (int d = $rank - 2; d >= 0; d--) {
      const $index at = d ? left % s.length[d] : left;
      left = d ? left / s.length[d] : 0;
      $row
    }
    for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < s.columns; i += along) {
      $single
    }
  }
}
