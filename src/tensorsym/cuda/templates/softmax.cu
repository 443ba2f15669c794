// $op of rows. A row is shared by $warps warps, and read once if its elements fit in registers,
// $kept for each thread; with $kept = 0 it is read again from the caches instead.
$reductions
extern "C" __global__ void __launch_bounds__($threads, 1)
    softmax(long long rows, long long n, $store *__restrict__ out, const $store *__restrict__ in)
{
  const long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows) // whole warps leave; several warps have the whole block
    return;
  const $store *__restrict__ x = in + row * n;
  $store *__restrict__ y = out + row * n;
  $keep
  $wide largest = $lowest;
  $each {
    const $wide value = $value;
    largest = value > largest ? value : largest;
  }
  largest = row_max(largest);
  $wide total = 0;
  $each
    total += ts_exp_$suffix($value - largest);
  total = row_sum(total);
  $prepared
  $each {
    const $wide value = $value - largest;
    y[column] = $stored;
  }
}
