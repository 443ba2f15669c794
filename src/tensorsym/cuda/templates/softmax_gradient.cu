// (dy - sum(dy * sm)) * sm of rows; rows are shared and kept as those of the softmax.
$reductions
extern "C" __global__ void __launch_bounds__($threads, 1)
    softmax_gradient(long long rows, long long n, $store *__restrict__ out,
                     const $store *__restrict__ dy, const $store *__restrict__ sm)
{
  const long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows)
    return;
  const $store *__restrict__ g = dy + row * n, *__restrict__ x = sm + row * n;
  $store *__restrict__ y = out + row * n;
  $keep
  $wide total = 0;
  $each
    total += $weighted;
  total = row_sum(total);
  $each {
    const $wide value = $weighted - total * $value;
    y[column] = $stored;
  }
}
