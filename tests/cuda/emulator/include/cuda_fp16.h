// Half precision by its bits: conversions, and arithmetic in float rounded once more.
#pragma once

#include "device.h"

// A float between the neighbours of x that keeps the rounding to a shorter type right: odd if not x.
static inline float emulator_round_to_odd(double x) {
  float y = (float)x;
  if ((double)y == x || x != x || isinf(y)) return y;
  unsigned bits = __float_as_uint(y);
  if (fabs((double)y) > fabs(x)) --bits;
  return __uint_as_float(bits | 1);
}

static inline unsigned short emulator_half_bits(float x) {
  unsigned bits = __float_as_uint(x), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
  if (size > 0x7f800000) return 0x7fff;
  if (size >= 0x477ff000) return sign | 0x7c00;  // 65520 and more
  if (size < 0x38800000) return sign | (unsigned)rintf(__uint_as_float(size) * 0x1p24f);
  return sign | (size + 0xfff + (size >> 13 & 1) - 0x38000000) >> 13;
}

static inline float emulator_half_value(unsigned short bits) {
  unsigned sign = (bits & 0x8000u) << 16, size = bits & 0x7fff;
  if (size >= 0x7c00) return __uint_as_float(sign | 0x7f800000 | (size & 0x3ff) << 13);
  if (size < 0x400) return __uint_as_float(sign | __float_as_uint(size * 0x1p-24f));
  return __uint_as_float(sign | ((size << 13) + 0x38000000));
}

struct __half_raw {
  unsigned short x;
};

struct __align__(2) __half {
  unsigned short bits;
  __half() = default;
  __half(float x) : bits(emulator_half_bits(x)) {}
  __half(double x) : bits(emulator_half_bits(emulator_round_to_odd(x))) {}
  __half(int x) : __half((double)x) {}
  __half(unsigned x) : __half((double)x) {}
  __half(long long x) : __half((float)x) {}
  __half(unsigned long long x) : __half((float)x) {}
  __half(__half_raw raw) : bits(raw.x) {}
  operator float() const { return emulator_half_value(bits); }
};
typedef __half half;

static inline float __half2float(__half x) { return x; }
static inline __half __float2half(float x) { return x; }
static inline __half __float2half_rn(float x) { return x; }
static inline __half __double2half(double x) { return x; }
static inline __half __int2half_rn(int x) { return x; }
static inline __half __ushort_as_half(unsigned short x) { return __half_raw{x}; }
static inline unsigned short __half_as_ushort(__half x) { return x.bits; }
static inline bool __hisnan(__half x) { return (x.bits & 0x7fff) > 0x7c00; }

#define EMULATOR_ARITHMETIC(T, OP, NAME)                                              \
  static inline T operator OP(T a, T b) { return T((float)a OP (float)b); }           \
  static inline T &operator OP##=(T &a, T b) { return a = a OP b; }                   \
  static inline T NAME(T a, T b) { return a OP b; }
#define EMULATOR_COMPARISON(T, OP, NAME)                                              \
  static inline bool operator OP(T a, T b) { return (float)a OP (float)b; }           \
  static inline bool NAME(T a, T b) { return a OP b; }
#define EMULATOR_SHORT_FLOAT(T)                                                       \
  EMULATOR_ARITHMETIC(T, +, __hadd)                                                   \
  EMULATOR_ARITHMETIC(T, -, __hsub)                                                   \
  EMULATOR_ARITHMETIC(T, *, __hmul)                                                   \
  EMULATOR_ARITHMETIC(T, /, __hdiv)                                                   \
  EMULATOR_COMPARISON(T, ==, __heq)                                                   \
  EMULATOR_COMPARISON(T, !=, __hne)                                                   \
  EMULATOR_COMPARISON(T, <, __hlt)                                                    \
  EMULATOR_COMPARISON(T, <=, __hle)                                                   \
  EMULATOR_COMPARISON(T, >, __hgt)                                                    \
  EMULATOR_COMPARISON(T, >=, __hge)                                                   \
  static inline T operator-(T a) { return T(-(float)a); }                             \
  static inline T __hneg(T a) { return -a; }
EMULATOR_SHORT_FLOAT(__half)

struct __align__(4) __half2 {
  __half x, y;
};
typedef __half2 half2;

static inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
static inline __half __low2half(__half2 v) { return v.x; }
static inline __half __high2half(__half2 v) { return v.y; }
static inline float2 __half22float2(__half2 v) { return {v.x, v.y}; }
static inline __half2 __float22half2_rn(float2 v) { return {v.x, v.y}; }
static inline __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
