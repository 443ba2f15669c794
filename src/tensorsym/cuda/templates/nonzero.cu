// The positions of elements that are not 0, in order: each block counts those of its chunk, then
// writes them behind those of the blocks before it.
extern "C" __global__ void __launch_bounds__(256)
    nonzero_count(long long n, long long chunk, const $type *__restrict__ x,
                  long long *__restrict__ counts)
{
  const long long first = blockIdx.x * chunk, last = first + chunk < n ? first + chunk : n;
  long long found = 0;
  for (long long i = first; i < last; i += blockDim.x) {
    const long long mine = i + threadIdx.x;
    found += __syncthreads_count(mine < last && ($holds));
  }
  if (threadIdx.x == 0)
    counts[blockIdx.x] = found;
}

extern "C" __global__ void __launch_bounds__(256)
    nonzero_write(long long n, long long chunk, const $type *__restrict__ x,
                  const long long *__restrict__ counts, long long *__restrict__ positions)
{
  __shared__ int before[8];
  const long long first = blockIdx.x * chunk, last = first + chunk < n ? first + chunk : n;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  long long next = 0;
  for (unsigned int b = 0; b < blockIdx.x; b++)
    next += counts[b];
  for (long long i = first; i < last; i += blockDim.x) {
    const long long mine = i + threadIdx.x;
    const int holds = mine < last && ($holds);
    const unsigned int found = __ballot_sync(0xffffffffu, holds);
    if (lane == 0)
      before[warp] = __popc(found);
    __syncthreads();
    int ahead = __popc(found & ((1u << lane) - 1)), all = 0;
    for (int w = 0; w < 8; w++) {
      ahead += w < warp ? before[w] : 0;
      all += before[w];
    }
    if (holds)
      positions[next + ahead] = mine;
    next += all;
    __syncthreads();
  }
}
