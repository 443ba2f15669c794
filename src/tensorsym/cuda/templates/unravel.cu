// The index along one dimension of positions in a tensor: position / step % length.
extern "C" __global__ void unravel(long long n, const long long *__restrict__ positions,
                                   long long *__restrict__ out, long long step, long long length)
{
  const long long stride = (long long)gridDim.x * blockDim.x;
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride)
    out[i] = positions[i] / step % length;
}
