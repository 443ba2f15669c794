// Of scores + biases per row: -log(softmax) of the labelled column, the softmax, and the column
// that is largest: the first of equal ones, the first NaN before all.
$reductions
static __device__ __forceinline__ bool before($wide one, int of_one, $wide other, int of_other)
{
  const bool same = one == other || (one != one && other != other);
  return same ? of_one < of_other : one > other || one != one;
}

// One block at least for each processor: of double, a higher aim makes registers spill.
extern "C" __global__ void __launch_bounds__($threads, 1)
    crossentropy(long long rows, long long n, $store *__restrict__ loss, $store *__restrict__ out,
                 $label *__restrict__ chosen, const $store *__restrict__ scores,
                 const $store *__restrict__ biases, const long long *__restrict__ labels)
{
  const long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows)
    return;
  const $store *__restrict__ x = scores + row * n;
  $store *__restrict__ y = out + row * n;
  $keep
  $wide largest = $lowest;
  int place = 0x7fffffff;
  $each {
    const $wide value = $value;
    if (place == 0x7fffffff || before(value, (int)column, largest, place)) {
      largest = value;
      place = (int)column;
    }
  }
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    const $wide other = __shfl_xor_sync(0xffffffffu, largest, lanes);
    const int at = __shfl_xor_sync(0xffffffffu, place, lanes);
    if (at != 0x7fffffff && (place == 0x7fffffff || before(other, at, largest, place))) {
      largest = other;
      place = at;
    }
  }
#if $warps > 1
  __shared__ $wide values[$warps];
  __shared__ int places[$warps];
  if (threadIdx.x % 32 == 0) {
    values[threadIdx.x / 32] = largest;
    places[threadIdx.x / 32] = place;
  }
  __syncthreads();
  for (int warp = 0; warp < $warps; warp++) {
    const $wide other = values[warp];
    const int at = places[warp];
    if (at != 0x7fffffff && (place == 0x7fffffff || before(other, at, largest, place))) {
      largest = other;
      place = at;
    }
  }
#endif
  $wide total = 0;
  $each
    total += ts_exp_$suffix($value - largest);
  total = row_sum(total);
  const long long label = labels[row];
  $each {
    const $wide shifted = $value - largest, value = ts_exp_$suffix(shifted) / total;
    y[column] = $stored;
    if (column == label) {
      const $wide value = ts_log_$suffix(total) - shifted;
      loss[row] = $stored;
    }
  }
  if (threadIdx.x == 0)
    chosen[row] = ($label)place;
}
