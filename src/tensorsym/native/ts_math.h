/* Elementary functions of float and double, in a form that compilers turn into vector code.
 *
 * Straight lines of arithmetic and selects: no tables in the fast paths, no branches, no libm. With
 * FMA (x86 levels v3 and v4, ARM) the results are the same bits at every vector width; without it
 * the last digits may differ. Errors are below 2.5 ulp over the whole range: at most 1.9 was found
 * with FMA, 2.4 without (tanh), in 10^6 random arguments. Special values are NumPy's;
 * tests/native/test_math.py measures both.
 *
 * Sources: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980), for the
 * argument reductions. The coefficients of erf were fitted with mpmath (chebyfit, 50 digits); those
 * of log, sin and cos are from FreeBSD's msun: Copyright (C) 1993 by Sun Microsystems, Inc. All
 * rights reserved. Permission to use, copy, modify, and distribute this software is freely granted,
 * provided that this notice is preserved.
 */
#ifndef TS_MATH_H
#define TS_MATH_H

#include "ts_types.h"

/* Rounding: adding and taking away 2^52 rounds to an integer, halves to even. The sign of zero is
 * kept. */
#define TS_ROUNDING(S, T, SUFFIX, TWO_M)                                                           \
  TSI T ts_abs_##S(T x) { return __builtin_fabs##SUFFIX(x); }                                      \
  TSI T ts_copysign_##S(T x, T y) { return __builtin_copysign##SUFFIX(x, y); }                     \
  TSI T ts_sqrt_##S(T x) { return __builtin_sqrt##SUFFIX(x); }                                     \
  TSI T ts_rint_##S(T x)                                                                           \
  {                                                                                                \
    T a = ts_abs_##S(x), r = (a + TWO_M) - TWO_M;                                                  \
    return ts_copysign_##S(a < TWO_M ? r : a, x);                                                  \
  }                                                                                                \
  TSI T ts_floor_##S(T x) { T r = ts_rint_##S(x); return ts_copysign_##S(r > x ? r - 1 : r, x); }  \
  TSI T ts_ceil_##S(T x) { T r = ts_rint_##S(x); return ts_copysign_##S(r < x ? r + 1 : r, x); }   \
  TSI T ts_trunc_##S(T x) { return ts_copysign_##S(ts_floor_##S(ts_abs_##S(x)), x); }

TS_ROUNDING(f64, ts_f64, , 0x1p52)
TS_ROUNDING(f32, ts_f32, f, 0x1p23f)

/* Halves away from zero: what is added is the largest number below one half, so that 0.5 less an
 * ulp stays 0. */
TSI ts_f64 ts_round_half_away_f64(ts_f64 x)
{
  return ts_trunc_f64(x + ts_copysign_f64(0x1.fffffffffffffp-2, x));
}
TSI ts_f32 ts_round_half_away_f32(ts_f32 x)
{
  return ts_trunc_f32(x + ts_copysign_f32(0x1.fffffep-2f, x));
}

/* ---- double: the exponential family ---- */

#define TS_LOG2E 0x1.71547652b82fep+0
#define TS_SHIFTER 0x1.8p52
/* With the bias of two scales, or of one, in the low bits already. */
#define TS_SHIFTER_TWO (TS_SHIFTER + 2046.)
#define TS_SHIFTER_ONE (TS_SHIFTER + 1023.)
/* ln 2 in two parts. Without FMA k * high must be exact: eleven zero bits at its end. */
#if TS_HAS_FMA
#define TS_LN2_HIGH 0x1.62e42fefa39efp-1
#define TS_LN2_LOW 0x1.abc9e3b39803fp-56
#else
#define TS_LN2_HIGH 0x1.62e42fefa3800p-1
#define TS_LN2_LOW 0x1.ef35793c76730p-45
#endif

