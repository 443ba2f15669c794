// How often each outcome comes: a thread for each row of probabilities. The bounds
// are summed in double, from the first outcome on, so that the draws are those of the CPU.
extern "C" __global__ void multinomial(long long rows, long long outcomes, long long draws,
                                       $count *__restrict__ counts,
                                       const $store *__restrict__ probabilities,
                                       const $unit *__restrict__ numbers)
{
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x; row < rows; row += step) {
    const $store *p = probabilities + row * outcomes;
    $count *found = counts + row * outcomes;
    for (long long draw = 0; draw < draws; draw++) {
      const double number = (double)$number;
      double bound = 0;
      for (long long k = 0; k < outcomes; k++) {
        bound += (double)$probability;
        if (bound > number) {
          found[k] = $increased;
          break;
        }
      }
    }
  }
}

// Which outcomes come. `rest` is a copy of the probabilities that this may change: without
// replacement what was drawn has probability 0 from then on, and the others are divided by their
// sum.
extern "C" __global__ void choice(long long rows, long long outcomes, long long draws,
                                  int replaces, $count *__restrict__ chosen,
                                  $store *__restrict__ rest, const $unit *__restrict__ numbers)
{
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x; row < rows; row += step) {
    $store *p = rest + row * outcomes;
    for (long long draw = 0; draw < draws; draw++) {
      const double number = (double)$number;
      double bound = 0;
      long long found = -1;
      for (long long k = 0; k < outcomes && found < 0; k++) {
        bound += (double)$probability;
        found = bound > number ? k : -1;
      }
      chosen[row * draws + draw] = $found;
      if (replaces || found < 0)
        continue;
      p[found] = $nothing;
      double total = 0;
      for (long long k = 0; k < outcomes; k++)
        total += (double)$probability;
      for (long long k = 0; k < outcomes; k++) {
        const double x = (double)$probability / total;
        p[k] = $divided;
      }
    }
  }
}
