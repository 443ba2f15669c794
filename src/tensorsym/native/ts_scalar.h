/* Total scalar arithmetic: every function is defined for every input, and nothing traps.
 *
 * One name per operation and dtype, ts_<op>_<suffix>; suffixes are b (bool), i8..i64, u8..u64, f32,
 * f64. The corners:
 *
 *   integer x // 0 and x % 0       0 (as NumPy, without its warning)
 *   integer INT_MIN // -1          INT_MIN (wraps), INT_MIN % -1 = 0, |INT_MIN| = INT_MIN
 *   // and %                       round down; the remainder has the divisor's sign
 *   shift by < 0 or >= the width   all bits are shifted out: 0, or -1 for a negative x >> y
 *   integer x ** y, y < 0          the real power truncated: 1 for x = 1, +-1 for x = -1, else 0
 *   float to integer               truncates; NaN gives 0, a value out of range the nearest bound
 *   anything to bool               x != 0, so NaN is true
 *   integer to narrower integer    wraps
 *   max, min                       a NaN operand gives NaN; -0.0 is less than 0.0
 *   sgn                            NaN of NaN, 0.0 of -0.0
 *
 * Compile with -fwrapv -ffp-contract=off: signed overflow wraps, and a*b + c is two roundings.
 */
#ifndef TS_SCALAR_H
#define TS_SCALAR_H

#include "ts_math.h"

/* What every dtype has. `ts_eq` and friends take C's usual comparisons, false for NaN (but !=). */
#define TS_ANY(S, T)                                                                               \
  TSI ts_b ts_not_##S(T x) { return x == 0; }                                                      \
  TSI ts_b ts_land_##S(T x, T y) { return (x != 0) & (y != 0); }                                   \
  TSI ts_b ts_lor_##S(T x, T y) { return (x != 0) | (y != 0); }                                    \
  TSI ts_b ts_lxor_##S(T x, T y) { return (x != 0) ^ (y != 0); }                                   \
  TSI T ts_switch_##S(ts_b c, T x, T y) { return c ? x : y; }                                      \
  TSI T ts_clip_##S(T x, T low, T high) { return x < low ? low : (x > high ? high : x); }

#define TS_ORDERED(S, T)                                                                           \
  TSI T ts_max_##S(T x, T y) { return x > y ? x : y; }                                             \
  TSI T ts_min_##S(T x, T y) { return x < y ? x : y; }                                             \
  TS_ANY(S, T)

/* What signed (U its unsigned twin) and unsigned integers share. */
#define TS_INTEGER(S, T, U, BITS)                                                                  \
  TS_ORDERED(S, T)                                                                                 \
  TSI T ts_neg_##S(T x) { return (T)(U)(0 - (U)x); }                                               \
  TSI T ts_invert_##S(T x) { return (T)~x; }                                               \
  TSI T ts_shl_##S(T x, T y)                                                                       \
  {                                                                                                \
    return (ts_u64)y < BITS ? (T)(U)((ts_u64)(U)x << ((ts_u64)y & 63)) : 0;                        \
  }                                                                                                \
  TSI T ts_shr_##S(T x, T y)                                                                       \
  {                                                                                                \
    T none = (T)-1 < 0 && x < 0 ? (T)-1 : 0; /* what is left when every bit is gone */             \
    return (ts_u64)y < BITS ? (T)(x >> ((int)y & (BITS - 1))) : none;                              \
  }                                                                                                \
  TSI T ts_pow_##S(T x, T y)                                                                       \
  {                                                                                                \
    U base = (U)x, power = 1;                                                                      \
    if (y < 0)                                                                                     \
      return x == 1 ? 1 : (x == (T)-1 ? ((y & 1) ? (T)-1 : 1) : 0);                                \
    for (U n = (U)y; n; n >>= 1) {                                                                 \
      power = (n & 1) ? (U)(1ULL * power * base) : power;                                          \
      base = (U)(1ULL * base * base);                                                              \
    }                                                                                              \
    return (T)power;                                                                               \
  }

