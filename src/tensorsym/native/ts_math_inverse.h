/* Elementary functions of double that are made of those in ts_math.h: the hyperbolic ones, the
 * tangent, the inverses, and the complementary error function. Errors are below 2.5 ulp: at most
 * 2.2 was found with FMA (tan), 2.48 without (erfc); tests/native/test_math.py measures them. The
 * polynomials are Chebyshev's fits (tools/fit.py). */
#ifndef TS_MATH_INVERSE_H
#define TS_MATH_INVERSE_H

/* ---- double: hyperbolic functions and their inverses ---- */

/* exp(x) / 2, without overflow where only the double is too large. */
TSI ts_f64 ts_half_exp_f64(ts_f64 x)
{
  ts_f64 y = ts_clamp_f64(x, -750., 711.);
  ts_f64 shifted = TS_FMA(y, TS_LOG2E, TS_SHIFTER_TWO), k = shifted - TS_SHIFTER_TWO;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, y));
  ts_scale_f64 s = ts_scale_of_f64(shifted);
  s.first *= 0.5;
  return TS_FMA(ts_expm1_core_f64(r), s.first, s.first) * s.second;
}
/* Below 1: x + x z p, z = x^2 (tools/fit.py sinh 6). */
TSI ts_f64 ts_sinh_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), h = ts_half_exp_f64(a), far = h - 0.25 / h, z = x * x;
  ts_f64 p = TS_FMA(0x1.b41232cf9950fp-41, z, 0x1.611cb330c1fe8p-33);
  p = TS_FMA(p, z, 0x1.ae6460fae3728p-26); p = TS_FMA(p, z, 0x1.71de3a4e14f40p-19);
  p = TS_FMA(p, z, 0x1.a01a01a01ee70p-13); p = TS_FMA(p, z, 0x1.11111111110fdp-7);
  p = TS_FMA(p, z, 0x1.5555555555555p-3);
  ts_f64 near = TS_FMA(x * z, p, x);
  return a < 1. ? near : ts_copysign_f64(far, x);
}
TSI ts_f64 ts_cosh_f64(ts_f64 x)
{
  ts_f64 h = ts_half_exp_f64(ts_abs_f64(x));
  return h + 0.25 / h;
}
TSI ts_pair ts_two_sum(ts_f64 x, ts_f64 y)
{
  ts_pair p;
  p.high = x + y;
  ts_f64 back = p.high - x;
  p.low = (x - (p.high - back)) + (y - back);
  return p;
}
/* The square root of a pair, as a pair. */
TSI ts_pair ts_sqrt_pair(ts_f64 high, ts_f64 low)
{
  ts_pair p;
  p.high = ts_sqrt_f64(high);
  ts_pair square = ts_two_product(p.high, p.high);
  ts_f64 rest = ((high - square.high) - square.low) + low;
  p.low = p.high == 0 ? 0. : rest / (2. * p.high);
  return p;
}
/* log(1 + x + low), x >= 0. */
TSI ts_f64 ts_log1p_pair_f64(ts_f64 x, ts_f64 low)
{
  ts_f64 u = 1. + x, lost = u >= 2. ? 1. - (u - x) : x - (u - 1.);
  ts_f64 value = ts_log_sum_f64(u, (lost + low) / u, 0.);
  return x < 0x1p-53 ? x : value;
}
/* log(1 + (a + sqrt(a^2 + 1) - 1)); for large a that is log(2 a). */
TSI ts_f64 ts_asinh_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), b = a > 0x1p28 ? 1. : a;
  ts_pair square = ts_two_product(b, b), sum = ts_two_sum(1., square.high);
  ts_pair root = ts_sqrt_pair(sum.high, sum.low + square.low);
  ts_pair y = ts_two_sum(root.high - 1., b);
  ts_f64 near = ts_log1p_pair_f64(y.high, y.low + root.low);
  ts_f64 far = ts_log_sum_f64(a, 0., -1.);
  far = a > 0x1.fffffffffffffp+1023 ? a : far;
  ts_f64 value = ts_copysign_f64(a > 0x1p28 ? far : near, x);
  return (x != x) | (a < 0x1p-28) ? x : value;
}
/* With t = x - 1: log(1 + (t + sqrt(t (2 + t)))). */
TSI ts_f64 ts_acosh_f64(ts_f64 x)
{
  ts_f64 b = x > 0x1p28 ? 2. : (x < 1. ? 1. : x), t = b - 1.;
  ts_pair square = ts_two_product(t, t), sum = ts_two_sum(2. * t, square.high);
  ts_pair root = ts_sqrt_pair(sum.high, sum.low + square.low);
  ts_pair y = ts_two_sum(root.high, t);
  ts_f64 near = ts_log1p_pair_f64(y.high, y.low + root.low);
  ts_f64 far = ts_log_sum_f64(x, 0., -1.);
  far = x > 0x1.fffffffffffffp+1023 ? x : far;
  ts_f64 value = x > 0x1p28 ? far : near;
  return x >= 1. ? value : ts_nan_f64();
}
/* log(1 + 2 a / (1 - a)) / 2. */
TSI ts_f64 ts_atanh_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), b = a < 1. ? a : 0., d = 1. - b, d_low = (1. - d) - b;
  ts_f64 q = 2. * b / d;
  ts_pair back = ts_two_product(q, d);
  ts_f64 low = (((2. * b - back.high) - back.low) - q * d_low) / d;
  ts_f64 value = 0.5 * ts_log1p_pair_f64(q, low);
  value = a == 1. ? ts_inf_f64() : (a < 1. ? value : ts_nan_f64());
  return a < 0x1p-28 ? x : ts_copysign_f64(value, x);
}

