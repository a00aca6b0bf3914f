/* 16 bytes at a time with what every x86-64 and every 64-bit ARM has: GCC's and clang's vectors, and a bit for each byte. */
#ifndef VIGIE_VEC16_H
#define VIGIE_VEC16_H

#include <string.h>

#include "cpu.h"

#if defined(VIGIE_X86)
#include <emmintrin.h>
#elif defined(VIGIE_ARM)
#include <arm_neon.h>
#endif

typedef uint8_t vec16 __attribute__((vector_size(16)));

static inline vec16 vec16_at(const uint8_t *text) {
    vec16 out;
    memcpy(&out, text, sizeof out);
    return out;
}

/* 255 in each byte that is `first` to `first + many - 1`. */
static inline vec16 vec16_within(vec16 of, uint8_t first, uint8_t many) { return (vec16)((vec16)(of - first) < many); }

/* The bits of bytes that are 0 or 255. */
static inline uint64_t vec16_bits(vec16 of) {
#if defined(VIGIE_X86)
    return (uint16_t)_mm_movemask_epi8((__m128i)of);
#elif defined(VIGIE_ARM)
    static const uint8_t BITS[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t held = vandq_u8((uint8x16_t)of, vld1q_u8(BITS));
    return (uint64_t)vaddv_u8(vget_low_u8(held)) | (uint64_t)vaddv_u8(vget_high_u8(held)) << 8;
#else
    uint64_t out = 0;
    for (int i = 0; i < 16; i++) out |= (uint64_t)(of[i] & 1) << i;
    return out;
#endif
}

#endif
