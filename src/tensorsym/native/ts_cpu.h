/* What this machine's processor can run: 0 baseline, 1 AVX2 with FMA, 2 AVX-512; and who made it. */
#ifndef TS_CPU_H
#define TS_CPU_H

static int ts_cpu_level(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return 0;
  if (!__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
    return 0;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq"))
    return 1;
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") ? 2 : 1;
#else
  return 0;
#endif
}

static inline int ts_cpu_is_intel(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  return __builtin_cpu_is("intel") != 0;
#else
  return 0;
#endif
}

#endif
