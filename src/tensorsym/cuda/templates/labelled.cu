// A matrix of which the labelled column of each row differs from the others.
extern "C" __global__ void labelled($index n, long long columns, $store *__restrict__ out,
                                    const $store *__restrict__ dy, const $store *__restrict__ x,
                                    const long long *__restrict__ labels)
{
  const $index step = ($index)gridDim.x * blockDim.x;
  for ($index i = ($index)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    const long long row = i / ($index)columns, column = i % ($index)columns;
    const bool chosen = column == labels[row];
    const $wide g = $g, element = $element, value = $value;
    out[i] = $stored;
  }
}
