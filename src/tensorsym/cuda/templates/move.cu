// Elements at any strides, in bytes, put at any strides; $effect.
// Along dimension $named (none if negative) `places` says where to read.
struct ts_move_space {
  long long length[$rank], to[$rank], from[$rank];
};

extern "C" __global__ void move($index n, char *__restrict__ to, const char *__restrict__ from,
                                const long long *__restrict__ places, const ts_move_space space)
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
      out_of += d == $named ? places[rest] : rest * space.from[d];
    }
    $store *target = ($store *)(to + into);
    const $kept *source = (const $kept *)(from + out_of);
    const $wide x = $loaded;
    $there
    *target = $stored;
  }
}
