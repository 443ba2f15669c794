// Running $what along the middle of (outer, length, inner).
$step
// A thread for each of outer x inner: the order is that of the elements.
extern "C" __global__ void cumulate_columns(long long columns, long long length, long long inner,
                                            int reverse, $store *__restrict__ out,
                                            const $store *__restrict__ x)
{
  const long long stride = (long long)gridDim.x * blockDim.x;
  for (long long c = (long long)blockIdx.x * blockDim.x + threadIdx.x; c < columns; c += stride) {
    const long long start = c / inner * length * inner + c % inner;
    $wide running = $neutral;
    for (long long k = 0; k < length; k++) {
      const long long i = start + (reverse ? length - 1 - k : k) * inner;
      running = combined(running, $value);
      out[i] = $stored;
    }
  }
}

// A block for each row: 256 elements at once, by doubling distances, after the sum so far.
extern "C" __global__ void __launch_bounds__(256)
    cumulate_rows(long long rows, long long length, int reverse, $store *__restrict__ out,
                  const $store *__restrict__ x)
{
  __shared__ $wide warps[8];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const long long start = blockIdx.x * length;
  $wide before = $neutral;
  for (long long first = 0; first < length; first += 256) {
    const long long k = first + threadIdx.x;
    const long long i = start + (reverse ? length - 1 - k : k);
    $wide running = k < length ? ($wide)($value) : ($wide)$neutral;
    for (int distance = 1; distance < 32; distance *= 2) {
      const $wide left = __shfl_up_sync(0xffffffffu, running, distance);
      if (lane >= distance)
        running = combined(left, running);
    }
    if (lane == 31)
      warps[warp] = running;
    __syncthreads();
    $wide ahead = before;
    for (int w = 0; w < 8; w++) {
      if (w < warp)
        ahead = combined(ahead, warps[w]);
      before = combined(before, warps[w]);
    }
    running = combined(ahead, running);
    if (k < length)
      out[i] = $stored;
    __syncthreads();
  }
}