#define TS_SIGNED(S, T, U, BITS)                                                                   \
  TS_INTEGER(S, T, U, BITS)                                                                        \
  TSI T ts_abs_##S(T x) { return x < 0 ? ts_neg_##S(x) : x; }                                      \
  TSI T ts_sgn_##S(T x) { return (T)((x > 0) - (x < 0)); }                                         \
  TSI T ts_floor_div_##S(T x, T y)                                                                 \
  {                                                                                                \
    T safe = (y == 0) | (y == -1) ? 1 : y; /* 0 and -1 are the two divisors that trap */           \
    T quotient = x / safe, rest = x % safe;                                                        \
    quotient = (T)(quotient - ((rest != 0) & ((rest < 0) != (safe < 0))));                         \
    return y == 0 ? 0 : (y == -1 ? ts_neg_##S(x) : quotient);                                      \
  }                                                                                                \
  TSI T ts_mod_##S(T x, T y)                                                                       \
  {                                                                                                \
    T safe = (y == 0) | (y == -1) ? 1 : y;                                                         \
    T rest = x % safe;                                                                             \
    return (T)(rest + (((rest != 0) & ((rest < 0) != (safe < 0))) ? safe : 0));                    \
  }

#define TS_UNSIGNED(S, T, BITS)                                                                    \
  TS_INTEGER(S, T, T, BITS)                                                                        \
  TSI T ts_abs_##S(T x) { return x; }                                                              \
  TSI T ts_sgn_##S(T x) { return x != 0; }                                                         \
  TSI T ts_floor_div_##S(T x, T y) { T safe = y ? y : 1; return y ? (T)(x / safe) : 0; }           \
  TSI T ts_mod_##S(T x, T y) { T safe = y ? y : 1; return y ? (T)(x % safe) : 0; }

TS_ORDERED(b, ts_b)
TSI ts_b ts_invert_b(ts_b x) { return !x; }
TS_SIGNED(i8, ts_i8, ts_u8, 8)
TS_SIGNED(i16, ts_i16, ts_u16, 16)
TS_SIGNED(i32, ts_i32, ts_u32, 32)
TS_SIGNED(i64, ts_i64, ts_u64, 64)
TS_UNSIGNED(u8, ts_u8, 8)
TS_UNSIGNED(u16, ts_u16, 16)
TS_UNSIGNED(u32, ts_u32, 32)
TS_UNSIGNED(u64, ts_u64, 64)

/* The comparison alone returns y for a NaN and for equal operands. These differ only as zeros do:
 * AND keeps a sign bit that both have, OR one that either has. */
#define TS_FLOAT(S, T, U)                                                                          \
  TSI T ts_max_##S(T x, T y)                                                                       \
  {                                                                                                \
    T same = ts_from_bits_##S(ts_bits_##S(x) & ts_bits_##S(y)), more = x > y ? x : y;              \
    return x != x ? x : (x == y ? same : more);                                                    \
  }                                                                                                \
  TSI T ts_min_##S(T x, T y)                                                                       \
  {                                                                                                \
    T same = ts_from_bits_##S(ts_bits_##S(x) | ts_bits_##S(y)), less = x < y ? x : y;              \
    return x != x ? x : (x == y ? same : less);                                                    \
  }                                                                                                \
  TS_ANY(S, T)                                                                                     \
  TSI T ts_sgn_##S(T x) { return x > 0 ? 1 : (x < 0 ? -1 : (x == 0 ? 0 : x)); }                    \
  TSI ts_b ts_isnan_##S(T x) { return x != x; }                                                    \
  TSI ts_b ts_isinf_##S(T x) { return (x - x != x - x) & (x == x); }

TS_FLOAT(f32, ts_f32, ts_u32)
TS_FLOAT(f64, ts_f64, ts_u64)

/* The exact remainder of |x| / |y| with the sign of x, as C's fmod: long division, eleven quotient
 * bits at a time. */
TSI ts_f64 ts_fmod_f64(ts_f64 x, ts_f64 y)
{
  const ts_u64 sign = 1ULL << 63, hidden = 1ULL << 52;
  ts_u64 bx = ts_bits_f64(x) & ~sign, by = ts_bits_f64(y) & ~sign;
  if (by == 0 || bx >= 0x7ffULL << 52 || by > 0x7ffULL << 52)
    return ts_nan_f64();
  if (bx < by)
    return x;
  int ex = (int)(bx >> 52), ey = (int)(by >> 52);
  ts_u64 mx = (bx & (hidden - 1)) | (ex ? hidden : 0), my = (by & (hidden - 1)) | (ey ? hidden : 0);
  ex += ex == 0;
  ey += ey == 0;
  mx %= my;
  for (int left = ex - ey; left > 0 && mx != 0; left -= 11)
    mx = (mx << (left < 11 ? left : 11)) % my;
  if (mx == 0)
    return ts_from_bits_f64(ts_bits_f64(x) & sign);
  int up = __builtin_clzll(mx) - 11;
  up = up < ey - 1 ? up : ey - 1; /* a subnormal rest keeps the smallest exponent */
  mx <<= up;
  ey -= up;
  ts_u64 bits = mx & hidden ? ((ts_u64)ey << 52) | (mx & (hidden - 1)) : mx;
  return ts_from_bits_f64(bits | (ts_bits_f64(x) & sign));
}
TSI ts_f64 ts_mod_f64(ts_f64 x, ts_f64 y)
{
  ts_f64 rest = ts_fmod_f64(x, y);
  if (rest == 0)
    return __builtin_copysign(0.0, y);
  return (y < 0) != (rest < 0) ? rest + y : rest;
}
/* The quotient of x less its remainder: x == (x // y) * y + x % y as nearly as can be. */
TSI ts_f64 ts_floor_div_f64(ts_f64 x, ts_f64 y)
{
  if (y == 0)
    return x / y;
  ts_f64 rest = ts_fmod_f64(x, y), quotient = (x - rest) / y;
  if (rest != 0 && (y < 0) != (rest < 0))
    quotient -= 1;
  if (quotient == 0)
    return __builtin_copysign(0.0, x / y);
  ts_f64 whole = ts_floor_f64(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}
/* A remainder of floats is a float: double precision changes no bit of %, and makes // the rounded
 * exact answer. */
TSI ts_f32 ts_mod_f32(ts_f32 x, ts_f32 y)
{
  ts_f64 rest = ts_fmod_f64(x, y);
  if (rest == 0)
    return __builtin_copysignf(0.0f, y);
  return (y < 0) != (rest < 0) ? (ts_f32)rest + y : (ts_f32)rest;
}
TSI ts_f32 ts_floor_div_f32(ts_f32 x, ts_f32 y) { return (ts_f32)ts_floor_div_f64(x, y); }

/* Casts. From integers and bool C's own conversions are total; to bool they ask x != 0. */
#define TS_CAST(F, FT, S, T) TSI T ts_cast_##F##_##S(FT x) { return (T)x; }
#define TS_CAST_BOOL(F, FT) TSI ts_b ts_cast_##F##_b(FT x) { return x != 0; }
/* LOW is the bound below, HIGH the first value that is too large, both exact in F. The clamped
 * operand of C's conversion is in range for every x, NaN included, so that no lane of a vector ever
 * sees an undefined one. */
#define TS_CAST_ROUND(F, FT, S, T, LOW, HIGH, MIN, MAX)                                            \
  TSI T ts_cast_##F##_##S(FT x)                                                                    \
  {                                                                                                \
    FT safe = (x >= LOW) & (x < HIGH) ? x : 0;                                                     \
    return x >= HIGH ? MAX : (x < LOW ? MIN : (T)safe);                                            \
  }
#define TS_CAST_WIDTHS(F, FT)                                                                      \
  TS_CAST(F, FT, i8, ts_i8) TS_CAST(F, FT, i16, ts_i16) TS_CAST(F, FT, i32, ts_i32)                \
  TS_CAST(F, FT, i64, ts_i64) TS_CAST(F, FT, u8, ts_u8) TS_CAST(F, FT, u16, ts_u16)                \
  TS_CAST(F, FT, u32, ts_u32) TS_CAST(F, FT, u64, ts_u64)
#define TS_CAST_FROM_FLOAT(F, FT)                                                                  \
  TS_CAST_ROUND(F, FT, i8, ts_i8, -128, 128, -128, 127)                                            \
  TS_CAST_ROUND(F, FT, i16, ts_i16, -32768, 32768, -32768, 32767)                                  \
  TS_CAST_ROUND(F, FT, i32, ts_i32, -2147483648.0f, 2147483648.0f, (-2147483647 - 1), 2147483647)  \
  TS_CAST_ROUND(F, FT, i64, ts_i64, -0x1p63f, 0x1p63f, (-0x7fffffffffffffffLL - 1),                \
                0x7fffffffffffffffLL)                                                              \
  TS_CAST_ROUND(F, FT, u8, ts_u8, 0, 256, 0, 255)                                                  \
  TS_CAST_ROUND(F, FT, u16, ts_u16, 0, 65536, 0, 65535)                                            \
  TS_CAST_ROUND(F, FT, u32, ts_u32, 0, 4294967296.0f, 0, 4294967295u)                              \
  TS_CAST_ROUND(F, FT, u64, ts_u64, 0, 0x1p64f, 0, 0xffffffffffffffffULL)
#define TS_CAST_REST(F, FT)                                                                        \
  TS_CAST(F, FT, f32, ts_f32) TS_CAST(F, FT, f64, ts_f64) TS_CAST_BOOL(F, FT)

TS_CAST_WIDTHS(b, ts_b) TS_CAST_REST(b, ts_b)
TS_CAST_WIDTHS(i8, ts_i8) TS_CAST_REST(i8, ts_i8)
TS_CAST_WIDTHS(i16, ts_i16) TS_CAST_REST(i16, ts_i16)
TS_CAST_WIDTHS(i32, ts_i32) TS_CAST_REST(i32, ts_i32)
TS_CAST_WIDTHS(i64, ts_i64) TS_CAST_REST(i64, ts_i64)
TS_CAST_WIDTHS(u8, ts_u8) TS_CAST_REST(u8, ts_u8)
TS_CAST_WIDTHS(u16, ts_u16) TS_CAST_REST(u16, ts_u16)
TS_CAST_WIDTHS(u32, ts_u32) TS_CAST_REST(u32, ts_u32)
TS_CAST_WIDTHS(u64, ts_u64) TS_CAST_REST(u64, ts_u64)
TS_CAST_FROM_FLOAT(f32, ts_f32) TS_CAST_REST(f32, ts_f32)
TS_CAST_FROM_FLOAT(f64, ts_f64) TS_CAST_REST(f64, ts_f64)

#endif