/* exp(r) - 1 for |r| <= ln(2)/2: r + r^2 times a polynomial, off by 2^-56 (tools/fit.py exp 9). */
TSI ts_f64 ts_expm1_core_f64(ts_f64 r)
{
  ts_f64 r2 = r * r, r4 = r2 * r2;
  ts_f64 a = TS_FMA(r, 0x1.5555555555556p-3, 0.5);
  ts_f64 b = TS_FMA(r, 0x1.11111111109b5p-7, 0x1.5555555553d68p-5);
  ts_f64 c = TS_FMA(r, 0x1.a01a01a7c2efep-13, 0x1.6c16c17889ef1p-10);
  ts_f64 d = TS_FMA(r, 0x1.71de0db2f6b19p-19, 0x1.a019b9149a41cp-16);
  ts_f64 e = TS_FMA(r, 0x1.af389ecfc4b9cp-26, 0x1.28917c89a43a7p-22);
  ts_f64 low = TS_FMA(b, r2, a), high = TS_FMA(d, r2, c);
  return TS_FMA(TS_FMA(TS_FMA(e, r4, high), r4, low), r2, r);
}
/* 2^k as two factors, each a normal number for -2100 < k < 2040, so that overflow and underflow
 * happen in one product. */
typedef struct { ts_f64 first, second; } ts_scale_f64;
TSI ts_scale_f64 ts_scale_of_f64(ts_f64 shifted)
{
  ts_u64 k = ts_bits_f64(shifted), half = k >> 1; /* what else the bits hold is shifted out */
  ts_scale_f64 s = {ts_from_bits_f64(half << 52), ts_from_bits_f64((k - half) << 52)};
  return s;
}
/* exp(x + low) for |low| far below |x|. The clamps let NaN through. */
TSI ts_f64 ts_exp_sum_f64(ts_f64 x, ts_f64 low)
{
  ts_f64 shifted = TS_FMA(x, TS_LOG2E, TS_SHIFTER_TWO), k = shifted - TS_SHIFTER_TWO;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, x)) + low;
  ts_scale_f64 s = ts_scale_of_f64(shifted);
  return TS_FMA(ts_expm1_core_f64(r), s.first, s.first) * s.second;
}
TSI ts_f64 ts_clamp_f64(ts_f64 x, ts_f64 low, ts_f64 high)
{
  ts_f64 y = x < low ? low : x;
  return y > high ? high : y;
}
TSI ts_f64 ts_exp_f64(ts_f64 x)
{
  ts_f64 y = ts_clamp_f64(x, -750., 710.);
  ts_f64 shifted = TS_FMA(y, TS_LOG2E, TS_SHIFTER_TWO), k = shifted - TS_SHIFTER_TWO;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, y));
  ts_scale_f64 s = ts_scale_of_f64(shifted);
  return TS_FMA(ts_expm1_core_f64(r), s.first, s.first) * s.second;
}
TSI ts_f64 ts_exp2_f64(ts_f64 x)
{
  ts_f64 y = ts_clamp_f64(x, -1100., 1025.);
  ts_f64 shifted = y + TS_SHIFTER_TWO, part = y - (shifted - TS_SHIFTER_TWO);
  ts_f64 r = TS_FMA(part, TS_LN2_HIGH, part * TS_LN2_LOW);
  ts_scale_f64 s = ts_scale_of_f64(shifted);
  return TS_FMA(ts_expm1_core_f64(r), s.first, s.first) * s.second;
}
/* (e^r - 1) 2^k + (2^k - 1), with the second scale taken out of both terms. */
TSI ts_f64 ts_expm1_f64(ts_f64 x)
{
  ts_f64 y = ts_clamp_f64(x, -45., 710.);
  ts_f64 shifted = TS_FMA(y, TS_LOG2E, TS_SHIFTER_TWO), k = shifted - TS_SHIFTER_TWO;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, y));
  ts_scale_f64 s = ts_scale_of_f64(shifted);
  /* 1 / second, exactly: */
  ts_f64 one = ts_from_bits_f64(0x7fe0000000000000ULL - ts_bits_f64(s.second));
  ts_f64 value = TS_FMA(ts_expm1_core_f64(r), s.first, s.first - one) * s.second;
  return x == 0 ? x : value; /* -0.0 */
}
/* x / (y + y_low) with little more than one rounding: sigmoid and tanh have no ulp to give away. */
TSI ts_f64 ts_quotient_f64(ts_f64 x, ts_f64 y, ts_f64 y_low)
{
#if TS_HAS_FMA
  ts_f64 inverse = 1. / y, q = x * inverse, rest = TS_FMA(-q, y, x) - q * y_low;
  return TS_FMA(rest, inverse, q);
#else
  return x / (y + y_low);
#endif
}
TSI ts_f64 ts_sigmoid_f64(ts_f64 x)
{
  ts_f64 e = ts_exp_f64(-ts_abs_f64(x)), u = 1. + e;
  return ts_quotient_f64(x < 0 ? e : 1., u, e - (u - 1.));
}
/* With e = exp(2|x|) - 1: tanh = e / (e + 2). It is 1 to the last bit from 20 on. */
TSI ts_f64 ts_tanh_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), y = a > 20. ? 20. : a;
  y += y;
  ts_f64 shifted = TS_FMA(y, TS_LOG2E, TS_SHIFTER_ONE), k = shifted - TS_SHIFTER_ONE;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, y));
  ts_f64 scale = ts_from_bits_f64(ts_bits_f64(shifted) << 52);
  ts_f64 e = TS_FMA(scale, ts_expm1_core_f64(r), scale - 1.);
  ts_f64 u = e + 2.;
  return ts_copysign_f64(ts_quotient_f64(e, u, e - (u - 2.)), x);
}

