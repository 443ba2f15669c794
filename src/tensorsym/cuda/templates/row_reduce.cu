// The $what over the $warps warps that share a row; each thread gets the same bits. To be called
// once in a kernel: nothing waits for the parts to be read.
static __device__ __forceinline__ $wide $function($wide mine)
{
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    const $wide other = __shfl_xor_sync(0xffffffffu, mine, lanes);
    mine = $combined;
  }
#if $warps > 1
  __shared__ $wide parts[$warps];
  if (threadIdx.x % 32 == 0)
    parts[threadIdx.x / 32] = mine;
  __syncthreads();
  mine = parts[0];
  for (int warp = 1; warp < $warps; warp++) {
    const $wide other = parts[warp];
    mine = $combined;
  }
#endif
  return mine;
}