/* ---- double: tangent and the inverses of sine, cosine, tangent ---- */

TSI ts_f64 ts_tan_of(ts_angle a)
{
  ts_f64 s = ts_sin_core(a.high, a.low), c = ts_cos_core(a.high, a.low);
  return a.quadrant & 1 ? -c / s : s / c;
}
TSI ts_f64 ts_tan_near_f64(ts_f64 x)
{
  ts_f64 value = ts_tan_of(ts_reduce_near(x));
  return x == 0 ? x : value;
}
static __attribute__((noinline, unused)) ts_f64 ts_tan_far_f64(ts_f64 x)
{
  if (x - x != 0)
    return ts_nan_f64();
  ts_f64 value = ts_tan_of(ts_reduce_far(x));
  return x < 0 ? -value : value;
}
TSI ts_f64 ts_tan_f64(ts_f64 x)
{
  return ts_trig_far_f64(x) ? ts_tan_far_f64(x) : ts_tan_near_f64(x);
}

#define TS_HALF_PI 0x1.921fb54442d18p+0
#define TS_HALF_PI_LOW 0x1.1a62633145c07p-54

/* An angle of 0, 45 or 90 degrees, and the arctangent of t, |t| <= tan(pi/8): t + t z p, z = t^2
 * (tools/fit.py atan 10). Beyond 1e18 it is 90 degrees. */
TSI ts_f64 ts_atan_f64(ts_f64 x)
{
  ts_f64 a = ts_abs_f64(x), b = a > 1e18 ? 1e18 : a;
  int middle = b > 0.41421356237309503, far = b > 2.414213562373095;
  ts_f64 over = far ? -1. : (middle ? b - 1. : b);
  ts_f64 under = far ? b : (middle ? b + 1. : 1.);
  ts_f64 lost = far | !middle ? 0. : (b > 1. ? 1. - (under - b) : b - (under - 1.));
  ts_f64 t = ts_quotient_f64(over, under, lost), z = t * t;
  ts_f64 turn = far ? TS_HALF_PI : (middle ? 0.5 * TS_HALF_PI : 0.);
  ts_f64 turn_low = far ? TS_HALF_PI_LOW : (middle ? 0.5 * TS_HALF_PI_LOW : 0.);
  ts_f64 p = TS_FMA(-0x1.3a27dd63af0a7p-6, z, 0x1.415ebcba15fd3p-5);
  p = TS_FMA(p, z, -0x1.a09838b71a7cfp-5); p = TS_FMA(p, z, 0x1.dfe60585956a5p-5);
  p = TS_FMA(p, z, -0x1.10fa73c8057afp-4); p = TS_FMA(p, z, 0x1.3b1262bf324fdp-4);
  p = TS_FMA(p, z, -0x1.745d0b25982f3p-4); p = TS_FMA(p, z, 0x1.c71c71852a359p-4);
  p = TS_FMA(p, z, -0x1.2492492436016p-3); p = TS_FMA(p, z, 0x1.9999999999349p-3);
  p = TS_FMA(p, z, -0x1.5555555555555p-2);
  ts_f64 value = turn + (t + TS_FMA(t * z, p, turn_low));
  return x != x ? x : ts_copysign_f64(middle ? value : t + t * z * p, x);
}
/* Up to 1/2 the arcsine of a = |x|, beyond it that of a = sqrt((1 - |x|) / 2): a + rest, rest near
 * a z p, z = a^2 (tools/fit.py asin 12). */