/* ---- double: the logarithms ---- */

#define TS_LN2_A 6.93147180369123816490e-01 /* 33 bits: k times it is exact */
#define TS_LN2_B 1.90821492927058770002e-10

/* x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); s, h and R are msun's: log(1 + f) = f - h + s
 * (h + R). */
typedef struct { ts_f64 k, f, s, h, R; } ts_log_f64_parts;
TSI ts_log_f64_parts ts_log_split_f64(ts_f64 x, ts_f64 k0)
{
  ts_u64 bits = ts_bits_f64(x), exponent = (bits - 0x3fe6a09e667f3bcdULL + (1023ULL << 52)) >> 52;
  ts_log_f64_parts p;
  p.k = ts_from_bits_f64(0x4330000000000000ULL | exponent) - (0x1p52 + 1023.) - k0;
  p.f = ts_from_bits_f64(bits - (exponent << 52) + (1023ULL << 52)) - 1.;
  p.s = p.f / (2. + p.f);
  p.h = 0.5 * p.f * p.f;
  ts_f64 z = p.s * p.s, w = z * z;
  ts_f64 odd = TS_FMA(w, TS_FMA(w, 1.531383769920937332e-01, 2.222219843214978396e-01),
                      3.999999999940941908e-01);
  ts_f64 even = TS_FMA(w, TS_FMA(w, TS_FMA(w, 1.479819860511658591e-01, 1.818357216161805012e-01),
                                 2.857142874366239149e-01), 6.666666666666735130e-01);
  p.R = w * odd + z * even;
  return p;
}
TSI ts_f64 ts_log_special_f64(ts_f64 x, ts_f64 value)
{
  value = x > 0x1.fffffffffffffp+1023 ? x : value;
  value = x == 0 ? -ts_inf_f64() : value;
  value = x < 0 ? ts_nan_f64() : value;
  return x != x ? x : value;
}
TSI ts_f64 ts_log_sum_f64(ts_f64 x, ts_f64 low, ts_f64 k0)
{
  ts_log_f64_parts p = ts_log_split_f64(x, k0);
  return TS_FMA(p.s, p.h + p.R, TS_FMA(p.k, TS_LN2_B, low)) - p.h + p.f + p.k * TS_LN2_A;
}
TSI ts_f64 ts_log_f64(ts_f64 x)
{
  int tiny = x < 0x1p-1022;
  return ts_log_special_f64(x, ts_log_sum_f64(tiny ? x * 0x1p54 : x, 0., tiny ? 54. : 0.));
}
/* log(u) + (what rounding took from u = 1 + x) / u. */
TSI ts_f64 ts_log1p_f64(ts_f64 x)
{
  ts_f64 u = 1. + x, lost = u >= 2. ? 1. - (u - x) : x - (u - 1.);
  ts_f64 value = ts_log_sum_f64(u, lost / u, 0.);
  value = ts_abs_f64(x) < 0x1p-53 ? x : value;
  value = x > 0x1.fffffffffffffp+1023 ? x : value;
  value = x == -1. ? -ts_inf_f64() : value;
  value = x < -1. ? ts_nan_f64() : value;
  return x != x ? x : value;
}
/* log(1 + f) as a high part of 20 bits and the rest, times 1/ln(base) in two parts; k joins
 * exactly. */
