/* The scalar types of every kernel, their bits, and the two ways to fuse a multiplication with an
 * addition. */
#ifndef TS_TYPES_H
#define TS_TYPES_H

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

#define TSI static inline __attribute__((always_inline, unused))

/* Only these contract. Without the instruction they round twice: a baseline build has other last
 * bits. */
#if defined(__FMA__) || defined(__aarch64__)
#define TS_HAS_FMA 1
#define TS_FMA(a, b, c) __builtin_fma(a, b, c)
#define TS_FMAF(a, b, c) __builtin_fmaf(a, b, c)
#else
#define TS_HAS_FMA 0
#define TS_FMA(a, b, c) ((a) * (b) + (c))
#define TS_FMAF(a, b, c) ((a) * (b) + (c))
#endif

/* The end of a block of a sum stops the processor's own fetching ahead: without this, sums of float
 * from the third-level cache take twice as long. The address may lie behind the array. */
TSI void ts_ahead(const void *x, int size)
{
  for (int i = 0; i < size; i += 64)
    __builtin_prefetch((const char *)((__UINTPTR_TYPE__)x + 512 + i));
}

TSI ts_u64 ts_bits_f64(ts_f64 x) { ts_u64 u; __builtin_memcpy(&u, &x, 8); return u; }
TSI ts_f64 ts_from_bits_f64(ts_u64 u) { ts_f64 x; __builtin_memcpy(&x, &u, 8); return x; }
TSI ts_u32 ts_bits_f32(ts_f32 x) { ts_u32 u; __builtin_memcpy(&u, &x, 4); return u; }
TSI ts_f32 ts_from_bits_f32(ts_u32 u) { ts_f32 x; __builtin_memcpy(&x, &u, 4); return x; }
TSI ts_f64 ts_nan_f64(void) { return __builtin_nan(""); }
TSI ts_f64 ts_inf_f64(void) { return __builtin_inf(); }
TSI ts_f32 ts_nan_f32(void) { return __builtin_nanf(""); }
TSI ts_f32 ts_inf_f32(void) { return __builtin_inff(); }

#endif
