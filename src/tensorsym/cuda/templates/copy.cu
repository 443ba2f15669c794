// Elements of any strides, in bytes, to any strides. The lengths are those of a collapsed space.
struct ts_copy_space {
  long long length[$rank], to[$rank], from[$rank];
};

extern "C" __global__ void copy($index n, char *__restrict__ to, const char *__restrict__ from,
                                const ts_copy_space space)
{
  const $index step = ($index)gridDim.x * blockDim.x;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    $index left = i;
    long long into = 0, out_of = 0;
#pragma unroll
    for (int d = $rank - 1; d >= 0; d--) {
      const $index length = ($index)space.length[d], rest = d ? left % length : left;
      left = d ? left / length : 0;
      into += rest * space.to[d];
      out_of += rest * space.from[d];
    }
    *($type *)(to + into) = *(const $type *)(from + out_of);
  }
}