typedef struct { ts_f64 a, rest; int far; } ts_asin_parts;
TSI ts_asin_parts ts_asin_split(ts_f64 x)
{
  ts_asin_parts v;
  ts_f64 b = ts_abs_f64(x);
  v.far = b > 0.5;
  ts_f64 half = 0.5 * (1. - b);
  ts_pair root = ts_sqrt_pair(v.far ? half : 1., 0.);
  ts_f64 z = v.far ? half : b * b;
  ts_f64 p = TS_FMA(0x1.d78189767524ep-6, z, -0x1.e7a24f548c99dp-7);
  p = TS_FMA(p, z, 0x1.1d661531b222ep-6); p = TS_FMA(p, z, 0x1.653a8f8cfd43dp-8);
  p = TS_FMA(p, z, 0x1.524ea8b3aad31p-7); p = TS_FMA(p, z, 0x1.78246f32d075cp-7);
  p = TS_FMA(p, z, 0x1.c9cf3759fd8ffp-7); p = TS_FMA(p, z, 0x1.1c4d343fa57f6p-6);
  p = TS_FMA(p, z, 0x1.6e8bb1d89492bp-6); p = TS_FMA(p, z, 0x1.f1c71c1d4aa0dp-6);
  p = TS_FMA(p, z, 0x1.6db6db6e3292ep-5); p = TS_FMA(p, z, 0x1.3333333332ec4p-4);
  p = TS_FMA(p, z, 0x1.5555555555556p-3);
  v.a = v.far ? root.high : b;
  v.rest = TS_FMA(v.a * z, p, v.far ? root.low : 0.);
  return v;
}
TSI ts_f64 ts_asin_f64(ts_f64 x)
{
  ts_asin_parts v = ts_asin_split(x);
  ts_pair turn = ts_fast_two_sum(TS_HALF_PI, -2. * v.a);
  ts_f64 far = turn.high + (turn.low + (TS_HALF_PI_LOW - 2. * v.rest));
  ts_f64 value = v.far ? far : v.a + v.rest;
  return ts_copysign_f64(value, x);
}
TSI ts_f64 ts_acos_f64(ts_f64 x)
{
  ts_asin_parts v = ts_asin_split(x);
  ts_f64 a = ts_copysign_f64(v.a, x), rest = ts_copysign_f64(v.rest, x);
  ts_pair quarter = ts_fast_two_sum(TS_HALF_PI, -a);
  ts_pair half = ts_fast_two_sum(2. * TS_HALF_PI, -2. * v.a);
  ts_f64 near = quarter.high + (quarter.low + (TS_HALF_PI_LOW - rest));
  ts_f64 left = half.high + (half.low + (2. * TS_HALF_PI_LOW - 2. * v.rest));
  ts_f64 value = v.far ? (x < 0 ? left : 2. * (v.a + v.rest)) : near;
  return x != x ? x : value;
}

/* ---- double: the complementary error function ---- */

/* From 3/4 on exp(-x^2) / (1 + 2 x) times a polynomial of w = (x - 3.75) / (x + 3.75), a form of
 * Shepherd and Laframboise (1981; tools/fit.py erfc 19). Its quotient stays a pair until the
 * exponential's last rounding. */
TSI ts_f64 ts_erfc_far(ts_f64 a)
{
  ts_f64 w = (a - 3.75) / (a + 3.75);
  ts_f64 p = TS_FMA(0x1.493e3cf448544p-25, w, -0x1.9631260957a45p-23);
  p = TS_FMA(p, w, -0x1.a9a04ff3c4489p-24); p = TS_FMA(p, w, 0x1.c67098330eee9p-20);
  p = TS_FMA(p, w, -0x1.f4b896876b2f5p-21); p = TS_FMA(p, w, -0x1.7f0f21df66b10p-17);
  p = TS_FMA(p, w, 0x1.7730f631fd54ap-16); p = TS_FMA(p, w, 0x1.b1320cc324c42p-15);
  p = TS_FMA(p, w, -0x1.303decec179ffp-12); p = TS_FMA(p, w, 0x1.33fb8e76cff85p-12);
  p = TS_FMA(p, w, 0x1.cc39fa6b0240bp-10); p = TS_FMA(p, w, -0x1.3f603c91fef88p-7);
  p = TS_FMA(p, w, 0x1.d0b0039f8127ep-6); p = TS_FMA(p, w, -0x1.e0d0fa6c7c464p-5);
  p = TS_FMA(p, w, 0x1.7a14188a1cf38p-4); p = TS_FMA(p, w, -0x1.bda9309a2efc7p-4);
  p = TS_FMA(p, w, 0x1.510169d099c74p-4); p = TS_FMA(p, w, 0x1.d5f294815c8ccp-9);
  p = TS_FMA(p, w, -0x1.1f367683f89dbp-3);
  ts_pair g = ts_fast_two_sum(0x1.3ccda0b5d5dc2p+0, w * p), square = ts_two_product(a, a);
  ts_f64 d = 1. + 2. * a, d_low = 2. * a - (d - 1.), q = g.high / d;
  ts_pair back = ts_two_product(q, d);
  ts_f64 q_low = ((((g.high - back.high) - back.low) + g.low) - q * d_low) / d;
  ts_f64 shifted = TS_FMA(-square.high, TS_LOG2E, TS_SHIFTER_TWO), k = shifted - TS_SHIFTER_TWO;
  ts_f64 r = TS_FMA(-k, TS_LN2_LOW, TS_FMA(-k, TS_LN2_HIGH, -square.high)) - square.low;
  ts_scale_f64 scale = ts_scale_of_f64(shifted);
  q *= scale.first;
  return (q + TS_FMA(ts_expm1_core_f64(r), q, q_low * scale.first)) * scale.second;
}
/* Below 1/2 it is 1 - erf(x), and 1 - x - x p up to 3/4. */
TSI ts_f64 ts_erfc_f64(ts_f64 x)
{
  ts_f64 far = ts_erfc_far(x < 0.75 ? 0.75 : (x > 28. ? 28. : x));
  ts_f64 near = TS_FMA(-x, ts_erf_series(x), 1. - x);
  near = x < 0.5 ? 1. - ts_erf_f64(x) : near;
  return x != x ? x : (x < 0.75 ? near : far);
}

#endif
