// CUDA's language for g++: what a kernel's text needs, in terms of the emulator's few functions.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <type_traits>
#include <utility>

#define __CUDA_ARCH__ 900
#define __CUDACC__ 1
#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ static __attribute__((section("emulator_shared")))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)
#define __grid_constant__
#define EMULATOR_QUIET __attribute__((no_sanitize("thread", "alignment")))

// ---- vectors

#define EMULATOR_VECTOR(T, NAME)                                                              \
  struct NAME##1 { T x; };                                                                    \
  struct __attribute__((aligned(2 * sizeof(T)))) NAME##2 { T x, y; };                         \
  struct NAME##3 { T x, y, z; };                                                              \
  struct __attribute__((aligned(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16))) NAME##4 {          \
    T x, y, z, w;                                                                             \
  };                                                                                          \
  static inline NAME##1 make_##NAME##1(T x) { return {x}; }                                   \
  static inline NAME##2 make_##NAME##2(T x, T y) { return {x, y}; }                           \
  static inline NAME##3 make_##NAME##3(T x, T y, T z) { return {x, y, z}; }                   \
  static inline NAME##4 make_##NAME##4(T x, T y, T z, T w) { return {x, y, z, w}; }
EMULATOR_VECTOR(signed char, char)
EMULATOR_VECTOR(unsigned char, uchar)
EMULATOR_VECTOR(short, short)
EMULATOR_VECTOR(unsigned short, ushort)
EMULATOR_VECTOR(int, int)
EMULATOR_VECTOR(unsigned, uint)
EMULATOR_VECTOR(long, long)
EMULATOR_VECTOR(unsigned long, ulong)
EMULATOR_VECTOR(long long, longlong)
EMULATOR_VECTOR(unsigned long long, ulonglong)
EMULATOR_VECTOR(float, float)
EMULATOR_VECTOR(double, double)

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

// ---- the running thread (emulator.h has the same layout)

struct emulator_builtins_type {
  uint3 thread, block, block_dim, grid_dim;
  unsigned lane;
};

extern "C" {
extern emulator_builtins_type emulator_builtins;
char *emulator_dynamic_shared();
int emulator_barrier(int predicate, int operation, int line);
uint64_t emulator_warp(unsigned mask, uint64_t value, int source, int operation, int line);
void emulator_trap(const char *what, int line);
void emulator_atomic(const void *address, size_t size);
void emulator_fence();
}

#define threadIdx (emulator_builtins.thread)
#define blockIdx (emulator_builtins.block)
#define blockDim (emulator_builtins.block_dim)
#define gridDim (emulator_builtins.grid_dim)
static const int warpSize = 32;

// ---- barriers and fences

#define __syncthreads() ((void)emulator_barrier(0, 0, __LINE__))
#define __syncthreads_or(p) emulator_barrier((p) != 0, 0, __LINE__)
#define __syncthreads_and(p) emulator_barrier((p) != 0, 1, __LINE__)
#define __syncthreads_count(p) emulator_barrier((p) != 0, 2, __LINE__)
#define __trap() emulator_trap("__trap()", __LINE__)

#ifdef EMULATOR_CHECK
#define EMULATOR_ATOMIC(p) emulator_atomic(p, sizeof *(p))
static inline void __threadfence() { emulator_fence(); }
#else
#define EMULATOR_ATOMIC(p) ((void)0)
static inline void __threadfence() {}
#endif
static inline void __threadfence_block() {}
static inline void __threadfence_system() { __threadfence(); }

// ---- warps. The operation's number tells kinds apart that must not meet. There is no __activemask():
// what it gives depends on how the threads happen to run together.

enum { emulator_sync, emulator_shuffle, emulator_ballot };

static inline void emulator_syncwarp(int line, unsigned mask = 0xffffffffu) {
  emulator_warp(mask, 0, -1, emulator_sync, line);
}
#define __syncwarp(...) emulator_syncwarp(__LINE__, ##__VA_ARGS__)

