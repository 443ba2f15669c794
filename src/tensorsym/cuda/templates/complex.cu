// Complex numbers as NumPy computes them.
template <typename T> struct ts_complex {
  T re, im;
};
typedef ts_complex<float> ts_c64;
typedef ts_complex<double> ts_c128;

template <typename T> TSI ts_complex<T> ts_make(T re, T im)
{
  ts_complex<T> z = {re, im};
  return z;
}
template <typename T> TSI ts_complex<T> operator+(ts_complex<T> x, ts_complex<T> y)
{
  return ts_make<T>(x.re + y.re, x.im + y.im);
}
template <typename T> TSI ts_complex<T> operator-(ts_complex<T> x, ts_complex<T> y)
{
  return ts_make<T>(x.re - y.re, x.im - y.im);
}
template <typename T> TSI ts_complex<T> operator-(ts_complex<T> x)
{
  return ts_make<T>(-x.re, -x.im);
}
template <typename T> TSI ts_complex<T> operator*(ts_complex<T> x, ts_complex<T> y)
{
  return ts_make<T>(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re);
}
// Smith's division: the larger part of the divisor is taken out first.
template <typename T> TSI ts_complex<T> operator/(ts_complex<T> x, ts_complex<T> y)
{
  const T re = y.re < 0 ? -y.re : y.re, im = y.im < 0 ? -y.im : y.im;
  if (re >= im) {
    if (re == 0 && im == 0)
      return ts_make<T>(x.re / re, x.im / re);
    const T ratio = y.im / y.re, scale = 1 / (y.re + y.im * ratio);
    return ts_make<T>((x.re + x.im * ratio) * scale, (x.im - x.re * ratio) * scale);
  }
  const T ratio = y.re / y.im, scale = 1 / (y.im + y.re * ratio);
  return ts_make<T>((x.re * ratio + x.im) * scale, (x.im * ratio - x.re) * scale);
}
template <typename T> TSI bool operator==(ts_complex<T> x, ts_complex<T> y)
{
  return x.re == y.re && x.im == y.im;
}
template <typename T> TSI bool operator!=(ts_complex<T> x, ts_complex<T> y) { return !(x == y); }

template <typename T> TSI T ts_magnitude(ts_complex<T> z) { return hypot(z.re, z.im); }
// A one changes nothing in a product, not even an infinity.
template <typename T> TSI ts_complex<T> ts_product(ts_complex<T> x, ts_complex<T> y)
{
  if (x.re == 1 && x.im == 0)
    return y;
  return y.re == 1 && y.im == 0 ? x : x * y;
}
template <typename T> TSI ts_complex<T> ts_down(ts_complex<T> x, int by)
{
  return ts_make<T>(__shfl_down_sync(0xffffffffu, x.re, by), __shfl_down_sync(0xffffffffu, x.im, by));
}
