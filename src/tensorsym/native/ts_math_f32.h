/* Elementary functions of float: the frequent ones in single precision, the others by way of
 * double. */
#ifndef TS_MATH_F32_H
#define TS_MATH_F32_H

#define TS_LOG2E_F 0x1.715476p+0f
#define TS_SHIFTER_TWO_F (0x1.8p23f + 254.f)
#define TS_SHIFTER_ONE_F (0x1.8p23f + 127.f)
#define TS_LN2_HIGH_F 0x1.62e4p-1f /* fifteen bits: k times it is exact */
#define TS_LN2_LOW_F 0x1.7f7d1cp-20f

/* exp(r) - 1 for |r| <= ln(2)/2, off by 2^-27 (tools/fit.py exp 4). */
TSI ts_f32 ts_expm1_core_f32(ts_f32 r)
{
  ts_f32 r2 = r * r;
  ts_f32 a = TS_FMAF(r, 0x1.5554dep-3f, 0.5f), b = TS_FMAF(r, 0x1.120b62p-7f, 0x1.55551ap-5f);
  return TS_FMAF(TS_FMAF(TS_FMAF(0x1.6d10fcp-10f, r2, b), r2, a), r2, r);
}
typedef struct { ts_f32 first, second; } ts_scale_f32;
TSI ts_scale_f32 ts_scale_of_f32(ts_f32 shifted)
{
  ts_u32 k = ts_bits_f32(shifted), half = k >> 1;
  ts_scale_f32 s = {ts_from_bits_f32(half << 23), ts_from_bits_f32((k - half) << 23)};
  return s;
}
TSI ts_f32 ts_clamp_f32(ts_f32 x, ts_f32 low, ts_f32 high)
{
  ts_f32 y = x < low ? low : x;
  return y > high ? high : y;
}
TSI ts_f32 ts_exp_f32(ts_f32 x)
{
  ts_f32 y = ts_clamp_f32(x, -104.f, 89.f);
  ts_f32 shifted = TS_FMAF(y, TS_LOG2E_F, TS_SHIFTER_TWO_F), k = shifted - TS_SHIFTER_TWO_F;
  ts_f32 r = TS_FMAF(-k, TS_LN2_LOW_F, TS_FMAF(-k, TS_LN2_HIGH_F, y));
  ts_scale_f32 s = ts_scale_of_f32(shifted);
  return TS_FMAF(ts_expm1_core_f32(r), s.first, s.first) * s.second;
}
TSI ts_f32 ts_expm1_f32(ts_f32 x)
{
  ts_f32 y = ts_clamp_f32(x, -20.f, 89.f);
  ts_f32 shifted = TS_FMAF(y, TS_LOG2E_F, TS_SHIFTER_TWO_F), k = shifted - TS_SHIFTER_TWO_F;
  ts_f32 r = TS_FMAF(-k, TS_LN2_LOW_F, TS_FMAF(-k, TS_LN2_HIGH_F, y));
  ts_scale_f32 s = ts_scale_of_f32(shifted);
  ts_f32 one = ts_from_bits_f32(0x7f000000u - ts_bits_f32(s.second));
  ts_f32 value = TS_FMAF(ts_expm1_core_f32(r), s.first, s.first - one) * s.second;
  return x == 0 ? x : value;
}
TSI ts_f32 ts_quotient_f32(ts_f32 x, ts_f32 y, ts_f32 y_low)
{
#if TS_HAS_FMA
  ts_f32 inverse = 1.f / y, q = x * inverse, rest = TS_FMAF(-q, y, x) - q * y_low;
  return TS_FMAF(rest, inverse, q);
#else
  return x / (y + y_low);
#endif
}
TSI ts_f32 ts_sigmoid_f32(ts_f32 x)
{
  ts_f32 e = ts_exp_f32(-ts_abs_f32(x)), u = 1.f + e;
  return ts_quotient_f32(x < 0 ? e : 1.f, u, e - (u - 1.f));
}
TSI ts_f32 ts_tanh_f32(ts_f32 x)
{
  ts_f32 a = ts_abs_f32(x), y = a > 10.f ? 10.f : a;
  y += y;
  ts_f32 shifted = TS_FMAF(y, TS_LOG2E_F, TS_SHIFTER_ONE_F), k = shifted - TS_SHIFTER_ONE_F;
  ts_f32 r = TS_FMAF(-k, TS_LN2_LOW_F, TS_FMAF(-k, TS_LN2_HIGH_F, y));
  ts_f32 scale = ts_from_bits_f32(ts_bits_f32(shifted) << 23);
  ts_f32 e = TS_FMAF(scale, ts_expm1_core_f32(r), scale - 1.f);
  ts_f32 u = e + 2.f;
  return ts_copysign_f32(ts_quotient_f32(e, u, e - (u - 2.f)), x);
}
TSI ts_f32 ts_log_sum_f32(ts_f32 x, ts_f32 low, ts_f32 k0)
{
  ts_u32 bits = ts_bits_f32(x), exponent = (bits - 0x3f3504f3u + (127u << 23)) >> 23;
  ts_f32 k = (ts_f32)(ts_i32)exponent - 127.f - k0;
  ts_f32 f = ts_from_bits_f32(bits - (exponent << 23) + (127u << 23)) - 1.f;
  ts_f32 s = f / (2.f + f), z = s * s, w = z * z, h = 0.5f * f * f;
  ts_f32 R = w * TS_FMAF(w, 0.24279078841f, 0.40000972152f);
  R += z * TS_FMAF(w, 0.28498786688f, 0.66666662693f);
  return TS_FMAF(s, h + R, TS_FMAF(k, 9.0580006145e-06f, low)) - h + f + k * 6.9313812256e-01f;
}
TSI ts_f32 ts_log_f32(ts_f32 x)
{
  int tiny = x < 0x1p-126f;
  ts_f32 value = ts_log_sum_f32(tiny ? x * 0x1p25f : x, 0.f, tiny ? 25.f : 0.f);
  value = x > 0x1.fffffep127f ? x : value;
  value = x == 0 ? -ts_inf_f32() : value;
  value = x < 0 ? ts_nan_f32() : value;
  return x != x ? x : value;
}
TSI ts_f32 ts_log1p_f32(ts_f32 x)
{
  ts_f32 u = 1.f + x, lost = u >= 2.f ? 1.f - (u - x) : x - (u - 1.f);
  ts_f32 value = ts_log_sum_f32(u, lost / u, 0.f);
  value = ts_abs_f32(x) < 0x1p-24f ? x : value;
  value = x > 0x1.fffffep127f ? x : value;
  value = x == -1.f ? -ts_inf_f32() : value;
  value = x < -1.f ? ts_nan_f32() : value;
  return x != x ? x : value;
}
/* log(1 + f) for 0 <= f <= 1 (tools/fit.py log1p 3; 2^-26). */
TSI ts_f32 ts_log1p_unit_f32(ts_f32 f)
{
  ts_f32 s = f / (2.f + f), h = 0.5f * f * f, z = s * s, w = z * z;
  ts_f32 a = TS_FMAF(z, 0x1.99ad6cp-2f, 0x1.55554cp-1f);
  ts_f32 b = TS_FMAF(z, 0x1.12f598p-2f, 0x1.21249ap-2f);
  return f - (h - s * TS_FMAF(z, TS_FMAF(b, w, a), h));
}
TSI ts_f32 ts_softplus_f32(ts_f32 x)
{
  return ts_log1p_unit_f32(ts_exp_f32(-ts_abs_f32(x))) + (x < 0 ? 0.f : x);
}