TSI ts_f64 ts_log_base_f64(ts_f64 x, ts_f64 inverse_high, ts_f64 inverse_low, ts_f64 k_high,
                           ts_f64 k_low)
{
  int tiny = x < 0x1p-1022;
  ts_log_f64_parts p = ts_log_split_f64(tiny ? x * 0x1p54 : x, tiny ? 54. : 0.);
  ts_f64 high = ts_from_bits_f64(ts_bits_f64(p.f - p.h) & 0xffffffff00000000ULL);
  ts_f64 low = (p.f - high) - p.h + p.s * (p.h + p.R);
  ts_f64 main = high * inverse_high, whole = p.k * k_high, sum = whole + main;
  ts_f64 rest = p.k * k_low + (low + high) * inverse_low + low * inverse_high;
  return ts_log_special_f64(x, rest + ((whole - sum) + main) + sum);
}
TSI ts_f64 ts_log2_f64(ts_f64 x)
{
  return ts_log_base_f64(x, 1.44269504072144627571e+00, 1.67517131648865118353e-10, 1., 0.);
}
TSI ts_f64 ts_log10_f64(ts_f64 x)
{
  return ts_log_base_f64(x, 4.34294481878168880939e-01, 2.50829467116452752298e-11,
                         3.01029995663611771306e-01, 3.69423907715893078616e-13);
}
/* log(1 + f) for 0 <= f <= 1: the same series without a power of 2 to take out (tools/fit.py log1p
 * 9; 2^-57). */
TSI ts_f64 ts_log1p_unit_f64(ts_f64 f)
{
  ts_f64 s = f / (2. + f), h = 0.5 * f * f, z = s * s, w = z * z, v = w * w;
  ts_f64 a = TS_FMA(z, 0x1.999999999a3ddp-2, 0x1.5555555555555p-1);
  ts_f64 b = TS_FMA(z, 0x1.c71c727143318p-3, 0x1.24924923d44c6p-2);
  ts_f64 c = TS_FMA(z, 0x1.3b18b294bebf9p-3, 0x1.745cf0b0e03bdp-3);
  ts_f64 d = TS_FMA(z, 0x1.eb905e8575054p-4, 0x1.10ac75dc602b1p-3);
  ts_f64 e = TS_FMA(z, 0x1.4b0a26c5f2aefp-3, 0x1.687a6e7c95176p-4);
  ts_f64 low = TS_FMA(b, w, a), high = TS_FMA(d, w, c);
  ts_f64 q = TS_FMA(TS_FMA(e, v, high), v, low);
  return f - (h - s * TS_FMA(z, q, h));
}
/* max(x, 0) + log(1 + e^-|x|). */
TSI ts_f64 ts_softplus_f64(ts_f64 x)
{
  return ts_log1p_unit_f64(ts_exp_f64(-ts_abs_f64(x))) + (x < 0 ? 0. : x);
}

/* ---- double: pow, by a logarithm of about 64 good bits ---- */

typedef struct { ts_f64 high, low; } ts_pair;
TSI ts_pair ts_two_product(ts_f64 x, ts_f64 y)
{
  ts_pair p;
  p.high = x * y;
#if TS_HAS_FMA
  p.low = TS_FMA(x, y, -p.high);
#else /* Dekker: halves of 26 bits, whose products are exact */
  ts_f64 xs = x * 134217729., xh = xs - (xs - x), xl = x - xh;
  ts_f64 ys = y * 134217729., yh = ys - (ys - y), yl = y - yh;
  p.low = ((xh * yh - p.high) + xh * yl + xl * yh) + xl * yl;
#endif
  return p;
}
TSI ts_pair ts_fast_two_sum(ts_f64 x, ts_f64 y) /* |x| >= |y| or x == 0 */
{
  ts_pair p;
  p.high = x + y;
  p.low = y - (p.high - x);
  return p;
}
/* log(x) = k ln 2 + 2 (s + s^3/3 + s^5/5 + ...), s = f / (2 + f); the first two terms carry both
 * halves of a pair. */
