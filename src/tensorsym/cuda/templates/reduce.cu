// Reductions of what elementwise steps give: groups of `lanes` threads make one output each. Lanes
// are adjacent threads where neighbours along the reduced dimensions are neighbours in memory
// (`along`); else groups are. With several blocks per output (gridDim.y) each leaves a partial
// result, and a second launch folds those. The order of folds depends on lengths and layout only.
struct ${name}_space {
  $index outputs, length, chunk, lanes, along, kept[$n_kept], reduced[$n_reduced];
  $index by_kept[$operands][$n_kept], by_reduced[$operands][$n_reduced];
};
extern "C" __global__ void __launch_bounds__(256) $name(const ${name}_space s, $parameters)
{
  $shared
  $fixed
  const int lanes = (int)s.lanes, groups = blockDim.x / lanes;
  const int lane = s.along ? threadIdx.x % lanes : threadIdx.x / groups;
  const int group = s.along ? threadIdx.x / lanes : threadIdx.x % groups;
  const $index start = blockIdx.y * s.chunk;
  const $index end = s.length - start < s.chunk ? s.length : start + s.chunk;
  const $index o = ($index)blockIdx.x * groups + group;
  $begin
  if (o < s.outputs) {
    $index left = o;
    $offsets
#pragma unroll
    for (int d = $n_kept - 1; d >= 0; d--) {
      const $index at = d ? left % s.kept[d] : left;
      left = d ? left / s.kept[d] : 0;
      $kept
    }
#pragma unroll 4
    for ($index i = start + lane; i < end; i += lanes) {
      left = i;
      $inner
#pragma unroll
      for (int d = $n_reduced - 1; d >= 0; d--) {
        const $index at = d ? left % s.reduced[d] : left;
        left = d ? left / s.reduced[d] : 0;
        $reduced
      }
      $single
      $fold
    }
  }
  if (s.along) {
    for (int by = lanes < 32 ? lanes / 2 : 16; by > 0; by /= 2) {
      $fold_warp
    }
    if (lanes > 32) {
      if (threadIdx.x % 32 == 0) {
        $share_warp
      }
      __syncthreads();
      if (lane == 0) {
        for (int w = 1; w < lanes / 32; w++) {
          $fold_warps
        }
      }
    }
  } else if (lanes > 1) {
    $share
    __syncthreads();
    for (int half = lanes / 2; half > 0; half /= 2) {
      if (lane < half) {
        $fold_shared
      }
      __syncthreads();
    }
    $take
  }
  if (lane == 0 && o < s.outputs) {
    $results
  }
}