/* A double result rounded once more is within 0.51 ulp. */
TSI ts_f32 ts_exp2_f32(ts_f32 x) { return (ts_f32)ts_exp2_f64(x); }
TSI ts_f32 ts_log2_f32(ts_f32 x) { return (ts_f32)ts_log2_f64(x); }
TSI ts_f32 ts_log10_f32(ts_f32 x) { return (ts_f32)ts_log10_f64(x); }
TSI ts_f32 ts_erf_f32(ts_f32 x) { return (ts_f32)ts_erf_f64(x); }
TSI ts_f32 ts_sinh_f32(ts_f32 x) { return (ts_f32)ts_sinh_f64(x); }
TSI ts_f32 ts_cosh_f32(ts_f32 x) { return (ts_f32)ts_cosh_f64(x); }
TSI ts_f32 ts_asinh_f32(ts_f32 x) { return (ts_f32)ts_asinh_f64(x); }
TSI ts_f32 ts_acosh_f32(ts_f32 x) { return (ts_f32)ts_acosh_f64(x); }
TSI ts_f32 ts_atanh_f32(ts_f32 x) { return (ts_f32)ts_atanh_f64(x); }
TSI ts_f32 ts_atan_f32(ts_f32 x) { return (ts_f32)ts_atan_f64(x); }
TSI ts_f32 ts_asin_f32(ts_f32 x) { return (ts_f32)ts_asin_f64(x); }
TSI ts_f32 ts_acos_f32(ts_f32 x) { return (ts_f32)ts_acos_f64(x); }
TSI ts_f32 ts_erfc_f32(ts_f32 x) { return (ts_f32)ts_erfc_f64(x); }
TSI ts_f32 ts_tan_near_f32(ts_f32 x) { return (ts_f32)ts_tan_near_f64(x); }
TSI ts_f32 ts_tan_far_f32(ts_f32 x) { return (ts_f32)ts_tan_far_f64(x); }
TSI ts_f32 ts_sin_near_f32(ts_f32 x) { return (ts_f32)ts_sin_near_f64(x); }
TSI ts_f32 ts_cos_near_f32(ts_f32 x) { return (ts_f32)ts_cos_near_f64(x); }
TSI ts_f32 ts_sin_far_f32(ts_f32 x) { return (ts_f32)ts_sin_far_f64(x); }
TSI ts_f32 ts_cos_far_f32(ts_f32 x) { return (ts_f32)ts_cos_far_f64(x); }
TSI ts_b ts_trig_far_f32(ts_f32 x) { return !(ts_abs_f32(x) <= (ts_f32)TS_TRIG_NEAR); }
TSI ts_f32 ts_sin_f32(ts_f32 x)
{
  return ts_trig_far_f32(x) ? ts_sin_far_f32(x) : ts_sin_near_f32(x);
}
TSI ts_f32 ts_cos_f32(ts_f32 x)
{
  return ts_trig_far_f32(x) ? ts_cos_far_f32(x) : ts_cos_near_f32(x);
}
TSI ts_f32 ts_tan_f32(ts_f32 x)
{
  return ts_trig_far_f32(x) ? ts_tan_far_f32(x) : ts_tan_near_f32(x);
}

/* y log(x) has at most 2^-45 of error before exp: double without pairs is enough. */
TSI ts_f32 ts_pow_f32(ts_f32 x, ts_f32 y)
{
  const ts_f32 inf = ts_inf_f32();
  ts_f32 a = ts_abs_f32(x), e = ts_clamp_f32(y, -1e20f, 1e20f);
  /* Every float but 0 is a normal double. */
  ts_f32 value = (ts_f32)ts_exp_f64(e * ts_log_sum_f64(a, 0., 0.));
  value = a == 0 ? (y < 0 ? inf : 0.f) : value;
  value = a == inf ? (y < 0 ? 0.f : inf) : value;
  int whole = ts_rint_f32(y) == y;
  int odd = whole & (ts_rint_f32(0.5f * y) != 0.5f * y);
  ts_f32 signed_value = odd ? ts_copysign_f32(value, x) : value;
  signed_value = (x < 0) & !whole & (a != inf) ? ts_nan_f32() : signed_value;
  signed_value = (x != x) | (y != y) ? x + y : signed_value;
  return (x == 1) | (y == 0) ? 1.f : signed_value;
}

#endif