TSI ts_pair ts_log_pair_f64(ts_f64 x)
{
  int tiny = x < 0x1p-1022;
  ts_u64 bits = ts_bits_f64(tiny ? x * 0x1p54 : x);
  ts_u64 exponent = (bits - 0x3fe6a09e667f3bcdULL + (1023ULL << 52)) >> 52;
  ts_f64 k = ts_from_bits_f64(0x4330000000000000ULL | exponent) - (0x1p52 + 1023.);
  k -= tiny ? 54. : 0.;
  ts_f64 f = ts_from_bits_f64(bits - (exponent << 52) + (1023ULL << 52)) - 1.;
  ts_f64 d = 2. + f, d_low = f - (d - 2.), s = f / d;
  ts_pair sd = ts_two_product(s, d);
  ts_f64 s_low = (((f - sd.high) - sd.low) - s * d_low) / d;
  ts_pair z = ts_two_product(s, s);
  z.low += 2. * s * s_low;
  ts_f64 w = z.high; /* w^2 / 5 + w^3 / 7 + ...: below 0.03, its bits last 60 below the sum */
  ts_f64 tail = TS_FMA(w, TS_FMA(w, TS_FMA(w, 1. / 25, 1. / 23), 1. / 21), 1. / 19);
  tail = TS_FMA(w, TS_FMA(w, TS_FMA(w, tail, 1. / 17), 1. / 15), 1. / 13);
  tail = TS_FMA(w, TS_FMA(w, TS_FMA(w, tail, 1. / 11), 1. / 9), 1. / 7);
  tail = w * w * tail * w + w * w * (1. / 5);
  ts_pair third = ts_two_product(w, 0x1.5555555555555p-2);
  third.low += z.low * 0x1.5555555555555p-2 + w * 0x1.5555555555555p-56;
  ts_pair q = ts_fast_two_sum(third.high, tail);
  q.low += third.low;
  ts_pair p = ts_two_product(s, q.high);
  p.low += s * q.low + s_low * q.high;
  ts_pair sum = ts_fast_two_sum(s, p.high);
  sum.low += s_low + p.low;
  ts_pair total = ts_fast_two_sum(k * TS_LN2_A, 2. * sum.high);
  total.low += 2. * sum.low + k * TS_LN2_B;
  ts_pair result = ts_fast_two_sum(total.high, total.low);
  result.low += k * 0x1.cc01f97b57a08p-87; /* ln 2 - A - B */
  return result;
}
TSI ts_f64 ts_pow_f64(ts_f64 x, ts_f64 y)
{
  const ts_f64 inf = ts_inf_f64();
  ts_f64 a = ts_abs_f64(x), e = ts_clamp_f64(y, -1e20, 1e20);
  ts_pair l = ts_log_pair_f64(a);
  ts_pair p = ts_two_product(e, l.high);
  ts_f64 main = ts_clamp_f64(p.high, -760., 712.);
  ts_f64 low = main == p.high ? p.low + e * l.low : 0.;
  ts_f64 value = ts_exp_sum_f64(main, low);
  value = a == 0 ? (y < 0 ? inf : 0.) : value;
  value = a == inf ? (y < 0 ? 0. : inf) : value;
  int whole = ts_rint_f64(y) == y;
  int odd = whole & (ts_rint_f64(0.5 * y) != 0.5 * y);
  ts_f64 signed_value = odd ? ts_copysign_f64(value, x) : value;
  signed_value = (x < 0) & !whole & (a != inf) ? ts_nan_f64() : signed_value;
  signed_value = (x != x) | (y != y) ? x + y : signed_value;
  return (x == 1) | (y == 0) ? 1. : signed_value;
}

/* ---- double: sine and cosine ---- */

#define TS_TRIG_NEAR 1e6 /* k pi/2 in three parts is good to 2^-99 below it */
typedef struct { ts_f64 high, low; ts_u64 quadrant; } ts_angle;
typedef unsigned __int128 ts_u128;

