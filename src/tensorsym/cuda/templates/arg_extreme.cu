// The place of the $what element along the middle of (outer, length, inner): the first of equal
// ones, the first NaN before all. Lanes of a group share one result and step through the length;
// the order of comparing does not matter. With `found` the elements are results of parts, whose
// places are listed.
static __device__ __forceinline__ bool ahead($wide one, long long of_one, $wide other,
                                             long long of_other)
{
  if (of_one < 0 || of_other < 0) // a lane that had no element
    return of_one >= 0;
  const bool same = one == other || (one != one && other != other);
  return same ? of_one < of_other : one $better other || one != one;
}

extern "C" __global__ void __launch_bounds__(256)
    arg_extreme(long long results, long long length, long long inner, long long chunk, int lanes,
                int along, $store *__restrict__ best, long long *__restrict__ place, const $store *__restrict__ x, const long long *__restrict__ found)
{
  __shared__ $wide values[256];
  __shared__ long long places[256];
  // Neighbours in x are neighbouring lanes where inner is 1, and neighbouring groups elsewhere.
  const int groups = 256 / lanes;
  const int lane = along ? threadIdx.x % lanes : threadIdx.x / groups;
  const int group = along ? threadIdx.x / lanes : threadIdx.x % groups;
  const long long result = (long long)blockIdx.x * groups + group;
  const long long first = blockIdx.y * chunk;
  const long long last = first + chunk < length ? first + chunk : length;
  $wide mine = 0;
  long long at = -1;
  if (result < results) {
    const long long outer = result / inner, offset = result % inner;
    for (long long k = first + lane; k < last; k += lanes) {
      const long long i = (outer * length + k) * inner + offset;
      const $wide value = $value;
      const long long here = $place;
      if (ahead(value, here, mine, at)) {
        mine = value;
        at = here;
      }
    }
  }
  values[threadIdx.x] = mine;
  places[threadIdx.x] = at;
  __syncthreads();
  for (int half = lanes / 2; half > 0; half /= 2) {
    const int other = along ? threadIdx.x + half : threadIdx.x + half * groups;
    if (lane < half &&
        ahead(values[other], places[other], values[threadIdx.x], places[threadIdx.x])) {
      values[threadIdx.x] = values[other];
      places[threadIdx.x] = places[other];
    }
    __syncthreads();
  }
  if (lane == 0 && result < results) {
    place[result * gridDim.y + blockIdx.y] = places[threadIdx.x];
    $keep
  }
}
