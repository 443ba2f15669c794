/* z + alpha x y' in one pass over memory. BLAS's ger changes a matrix in place: where the sum is
 * another matrix, z is copied first, and a matrix larger than the cache is moved twice. */
#ifndef TS_OUTER_H
#define TS_OUTER_H

#include <stddef.h>

/* `out` has rows of n elements; it may be z. Elements of x and rows of z have any distance. */
#define TS_ADD_OUTER(name, real)                                                            \
  static void name(ptrdiff_t m, ptrdiff_t n, real alpha, const real *x, ptrdiff_t by,       \
                   const real *y, const real *z, ptrdiff_t row, real *out)                  \
  {                                                                                         \
    for (ptrdiff_t i = 0; i < m; i++, x += by, z += row, out += n) {                        \
      const real factor = alpha * *x;                                                       \
      _Pragma("GCC ivdep")                                                                  \
      for (ptrdiff_t j = 0; j < n; j++)                                                     \
        out[j] = z[j] + factor * y[j];                                                      \
    }                                                                                       \
  }

TS_ADD_OUTER(ts_add_outer_f32, float)
TS_ADD_OUTER(ts_add_outer_f64, double)

#endif