TSI ts_angle ts_reduce_near(ts_f64 x)
{
  ts_f64 shifted = x * 6.36619772367581382433e-01 + TS_SHIFTER, k = shifted - TS_SHIFTER;
  ts_f64 first = x - k * 1.57079632673412561417e+00; /* 33 bits: exact */
  ts_f64 second = k * 6.07710050630396597660e-11, difference = first - second;
  ts_f64 back = difference - first, lost = (first - (difference - back)) - (second + back);
  ts_f64 third = k * 2.02226624879595063154e-21;
  ts_angle angle;
  angle.high = difference - third;
  angle.low = ((difference - angle.high) - third) + lost;
  angle.quadrant = ts_bits_f64(shifted);
  return angle;
}
TSI ts_f64 ts_sin_core(ts_f64 x, ts_f64 low)
{
  ts_f64 z = x * x;
  ts_f64 r = TS_FMA(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08);
  r = TS_FMA(z, TS_FMA(z, r, 2.75573137070700676789e-06), -1.98412698298579493134e-04);
  r = TS_FMA(z, r, 8.33333333332248946124e-03);
  ts_f64 v = z * x;
  return x - ((z * (0.5 * low - v * r) - low) - v * -1.66666666666666324348e-01);
}
TSI ts_f64 ts_cos_core(ts_f64 x, ts_f64 low)
{
  ts_f64 z = x * x, h = 0.5 * z, w = 1. - h;
  ts_f64 r = TS_FMA(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09);
  r = TS_FMA(z, TS_FMA(z, r, -2.75573143513906633035e-07), 2.48015872894767294178e-05);
  r = z * TS_FMA(z, TS_FMA(z, r, -1.38888888888741095749e-03), 4.16666666666666019037e-02);
  return w + (((1. - w) - h) + (z * r - x * low));
}
TSI ts_f64 ts_sin_of(ts_angle a, ts_u64 turn)
{
  ts_f64 s = ts_sin_core(a.high, a.low), c = ts_cos_core(a.high, a.low);
  ts_u64 q = a.quadrant + turn;
  return ts_from_bits_f64(ts_bits_f64(q & 1 ? c : s) ^ ((q & 2) << 62));
}
TSI ts_f64 ts_sin_near_f64(ts_f64 x)
{
  ts_f64 value = ts_sin_of(ts_reduce_near(x), 0);
  return x == 0 ? x : value;
}
TSI ts_f64 ts_cos_near_f64(ts_f64 x) { return ts_sin_of(ts_reduce_near(x), 1); }
TSI ts_b ts_trig_far_f64(ts_f64 x) { return !(ts_abs_f64(x) <= TS_TRIG_NEAR); }

/* Payne and Hanek (1983): x times the 192 bits of 2/pi that matter, in integers. Not vectorized:
 * such angles are rare. */
static __attribute__((noinline, unused)) ts_angle ts_reduce_far(ts_f64 x)
{
  static const ts_u64 two_over_pi[21] = {
    0, 0xa2f9836e4e441529ULL, 0xfc2757d1f534ddc0ULL, 0xdb6295993c439041ULL, 0xfe5163abdebbc561ULL,
    0xb7246e3a424dd2e0ULL, 0x06492eea09d1921cULL, 0xfe1deb1cb129a73eULL, 0xe88235f52ebb4484ULL,
    0xe99c7026b45f7e41ULL, 0x3991d639835339f4ULL, 0x9c845f8bbdf9283bULL, 0x1ff897ffde05980fULL,
    0xef2f118b5a0a6d1fULL, 0x6d367ecf27cb09b7ULL, 0x4f463f669e5fea2dULL, 0x7527bac7ebe5f17bULL,
    0x3d0739f78a5292eaULL, 0x6bfb5fb11f8d5d08ULL, 0x56033046fc7b6babULL, 0xf0cfbc209af4361dULL};
  ts_u64 bits = ts_bits_f64(ts_abs_f64(x)), m = (bits & ((1ULL << 52) - 1)) | (1ULL << 52);
  /* |x| = m 2^e. Bits of 2/pi of a weight above 2^(2 - e) give whole turns: the window begins
   * behind them. */
  int start = (int)(bits >> 52) - 1075 - 2 + 64, word = start >> 6, shift = start & 63;
  ts_u64 w[3];
  for (int i = 0; i < 3; i++) {
    w[i] = two_over_pi[word + i] << shift;
    w[i] |= shift ? two_over_pi[word + i + 1] >> (64 - shift) : 0;
  }
  ts_u128 low = (ts_u128)m * w[2], middle = (ts_u128)m * w[1] + (ts_u64)(low >> 64);
  ts_u128 value = ((ts_u128)(m * w[0]) << 64) + middle; /* quadrant in two bits, fraction */
  ts_angle angle;
  angle.quadrant = (ts_u64)(value >> 126);
  value <<= 2;
  int negative = (int)(value >> 127); /* nearer to the next quadrant */
  angle.quadrant += negative;
  value = negative ? -value : value;
  ts_f64 high = (ts_f64)(ts_u64)(value >> 64 >> 11 << 11) * 0x1p-64;
  ts_f64 rest = (ts_f64)((ts_u64)(value >> 64) & 2047) + (ts_f64)(ts_u64)value * 0x1p-64;
  rest *= 0x1p-64;
  ts_pair p = ts_two_product(high, 0x1.921fb54442d18p+0);
  p.low += high * 0x1.1a62633145c07p-54 + rest * 0x1.921fb54442d18p+0;
  ts_f64 sign = negative ? -1. : 1.;
  angle.high = (p.high + p.low) * sign;
  angle.low = (p.low - (p.high + p.low - p.high)) * sign;
  return angle;
}
static __attribute__((noinline, unused)) ts_f64 ts_sin_far_f64(ts_f64 x)
{
  if (x - x != 0)
    return ts_nan_f64();
  ts_f64 value = ts_sin_of(ts_reduce_far(x), 0);
  return x < 0 ? -value : value;
}
static __attribute__((noinline, unused)) ts_f64 ts_cos_far_f64(ts_f64 x)
{
  return x - x != 0 ? ts_nan_f64() : ts_sin_of(ts_reduce_far(x), 1);
}
TSI ts_f64 ts_sin_f64(ts_f64 x)
{
  return ts_trig_far_f64(x) ? ts_sin_far_f64(x) : ts_sin_near_f64(x);
}
TSI ts_f64 ts_cos_f64(ts_f64 x)
{
  return ts_trig_far_f64(x) ? ts_cos_far_f64(x) : ts_cos_near_f64(x);
}

