/* SHA-256 (FIPS 180-4). What and why: sha256.h. The processor's form needs no other state than SSE or NEON registers. */
#include "sha256.h"

#include <string.h>

static const uint32_t ROUNDS[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t big(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_big(uint8_t *at, uint32_t word) {
    at[0] = (uint8_t)(word >> 24);
    at[1] = (uint8_t)(word >> 16);
    at[2] = (uint8_t)(word >> 8);
    at[3] = (uint8_t)word;
}

static uint32_t turn(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void plain(uint32_t state[8], const uint8_t *data, size_t blocks) {
    for (; blocks--; data += 64) {
        uint32_t word[64], s[8];
        for (int i = 0; i < 16; i++) word[i] = big(data + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t a = word[i - 15], b = word[i - 2];
            word[i] = word[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + word[i - 7]
                      + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
        }
        memcpy(s, state, sizeof s);
        for (int i = 0; i < 64; i++) {
            uint32_t one = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6]))
                           + ROUNDS[i] + word[i];
            uint32_t two = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof *s);
            s[4] += one;
            s[0] = one + two;
        }
        for (int i = 0; i < 8; i++) state[i] += s[i];
    }
}

#if defined(VIGIE_X86)
#include <cpuid.h>
#include <immintrin.h>

static int has_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

__attribute__((target("sha,sse4.1,ssse3"))) static void instructions(uint32_t state[8], const uint8_t *data, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    /* the instructions take the state as (A B E F) and (C D G H) */
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks--; data += 64) {
        const __m128i abef_was = abef, cdgh_was = cdgh;
        __m128i word[4];
        for (int i = 0; i < 4; i++)
            word[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * i)), swap);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i now = word[i & 3];
            __m128i sum = _mm_add_epi32(now, _mm_load_si128((const __m128i *)(ROUNDS + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            if (i < 12) {
                __m128i last = word[(i + 3) & 3];
                __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(now, word[(i + 1) & 3]),
                                             _mm_alignr_epi8(last, word[(i + 2) & 3], 4));
                word[i & 3] = _mm_sha256msg2_epu32(next, last);
            }
        }
        abef = _mm_add_epi32(abef, abef_was);
        cdgh = _mm_add_epi32(cdgh, cdgh_was);
    }
    low = _mm_shuffle_epi32(abef, 0x1B);
    high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}
#elif defined(VIGIE_ARM) && defined(__linux__)
#include <arm_neon.h>
#include <sys/auxv.h>

static int has_instructions(void) { return (getauxval(AT_HWCAP) & (1 << 6)) != 0; /* HWCAP_SHA2 */ }

__attribute__((target("+sha2"))) static void instructions(uint32_t state[8], const uint8_t *data, size_t blocks) {
    uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
    for (; blocks--; data += 64) {
        const uint32x4_t abcd_was = abcd, efgh_was = efgh;
        uint32x4_t word[4];
        for (int i = 0; i < 4; i++) word[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            uint32x4_t now = word[i & 3], sum = vaddq_u32(now, vld1q_u32(ROUNDS + 4 * i)), was = abcd;
            abcd = vsha256hq_u32(abcd, efgh, sum);
            efgh = vsha256h2q_u32(efgh, was, sum);
            if (i < 12)
                word[i & 3] = vsha256su1q_u32(vsha256su0q_u32(now, word[(i + 1) & 3]), word[(i + 2) & 3], word[(i + 3) & 3]);
        }
        abcd = vaddq_u32(abcd, abcd_was);
        efgh = vaddq_u32(efgh, efgh_was);
    }
    vst1q_u32(state, abcd);
    vst1q_u32(state + 4, efgh);
}
#else
static int has_instructions(void) { return 0; }
#define instructions plain
#endif

/* Bit `1 << form` is set for each form that this processor can run. */
EXPORT uint32_t sha256_forms(void) { return 1u | (has_instructions() ? 2u : 0u); }

sha256_form sha256_of_number(int number) { return number ? instructions : plain; }

void sha256_begin(struct sha256 *of, sha256_form form) {
    of->form = form;
    of->total = 0;
    memcpy(of->state, START, sizeof START);
}

void sha256_add(struct sha256 *of, const uint8_t *data, size_t size) {
    size_t held = of->total & 63;
    of->total += size;
    if (held) {
        size_t room = 64 - held, taken = size < room ? size : room;
        memcpy(of->rest + held, data, taken);
        if (taken < room) return;
        of->form(of->state, of->rest, 1);
        data += taken;
        size -= taken;
    }
    if (size >= 64) of->form(of->state, data, size / 64);
    memcpy(of->rest, data + (size & ~(size_t)63), size & 63);
}

static void close_up(struct sha256 *of, uint8_t out[32]) {
    size_t held = of->total & 63, bits = 56;
    of->rest[held++] = 0x80;
    if (held > bits) {
        memset(of->rest + held, 0, 64 - held);
        of->form(of->state, of->rest, 1);
        held = 0;
    }
    memset(of->rest + held, 0, bits - held);
    put_big(of->rest + bits, (uint32_t)(of->total >> 29));
    put_big(of->rest + bits + 4, (uint32_t)(of->total << 3));
    of->form(of->state, of->rest, 1);
    for (int i = 0; i < 8; i++) put_big(out + 4 * i, of->state[i]);
}

void sha256_end_twice(struct sha256 *of, uint8_t out[32]) {
    close_up(of, out);
    sha256_begin(of, of->form);
    sha256_add(of, out, 32);
    close_up(of, out);
}

void sha256_pairs(sha256_form form, const uint8_t *pairs, size_t count, uint8_t *out) {
    for (; count--; pairs += 64, out += 32) {
        struct sha256 one;
        sha256_begin(&one, form);
        sha256_add(&one, pairs, 64);
        sha256_end_twice(&one, out);
    }
}

/* SHA-256 of the SHA-256 of `size` bytes. */
EXPORT void sha256_twice(int number, const uint8_t *data, int64_t size, uint8_t *out) {
    struct sha256 one;
    sha256_begin(&one, sha256_of_number(number));
    sha256_add(&one, data, (size_t)size);
    sha256_end_twice(&one, out);
}
