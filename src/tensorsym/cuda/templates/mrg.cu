// Numbers of MRG31k3p: a thread for each stream, whose numbers lie `streams` apart. The arithmetic
// is that of language/mrg.py, and so are the bits.
extern "C" __global__ void mrg(long long streams, long long count, $store *__restrict__ out,
                               int *__restrict__ after, const int *__restrict__ states)
{
  const long long stream = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (stream >= streams)
    return;
  const int *state = states + 6 * stream;
  long long a1 = state[0], a2 = state[1], a3 = state[2];
  long long b1 = state[3], b2 = state[4], b3 = state[5];
  for (long long i = stream; i < count; i += streams) {
    const long long a = (a2 * 4194304 + a3 * 129) % 2147483647;
    const long long b = (b1 * 32768 + b3 * 32769) % 2147462579;
    a3 = a2, a2 = a1, a1 = a;
    b3 = b2, b2 = b1, b1 = b;
    const long long number = a - b <= 0 ? a - b + 2147483647 : a - b;
    out[i] = $stored;
  }
  int *next = after + 6 * stream;
  next[0] = (int)a1, next[1] = (int)a2, next[2] = (int)a3;
  next[3] = (int)b1, next[4] = (int)b2, next[5] = (int)b3;
}
