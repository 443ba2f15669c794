// bfloat16 by its bits: the upper half of a float.
#pragma once

#include "cuda_fp16.h"

static inline unsigned short emulator_bfloat16_bits(float x) {
  unsigned bits = __float_as_uint(x);
  return x != x ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

struct __align__(2) __nv_bfloat16 {
  unsigned short bits;
  __nv_bfloat16() = default;
  __nv_bfloat16(float x) : bits(emulator_bfloat16_bits(x)) {}
  __nv_bfloat16(double x) : bits(emulator_bfloat16_bits(emulator_round_to_odd(x))) {}
  __nv_bfloat16(int x) : __nv_bfloat16((double)x) {}
  operator float() const { return __uint_as_float((unsigned)bits << 16); }
};

static inline float __bfloat162float(__nv_bfloat16 x) { return x; }
static inline __nv_bfloat16 __float2bfloat16(float x) { return x; }
static inline __nv_bfloat16 __float2bfloat16_rn(float x) { return x; }
static inline __nv_bfloat16 __double2bfloat16(double x) { return x; }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.bits; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
  __nv_bfloat16 result;
  result.bits = x;
  return result;
}
EMULATOR_SHORT_FLOAT(__nv_bfloat16)