/* ---- double: the error function ---- */

/* Below 1 erf(x) is x + x p, p a polynomial of x^2 whose first coefficient is 2/sqrt(pi) - 1. */
TSI ts_f64 ts_erf_series(ts_f64 x)
{
  ts_f64 z = x * x;
  ts_f64 p = TS_FMA(0x1.05ffd737fb32ep-34, z, -0x1.389d4f2641625p-30);
  p = TS_FMA(p, z, 0x1.f7b4bf3b13964p-27); p = TS_FMA(p, z, -0x1.5f1ecb6f0764cp-23);
  p = TS_FMA(p, z, 0x1.b9df224ca4b97p-20); p = TS_FMA(p, z, -0x1.f4d1e3183f7aep-17);
  p = TS_FMA(p, z, 0x1.f9a321d5b8e1ep-14); p = TS_FMA(p, z, -0x1.c02db3dac435fp-11);
  p = TS_FMA(p, z, 0x1.565bcd0dbaa38p-8); p = TS_FMA(p, z, -0x1.b82ce31284e00p-6);
  p = TS_FMA(p, z, 0x1.ce2f21a042b30p-4); p = TS_FMA(p, z, -0x1.812746b0379e6p-2);
  p = TS_FMA(p, z, 0x1.06eba8214db69p-3);
  return p;
}
/* From 1 on: exp(x^2) (1 - erf(x)), a polynomial of w = (x - 3) / (x + 3). */
TSI ts_f64 ts_erfcx_core(ts_f64 x)
{
  ts_f64 w = (x - 3.) / (x + 3.);
  ts_f64 p = TS_FMA(0x1.57a5fe2b9b75ep-20, w, 0x1.0f9a79cee3e31p-19);
  p = TS_FMA(p, w, -0x1.0cb4611cc29f6p-17); p = TS_FMA(p, w, -0x1.af2329d757293p-17);
  p = TS_FMA(p, w, 0x1.0cb1db32e0c9fp-14); p = TS_FMA(p, w, 0x1.7b9fc8eb630e9p-15);
  p = TS_FMA(p, w, -0x1.39085a31b18abp-11); p = TS_FMA(p, w, 0x1.73101ea8fe252p-11);
  p = TS_FMA(p, w, 0x1.17c838fea5806p-8); p = TS_FMA(p, w, -0x1.8fa58eb5bd68fp-6);
  p = TS_FMA(p, w, 0x1.258b13b0139fep-4); p = TS_FMA(p, w, -0x1.336ffbef08cbbp-3);
  p = TS_FMA(p, w, 0x1.f6ff20410599bp-3); p = TS_FMA(p, w, -0x1.4e102b9cf8512p-2);
  p = TS_FMA(p, w, 0x1.6e9827d229d2dp-3);
  return p;
}
TSI ts_f64 ts_erf_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), b = a > 6. ? 6. : a;
  ts_f64 far = 1. - ts_exp_f64(-b * b) * ts_erfcx_core(b), near = TS_FMA(x, ts_erf_series(x), x);
  far = x != x ? x : ts_copysign_f64(far, x);
  return a < 1. ? near : far;
}

#include "ts_math_inverse.h"
#include "ts_math_f32.h"

#endif