static inline unsigned emulator_vote(int line, unsigned mask, int predicate) {
  return (unsigned)emulator_warp(mask, predicate != 0, -1, emulator_ballot, line);
}
#define __ballot_sync(mask, p) emulator_vote(__LINE__, mask, p)
#define __any_sync(mask, p) (emulator_vote(__LINE__, mask, p) != 0)
#define __all_sync(mask, p) (emulator_vote(__LINE__, mask, !(p)) == 0)

template <class T>
EMULATOR_QUIET static inline T emulator_exchange(int line, unsigned mask, T value, int source) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof(T));
  bits = emulator_warp(mask, bits, source, emulator_shuffle, line);
  memcpy(&value, &bits, sizeof(T));
  return value;
}

template <class T>
static inline T emulator_shfl(int line, unsigned mask, T value, int source, int width = 32) {
  int lane = emulator_builtins.lane;
  return emulator_exchange(line, mask, value, (lane & ~(width - 1)) | (source & (width - 1)));
}

template <class T>
static inline T emulator_shfl_down(int line, unsigned mask, T value, unsigned delta,
                                   int width = 32) {
  int lane = emulator_builtins.lane;
  bool inside = (lane & (width - 1)) + (int)delta < width;
  return emulator_exchange(line, mask, value, inside ? lane + (int)delta : lane);
}

template <class T>
static inline T emulator_shfl_up(int line, unsigned mask, T value, unsigned delta,
                                 int width = 32) {
  int lane = emulator_builtins.lane;
  bool inside = (lane & (width - 1)) >= (int)delta;
  return emulator_exchange(line, mask, value, inside ? lane - (int)delta : lane);
}

template <class T>
static inline T emulator_shfl_xor(int line, unsigned mask, T value, int bits, int width = 32) {
  int lane = emulator_builtins.lane, source = lane ^ bits;
  bool inside = (source & ~(width - 1)) <= (lane & ~(width - 1));
  return emulator_exchange(line, mask, value, inside ? source : lane);
}
#define __shfl_sync(...) emulator_shfl(__LINE__, __VA_ARGS__)
#define __shfl_down_sync(...) emulator_shfl_down(__LINE__, __VA_ARGS__)
#define __shfl_up_sync(...) emulator_shfl_up(__LINE__, __VA_ARGS__)
#define __shfl_xor_sync(...) emulator_shfl_xor(__LINE__, __VA_ARGS__)

// ---- atomics: the threads take turns, so a plain read and write is one

#define EMULATOR_UPDATE(NAME, RESULT)                                              \
  template <class T, class U>                                                      \
  EMULATOR_QUIET static inline T NAME(T *address, U operand) {                     \
    EMULATOR_ATOMIC(address);                                                      \
    T old = *address, value = (T)operand;                                          \
    *address = (RESULT);                                                           \
    return old;                                                                    \
  }
EMULATOR_UPDATE(atomicAdd, old + value)
EMULATOR_UPDATE(atomicSub, old - value)
EMULATOR_UPDATE(atomicMax, old < value ? value : old)
EMULATOR_UPDATE(atomicMin, value < old ? value : old)
EMULATOR_UPDATE(atomicExch, value)
EMULATOR_UPDATE(atomicAnd, old & value)
EMULATOR_UPDATE(atomicOr, old | value)
EMULATOR_UPDATE(atomicXor, old ^ value)
EMULATOR_UPDATE(atomicInc, old >= value ? 0 : old + 1)
EMULATOR_UPDATE(atomicDec, old == 0 || old > value ? value : old - 1)

template <class T>
EMULATOR_QUIET static inline T atomicCAS(T *address, std::common_type_t<T> expected,
                                         std::common_type_t<T> value) {
  EMULATOR_ATOMIC(address);
  T old = *address;
  if (old == expected) *address = value;
  return old;
}

