// Rows put at places that may repeat; $effect.
// Every place has one owner among the groups of threads, who walks all places in their order: sums
// have a fixed order, and of several values the last one stays. A row's columns have a thread each.
struct ts_scatter_space {
  long long columns, groups, row; // groups is a power of two; row: bytes from row to row
  long long length[$rank], to[$rank], from[$rank];
};

extern "C" __global__ void __launch_bounds__(256)
    scatter($index count, char *__restrict__ to, const char *__restrict__ from,
            const long long *__restrict__ places, const ts_scatter_space space)
{
  __shared__ long long place[256];
  __shared__ unsigned int owner[256];
  const unsigned int thread = threadIdx.y * blockDim.x + threadIdx.x;
  const unsigned int mine = blockIdx.y * blockDim.y + threadIdx.y;
  const long long column = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  long long left = column, into = 0, out_of = 0;
#pragma unroll
  for (int d = $rank - 1; d >= 0; d--) {
    const long long position = d ? left % space.length[d] : left;
    left = d ? left / space.length[d] : 0;
    into += position * space.to[d];
    out_of += position * space.from[d];
  }
  for ($index first = 0; first < count; first += 256) {
    __syncthreads();
    if (first + ($index)thread < count) {
      const long long found = places[first + ($index)thread];
      place[thread] = found;
      // Multiplying by an odd number spreads equal steps over the groups (Knuth, 6.4).
      owner[thread] = ((unsigned int)(found ^ found >> 32) * 2654435761u >> 8) &
                      (unsigned int)(space.groups - 1);
    }
    __syncthreads();
    const int here = count - first < 256 ? (int)(count - first) : 256;
    for (int k = 0; k < here && column < space.columns; k++) {
      if (owner[k] != mine)
        continue;
      $type *target = ($type *)(to + place[k] + into);
      const $type *source = (const $type *)(from + (first + k) * space.row + out_of);
      const $wide x = $loaded;
      $there
      *target = $stored;
    }
  }
}
