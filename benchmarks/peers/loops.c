/* The plain loops that libraries are compared with, as somebody would write them by hand. Every
 * function takes a number of elements and of repetitions, or rows and columns. */
#include <math.h>
#include <string.h>

#define LOOP(NAME, T, EXPRESSION)                                                                  \
  void NAME(long n, long repeats, const T *restrict a, const T *restrict b, T *restrict out)       \
  {                                                                                                \
    for (long r = 0; r < repeats; r++) {                                                           \
      for (long i = 0; i < n; i++)                                                                 \
        out[i] = EXPRESSION;                                                                       \
      __asm__ volatile("" ::: "memory"); /* each repetition is done */                             \
    }                                                                                              \
  }

#define FOLD(NAME, T, START, STEP, END)                                                            \
  void NAME(long n, long repeats, const T *restrict a, const T *restrict b, T *restrict out)       \
  {                                                                                                \
    for (long r = 0; r < repeats; r++) {                                                           \
      T s = START;                                                                                 \
      for (long i = 0; i < n; i++)                                                                 \
        s = STEP;                                                                                  \
      *out = END;                                                                                  \
      __asm__ volatile("" ::: "memory");                                                           \
    }                                                                                              \
  }

#define ALONG_ROWS(NAME, T, START, STEP)                                                           \
  void NAME(long rows, long cols, const T *restrict a, T *restrict out)                            \
  {                                                                                                \
    for (long row = 0; row < rows; row++, a += cols) {                                             \
      T s = START;                                                                                 \
      for (long i = 0; i < cols; i++)                                                              \
        s = STEP;                                                                                  \
      out[row] = s;                                                                                \
    }                                                                                              \
  }

#define DOWN_COLUMNS(NAME, T, STEP)                                                                \
  void NAME(long rows, long cols, const T *restrict a, T *restrict out)                            \
  {                                                                                                \
    memcpy(out, a, cols * sizeof(T));                                                              \
    for (long row = 1; row < rows; row++) {                                                        \
      a += cols;                                                                                   \
      for (long i = 0; i < cols; i++) {                                                            \
        const T s = out[i];                                                                        \
        out[i] = STEP;                                                                             \
      }                                                                                            \
    }                                                                                              \
  }

#define LARGER(x, y) ((x) > (y) ? (x) : (y))

#define ALL(T, S, EXP, TANH, LOG, LOG1P)                                                           \
  LOOP(add1_##S, T, a[i] + 1)                                                                      \
  LOOP(axby_##S, T, 2 * a[i] + 3 * b[i])                                                           \
  LOOP(triad_##S, T, a[i] + 3 * b[i])                                                              \
  LOOP(square_##S, T, a[i] * a[i] + b[i] * b[i] + 2 * a[i] * b[i])                                 \
  static inline T tenth_##S(T x)                                                                   \
  {                                                                                                \
    const T square = x * x, fourth = square * square;                                              \
    return fourth * fourth * square;                                                               \
  }                                                                                                \
  LOOP(power_##S, T, 2 * a[i] + tenth_##S(b[i]))                                                   \
  LOOP(chain_##S, T, EXP(-(a[i] - b[i]) * (a[i] - b[i]) / 2) * TANH(a[i]) + LOG1P(EXP(b[i])))      \
  FOLD(sum_##S, T, 0, s + a[i], s)                                                                 \
  FOLD(max_##S, T, a[0], LARGER(a[i], s), s)                                                       \
  FOLD(sqdiff_##S, T, 0, s + (a[i] - b[i]) * (a[i] - b[i]), s / n)                                 \
  ALONG_ROWS(sum1_##S, T, 0, s + a[i])                                                             \
  ALONG_ROWS(max1_##S, T, a[0], LARGER(a[i], s))                                                   \
  DOWN_COLUMNS(sum0_##S, T, s + a[i])                                                              \
  DOWN_COLUMNS(max0_##S, T, LARGER(a[i], s))                                                       \
  void logsumexp1_##S(long rows, long cols, const T *restrict a, T *restrict out)                  \
  {                                                                                                \
    for (long row = 0; row < rows; row++, a += cols) {                                             \
      T largest = a[0], s = 0;                                                                     \
      for (long i = 0; i < cols; i++)                                                              \
        largest = LARGER(a[i], largest);                                                           \
      for (long i = 0; i < cols; i++)                                                              \
        s += EXP(a[i] - largest);                                                                  \
      out[row] = largest + LOG(s);                                                                 \
    }                                                                                              \
  }                                                                                                \
  void softmax1_##S(long rows, long cols, const T *restrict a, T *restrict out)                    \
  {                                                                                                \
    for (long row = 0; row < rows; row++, a += cols, out += cols) {                                \
      T largest = a[0], s = 0;                                                                     \
      for (long i = 0; i < cols; i++)                                                              \
        largest = LARGER(a[i], largest);                                                           \
      for (long i = 0; i < cols; i++)                                                              \
        s += out[i] = EXP(a[i] - largest);                                                         \
      const T scale = 1 / s;                                                                       \
      for (long i = 0; i < cols; i++)                                                              \
        out[i] *= scale;                                                                           \
    }                                                                                              \
  }

ALL(double, float64, exp, tanh, log, log1p)
ALL(float, float32, expf, tanhf, logf, log1pf)

void copy(long bytes, long repeats, const char *restrict a, const char *unused, char *restrict out)
{
  for (long r = 0; r < repeats; r++) {
    memcpy(out, a, bytes);
    __asm__ volatile("" ::: "memory");
  }
}
