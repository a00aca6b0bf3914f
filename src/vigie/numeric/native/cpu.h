/* What every file of this library starts from: how functions are exported, and the levels of vector instructions.

   A function that has several forms takes `level` as its first argument and uses the form for it; a level that the
   processor lacks must not be given (see vigie_levels). All forms give the same results. */
#ifndef VIGIE_CPU_H
#define VIGIE_CPU_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum vigie_level {
    VIGIE_SCALAR = 0,
    VIGIE_AVX2 = 1,
    VIGIE_AVX512 = 2, /* F, BW, VL, DQ and VPOPCNTDQ */
    VIGIE_NEON = 3,
};

#if defined(__x86_64__)
#define VIGIE_X86 1
#define TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define TARGET_AVX512 \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq")))
#elif defined(__aarch64__)
#define VIGIE_ARM 1
#endif

#endif