// ---- loads and stores with a cache hint

#define EMULATOR_LOAD(NAME) \
  template <class T>        \
  static inline T NAME(const T *address) { return *address; }
EMULATOR_LOAD(__ldg)
EMULATOR_LOAD(__ldca)
EMULATOR_LOAD(__ldcg)
EMULATOR_LOAD(__ldcs)
EMULATOR_LOAD(__ldcv)
EMULATOR_LOAD(__ldlu)

#define EMULATOR_STORE(NAME) \
  template <class T>         \
  static inline void NAME(T *address, std::common_type_t<T> value) { *address = value; }
EMULATOR_STORE(__stcg)
EMULATOR_STORE(__stcs)
EMULATOR_STORE(__stwb)
EMULATOR_STORE(__stwt)

// ---- bits

template <class To, class From>
EMULATOR_QUIET static inline To emulator_bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "a cast of bits");
  To result;
  memcpy(&result, &value, sizeof result);
  return result;
}

static inline int __float_as_int(float x) { return emulator_bits<int>(x); }
static inline unsigned __float_as_uint(float x) { return emulator_bits<unsigned>(x); }
static inline float __int_as_float(int x) { return emulator_bits<float>(x); }
static inline float __uint_as_float(unsigned x) { return emulator_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulator_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulator_bits<double>(x); }
static inline int __double2hiint(double x) { return int(__double_as_longlong(x) >> 32); }
static inline int __double2loint(double x) { return int(__double_as_longlong(x)); }
static inline double __hiloint2double(int high, int low) {
  return __longlong_as_double((long long)(uint64_t((unsigned)high) << 32 | (unsigned)low));
}

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
  unsigned y = 0;
  for (int i = 0; i < 32; ++i) y |= (x >> i & 1) << (31 - i);
  return y;
}
static inline unsigned long long __brevll(unsigned long long x) {
  return (unsigned long long)__brev((unsigned)x) << 32 | __brev((unsigned)(x >> 32));
}

static inline int __mulhi(int a, int b) { return int((long long)a * b >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((uint64_t)a * b >> 32); }
static inline long long __mul64hi(long long a, long long b) {
  return (long long)((__int128)a * b >> 64);
}
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return unsigned(((uint64_t)high << 32 | low) << (shift & 31) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return unsigned(((uint64_t)high << 32 | low) >> (shift & 31));
}

// ---- arithmetic with a stated rounding

static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __frcp_rn(float a) { return 1.0f / a; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __drcp_rn(double a) { return 1.0 / a; }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }

// To an integer the device saturates; NaN is 0, or the lowest of a 64-bit type.
template <class To, class From>
static inline To emulator_to_integer(From rounded) {
  constexpr bool is_signed = std::is_signed<To>::value;
  constexpr To low = is_signed ? To(1ull << (8 * sizeof(To) - 1)) : To(0), high = To(~low);
  if (rounded != rounded) return sizeof(To) == 8 ? To(1ull << 63) : To(0);
  if (rounded <= From(low)) return low;
  if (rounded >= From(high)) return high;
  return To(rounded);
}

#define EMULATOR_TO_INTEGER(FROM, T, TO, INTEGER)                                               \
  static inline INTEGER __##FROM##2##TO##_rn(T x) { return emulator_to_integer<INTEGER>(rint(x)); }  \
  static inline INTEGER __##FROM##2##TO##_rz(T x) { return emulator_to_integer<INTEGER>(trunc(x)); } \
  static inline INTEGER __##FROM##2##TO##_rd(T x) { return emulator_to_integer<INTEGER>(floor(x)); } \
  static inline INTEGER __##FROM##2##TO##_ru(T x) { return emulator_to_integer<INTEGER>(ceil(x)); }
EMULATOR_TO_INTEGER(float, float, int, int)
EMULATOR_TO_INTEGER(float, float, uint, unsigned)
EMULATOR_TO_INTEGER(float, float, ll, long long)
EMULATOR_TO_INTEGER(float, float, ull, unsigned long long)
EMULATOR_TO_INTEGER(double, double, int, int)
EMULATOR_TO_INTEGER(double, double, uint, unsigned)
EMULATOR_TO_INTEGER(double, double, ll, long long)
EMULATOR_TO_INTEGER(double, double, ull, unsigned long long)

static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned x) { return (float)x; }
static inline float __ll2float_rn(long long x) { return (float)x; }
static inline float __ull2float_rn(unsigned long long x) { return (float)x; }
static inline double __int2double_rn(int x) { return x; }
static inline double __uint2double_rn(unsigned x) { return x; }
static inline double __ll2double_rn(long long x) { return (double)x; }
static inline double __ull2double_rn(unsigned long long x) { return (double)x; }
static inline float __double2float_rn(double x) { return (float)x; }

