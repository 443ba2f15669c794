// As many elements as one access of 16 bytes moves.
template <typename T, int WIDTH> struct __align__(sizeof(T) * WIDTH) ts_pack {
  T item[WIDTH];
};
template <typename T> TSI T ts_down(T x, int by)
{
  return (T)__shfl_down_sync(0xffffffffu, x, by);
}
