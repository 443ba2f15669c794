// Where the elements lie that arrays of integers name together, in bytes from the first: `places`,
// one per position of the arrays' common shape. What is out of range counts as 0, and its block
// says so in `bad`.
struct ts_index_space {
  long long shape[$rank], stride[$count][$rank]; // strides in bytes
  long long length[$count], step[$count];        // of the dimension that each array names places in
};

extern "C" __global__ void indices($index n, long long *__restrict__ places,
                                   int *__restrict__ bad, const ts_index_space space, $arrays)
{
  const $index stride = ($index)gridDim.x * blockDim.x;
  int wrong = 0;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) {
    $index left = i;
    long long at[$count] = {}, place = 0;
#pragma unroll
    for (int d = $rank - 1; d >= 0; d--) {
      const $index length = ($index)space.shape[d], position = d ? left % length : left;
      left = d ? left / length : 0;
#pragma unroll
      for (int k = 0; k < $count; k++)
        at[k] += position * space.stride[k][d];
    }
    const long long value[$count] = {$values};
    int outside = 0;
#pragma unroll
    for (int k = 0; k < $count; k++) {
      const long long length = space.length[k];
      const long long from_front = value[k] < 0 && $wraps ? value[k] + length : value[k];
      outside |= from_front < 0 || from_front >= length;
      place += from_front * space.step[k];
    }
    places[i] = outside ? 0 : place;
    wrong |= outside;
  }
  wrong = __syncthreads_or(wrong);
  if (threadIdx.x == 0)
    bad[blockIdx.x] = wrong;
}
