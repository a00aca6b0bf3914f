/* Which forms this processor can run, and what this library was built from. */
#include "cpu.h"

/* Bit `1 << level` is set for each level that this processor and its operating system can run. */
EXPORT uint32_t vigie_levels(void) {
    uint32_t levels = 1u << VIGIE_SCALAR;
#if defined(VIGIE_X86)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("popcnt")) {
        levels |= 1u << VIGIE_AVX2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vpopcntdq"))
            levels |= 1u << VIGIE_AVX512;
    }
#elif defined(VIGIE_ARM)
    levels |= 1u << VIGIE_NEON; /* part of every 64-bit ARM */
#endif
    return levels;
}

/* SHA-256 of the sources (build.py `digest`): a library of other sources is not used. */
EXPORT const char *vigie_sources(void) { return VIGIE_SOURCES; }
