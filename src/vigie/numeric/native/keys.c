/* Keys of rows: the first 16 bytes of SHA-256 over the text forms of a row's columns. What and why: ../keys.py.

   SHA-256: FIPS 180-4, 6.2. Two forms of the block: plain C, and the SHA extensions of x86. */
#include <string.h>

#include "cpu.h"
#if defined(VIGIE_X86)
#include <cpuid.h>
#include <immintrin.h>
#endif

enum kind { WHOLE = 0, TEXT = 1, HEX = 2, WIDE = 3 };

/* A column: WHOLE int64 each; TEXT and HEX bytes from starts[i] to starts[i + 1]; WIDE `width` bytes each, as hex. */
struct column {
    int64_t kind, width;
    const int32_t *starts;
    const void *values;
};

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void block_plain(uint32_t *state, const uint8_t *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3)
             + (turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        const uint32_t one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
        const uint32_t two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + one;
        d = c, c = b, b = a, a = one + two;
    }
    const uint32_t after[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++) state[i] += after[i];
}

#if defined(VIGIE_X86)
/* Intel SHA Extensions (Gulley et al., 2013): two rounds an instruction, on the state as ABEF and CDGH. */
__attribute__((target("sha,sse4.1,ssse3"))) static void block_sha(uint32_t *state, const uint8_t *block) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);            /* CDAB */
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);     /* EFGH */
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), order);
    for (int i = 0; i < 16; i++) {
        const __m128i now = w[i % 4], sum = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)(K + 4 * i)));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
        const __m128i next = w[(i + 1) % 4], third = w[(i + 2) % 4], last = w[(i + 3) % 4];
        w[i % 4] = _mm_sha256msg2_epu32(
            _mm_add_epi32(_mm_sha256msg1_epu32(now, next), _mm_alignr_epi8(last, third, 4)), last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
    low = _mm_shuffle_epi32(abef, 0x1B);  /* FEBA */
    high = _mm_shuffle_epi32(cdgh, 0xB1); /* DCHG */
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}
#endif

typedef void block_form(uint32_t *state, const uint8_t *block);

struct digest {
    uint32_t state[8];
    uint8_t block[64];
    uint64_t size; /* bytes so far */
    block_form *form;
};

static void add(struct digest *to, const uint8_t *bytes, size_t count) {
    size_t held = to->size % 64;
    to->size += count;
    if (held + count < 64) {
        memcpy(to->block + held, bytes, count);
        return;
    }
    memcpy(to->block + held, bytes, 64 - held);
    to->form(to->state, to->block);
    bytes += 64 - held;
    count -= 64 - held;
    for (; count >= 64; bytes += 64, count -= 64) to->form(to->state, bytes);
    memcpy(to->block, bytes, count);
}

static void add_hex(struct digest *to, const uint8_t *bytes, size_t count) {
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t said[64];
    while (count) {
        const size_t part = count < 32 ? count : 32;
        for (size_t i = 0; i < part; i++) {
            said[2 * i] = (uint8_t)DIGITS[bytes[i] >> 4];
            said[2 * i + 1] = (uint8_t)DIGITS[bytes[i] & 15];
        }
        add(to, said, 2 * part);
        bytes += part;
        count -= part;
    }
}

static void add_whole(struct digest *to, int64_t value) {
    uint8_t said[20];
    int at = 20;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do said[--at] = (uint8_t)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) said[--at] = '-';
    add(to, said + at, (size_t)(20 - at));
}

static void end(struct digest *of, uint8_t *out) {
    const uint64_t bits = of->size * 8;
    size_t held = of->size % 64;
    of->block[held++] = 0x80;
    if (held > 56) {
        memset(of->block + held, 0, 64 - held);
        of->form(of->state, of->block);
        held = 0;
    }
    memset(of->block + held, 0, 56 - held);
    for (int i = 0; i < 8; i++) of->block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    of->form(of->state, of->block);
    for (int i = 0; i < 16; i++) out[i] = (uint8_t)(of->state[i / 4] >> (24 - 8 * (i % 4)));
}

/* Has this processor instructions for SHA-256? */
EXPORT int keys_hardware(void) {
#if defined(VIGIE_X86)
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
#else
    return 0;
#endif
}

/* Write 16 bytes for each row: of SHA-256 over `head` and, each behind U+001F, the row's columns. */
EXPORT void keys_of(
    int hardware, const uint8_t *head, int64_t head_bytes, const struct column *columns, int64_t many, int64_t rows,
    uint8_t *out) {
    static const uint8_t SEPARATOR = 0x1f;
    struct digest start = {
        {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, {0}, 0, block_plain};
#if defined(VIGIE_X86)
    if (hardware) start.form = block_sha;
#else
    (void)hardware;
#endif
    add(&start, head, (size_t)head_bytes);
    for (int64_t row = 0; row < rows; row++) {
        struct digest now = start;
        for (int64_t i = 0; i < many; i++) {
            const struct column *of = columns + i;
            const uint8_t *bytes = of->values;
            add(&now, &SEPARATOR, 1);
            if (of->kind == WHOLE) add_whole(&now, ((const int64_t *)of->values)[row]);
            else if (of->kind == WIDE) add_hex(&now, bytes + row * of->width, (size_t)of->width);
            else {
                const size_t count = (size_t)(of->starts[row + 1] - of->starts[row]);
                if (of->kind == TEXT) add(&now, bytes + of->starts[row], count);
                else add_hex(&now, bytes + of->starts[row], count);
            }
        }
        end(&now, out + 16 * row);
    }
}
