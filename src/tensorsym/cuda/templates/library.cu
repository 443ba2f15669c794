typedef unsigned char ts_b;
typedef signed char ts_i8;
typedef short ts_i16;
typedef int ts_i32;
typedef long long ts_i64;
typedef unsigned char ts_u8;
typedef unsigned short ts_u16;
typedef unsigned int ts_u32;
typedef unsigned long long ts_u64;
typedef float ts_f32;
typedef double ts_f64;
typedef struct { ts_u16 bits; } ts_f16;
#define TSI static __device__ __forceinline__
#define TSN static __device__ __noinline__
#define TS_FMA(a, b, c) fma(a, b, c)
#define TS_FMAF(a, b, c) fmaf(a, b, c)
// ----
// Functions that the native headers take from their compiler.
TSI ts_u64 ts_bits_f64(ts_f64 x) { return (ts_u64)__double_as_longlong(x); }
TSI ts_f64 ts_from_bits_f64(ts_u64 u) { return __longlong_as_double((long long)u); }
TSI ts_u32 ts_bits_f32(ts_f32 x) { return (ts_u32)__float_as_int(x); }
TSI ts_f32 ts_from_bits_f32(ts_u32 u) { return __int_as_float((int)u); }
TSI ts_f64 ts_nan_f64() { return ts_from_bits_f64(0x7ff8000000000000ULL); }
TSI ts_f64 ts_inf_f64() { return ts_from_bits_f64(0x7ff0000000000000ULL); }
TSI ts_f32 ts_nan_f32() { return ts_from_bits_f32(0x7fc00000u); }
TSI ts_f32 ts_inf_f32() { return ts_from_bits_f32(0x7f800000u); }
TSI int ts_clz_u64(ts_u64 x) { return x >> 32 ? __clz((int)(x >> 32)) : 32 + __clz((int)x); }

// Single precision without double arithmetic, of which most GPUs have little.
TSI ts_f32 ts_exp2_f32(ts_f32 x) { return exp2f(x); }
TSI ts_f32 ts_log2_f32(ts_f32 x) { return log2f(x); }
TSI ts_f32 ts_log10_f32(ts_f32 x) { return log10f(x); }
TSI ts_f32 ts_erf_f32(ts_f32 x) { return erff(x); }
TSI ts_f32 ts_sin_f32(ts_f32 x) { return sinf(x); }
TSI ts_f32 ts_cos_f32(ts_f32 x) { return cosf(x); }
TSI ts_f32 ts_pow_f32(ts_f32 x, ts_f32 y) { return powf(x, y); }
TSI ts_f32 ts_mod_f32(ts_f32 x, ts_f32 y)
{
  ts_f32 rest = fmodf(x, y);
  if (rest == 0)
    return copysignf(0.0f, y);
  return (y < 0) != (rest < 0) ? rest + y : rest;
}
TSI ts_f32 ts_floor_div_f32(ts_f32 x, ts_f32 y)
{
  if (y == 0)
    return x / y;
  ts_f32 rest = fmodf(x, y), quotient = (x - rest) / y;
  if (rest != 0 && (y < 0) != (rest < 0))
    quotient -= 1;
  if (quotient == 0)
    return copysignf(0.0f, x / y);
  ts_f32 whole = floorf(quotient);
  return quotient - whole > 0.5f ? whole + 1 : whole;
}

// Half precision is loaded, computed in single precision, and rounded once per operation.
TSI ts_f32 ts_load_f16(ts_f16 h)
{
  ts_u32 sign = (ts_u32)(h.bits & 0x8000) << 16, rest = h.bits & 0x7fff;
  ts_u32 normal = (rest << 13) + (112u << 23);
  if (rest >= 0x7c00)
    normal = (rest << 13) | 0x7f800000u;
  else if (rest < 0x0400)
    normal = ts_bits_f32((ts_f32)rest * 0x1p-24f);
  return ts_from_bits_f32(sign | normal);
}
TSI ts_f16 ts_store_f16(ts_f32 x)
{
  ts_u32 bits = ts_bits_f32(x), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
  ts_u32 half;
  if (rest > 0x7f800000u)
    half = 0x7e00;
  else if (rest >= 0x477ff000u) // 65520 rounds to infinity
    half = 0x7c00;
  else if (rest < 0x38800000u) // below 2^-14: adding 1/2 rounds to multiples of 2^-24
    half = ts_bits_f32(ts_from_bits_f32(rest) + 0.5f) - ts_bits_f32(0.5f);
  else
    half = (rest - (112u << 23) + 0xfff + (rest >> 13 & 1)) >> 13;
  ts_f16 h = {(ts_u16)(sign | half)};
  return h;
}
TSI ts_f32 ts_round_f16(ts_f32 x) { return ts_load_f16(ts_store_f16(x)); }
// A double rounded to odd keeps what the second rounding needs to know.
TSI ts_f32 ts_odd_f32(ts_f64 x)
{
  ts_f32 y = (ts_f32)x;
  ts_u32 bits = ts_bits_f32(y);
  if ((ts_f64)y != x && x == x)
    bits = (bits - (fabs((ts_f64)y) > fabs(x))) | 1;
  return ts_from_bits_f32(bits);
}