// ---- functions that CUDA has and C lacks, or has for every type

template <class A, class B>
static inline std::common_type_t<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point<T>::value) return T(fmin(T(a), T(b)));
  return T(b) < T(a) ? T(b) : T(a);
}

template <class A, class B>
static inline std::common_type_t<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point<T>::value) return T(fmax(T(a), T(b)));
  return T(a) < T(b) ? T(b) : T(a);
}

static inline void sincos(float x, float *s, float *c) { *s = sinf(x), *c = cosf(x); }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
static inline double rcbrt(double x) { return 1.0 / cbrt(x); }
static inline float fdividef(float a, float b) { return a / b; }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
// glibc has functions of these names.
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __powf(x, y) powf(x, y)
static inline long long clock64() { return 0; }

// ---- how the emulator calls a kernel: with a buffer of arguments, aligned as CUDA packs them

namespace emulator_call {

template <class... A>
size_t layout(void (*)(A...), size_t *offsets, size_t *sizes) {
  size_t end = 0, i = 0;
  ((end = (end + alignof(A) - 1) / alignof(A) * alignof(A), offsets[i] = end,
    sizes[i++] = sizeof(A), end += sizeof(A)), ...);
  return i;
}

template <class... A, size_t... I>
EMULATOR_QUIET inline void call(void (*kernel)(A...), const char *buffer,
                                std::index_sequence<I...>) {
  size_t offsets[sizeof...(A) + 1], sizes[sizeof...(A) + 1];
  layout(kernel, offsets, sizes);
  kernel(*(const std::remove_cv_t<A> *)(buffer + offsets[I])...);
}

template <class... A>
EMULATOR_QUIET inline void call(void (*kernel)(A...), const char *buffer) {
  call(kernel, buffer, std::index_sequence_for<A...>());
}

}  // namespace emulator_call

#define EMULATOR_KERNEL(NAME)                                                                 \
  extern "C" EMULATOR_QUIET void emulator_entry_##NAME(const char *buffer) {                  \
    emulator_call::call(&NAME, buffer);                                                       \
  }                                                                                           \
  extern "C" size_t emulator_arguments_##NAME(size_t *offsets, size_t *sizes) {               \
    return emulator_call::layout(&NAME, offsets, sizes);                                      \
  }

extern "C" {
extern char __start_emulator_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_emulator_shared[] __attribute__((weak, visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));
}

// What stands at the end of every kernel file.
#define EMULATOR_FILE(TEXT, COMMAND)                                                          \
  extern "C" {                                                                                \
  extern const char emulator_text[] = TEXT;                                                   \
  extern const char emulator_command[] = COMMAND;                                             \
  EMULATOR_QUIET void emulator_layout(char **shared, char **shared_end, char **end) {         \
    *shared = __start_emulator_shared;                                                        \
    *shared_end = __stop_emulator_shared;                                                     \
    *end = _end;                                                                              \
  }                                                                                           \
  }
