/* Where identifiers may stand in texts: ../identifiers_native.py; ../identifiers_numba.py does the same and is the judge in
   the tests. 64 bytes at a time become a few words of 64 bits; what is looked at closer is rare. */
#include <string.h>

#include "cpu.h"

#if defined(VIGIE_X86)
#include <immintrin.h>
#elif defined(VIGIE_ARM)
#include <arm_neon.h>
#endif

#define BLOCK 64
#define BEFORE 2 /* bytes that a place is decided by: these, and one behind it */
#define CODE_RUN 62 /* ../identifiers_scan.py: P_RUN, P_GROUPS */
#define CODE_GROUPS 63
#define LEAST_RUN 25    /* letters and digits */
#define LEAST_GROUPS 49 /* hexadecimal digits and spaces */
#define SPARE (4 * BLOCK) /* marks of a block, at most, and some */

enum class {
    LETTER_A = 1,  /* a to o */
    LETTER_P = 2,  /* p to z */
    DIGIT = 4,
    HEX_LETTER = 8,
    SPACE = 16,
    LETTER = LETTER_A | LETTER_P,
    ALNUM = LETTER | DIGIT,
    HEX = DIGIT | HEX_LETTER | SPACE,
};

/* Classes by lower and by higher half of a byte: it is of those that both name. */
static const uint8_t LOW[16] = {
    LETTER_P | DIGIT | SPACE,
    LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER,
    LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER,
    LETTER | DIGIT, LETTER | DIGIT, LETTER | DIGIT,
    LETTER, LETTER_A, LETTER_A, LETTER_A, LETTER_A, LETTER_A,
};
static const uint8_t HIGH[16] = {
    0, 0, SPACE, DIGIT, LETTER_A | HEX_LETTER, LETTER_P, LETTER_A | HEX_LETTER, LETTER_P,
};

static inline int is(uint8_t byte, int classes) { return LOW[byte & 15] & HIGH[byte >> 4] & classes; }

struct mark {
    int64_t start, end, what;
};

/* ../identifiers_anchors.py, Anchors */
struct wanted {
    const uint64_t (*sets)[256];
    const uint8_t (*nibbles)[4][2][16];
    const uint8_t *codes;
};

struct state {
    int64_t at, run_end, groups_end;
};

/* A bit for each byte of a block; of `near` one at least where an anchor is. */
struct masks {
    uint64_t near, alnum, hex;
};

/* The bits that begin `many` set ones; `many` is a constant. */
static inline __attribute__((always_inline)) uint64_t runs(uint64_t of, int many) {
    int have = 1;
    for (; 2 * have <= many; have *= 2) of &= of >> have;
    return many > have ? of & of >> (many - have) : of;
}

/* Which anchors are at a place. */
static inline uint64_t met(const struct wanted *wanted, const uint8_t *at) {
    const uint64_t some = wanted->sets[2][at[0]] & wanted->sets[1][at[-1]];
    return some ? some & wanted->sets[0][at[-2]] & wanted->sets[3][at[1]] : 0;
}

#define FORM(name) name##_scalar
#define TARGET
TARGET static struct masks FORM(masks)(const uint8_t *text, const struct wanted *wanted) {
    struct masks out = {0, 0, 0};
    for (int i = 0; i < BLOCK; i++) {
        const uint8_t *at = text + i;
        out.near |= (uint64_t)!!met(wanted, at) << i;
        out.alnum |= (uint64_t)!!is(*at, ALNUM) << i;
        out.hex |= (uint64_t)!!is(*at, HEX) << i;
    }
    return out;
}

#include "identifiers_form.h"
#undef FORM
#undef TARGET

#if defined(VIGIE_X86)
#define FORM(name) name##_avx2
#define TARGET TARGET_AVX2
TARGET static inline __m256i FORM(both)(__m256i bytes, const uint8_t *low, const uint8_t *high) {
    const __m256i four = _mm256_set1_epi8(15);
    const __m256i l = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low));
    const __m256i h = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high));
    return _mm256_and_si256(_mm256_shuffle_epi8(l, _mm256_and_si256(bytes, four)),
                            _mm256_shuffle_epi8(h, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), four)));
}

TARGET static inline uint64_t FORM(some)(__m256i of, int classes) {
    const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(of, _mm256_set1_epi8((char)classes)), _mm256_setzero_si256());
    return (uint32_t)~_mm256_movemask_epi8(none);
}

TARGET static inline struct masks FORM(masks)(const uint8_t *text, const struct wanted *wanted) {
    struct masks out = {0, 0, 0};
    for (int i = 0; i < BLOCK; i += 32) {
        __m256i one = _mm256_set1_epi8(-1), two = one;
        const uint8_t(*nibbles)[4][2][16] = wanted->nibbles;
        for (int k = 0; k < 4; k++) {
            const __m256i bytes = _mm256_loadu_si256((const __m256i *)(text + i + k - BEFORE));
            one = _mm256_and_si256(one, FORM(both)(bytes, nibbles[0][k][0], nibbles[0][k][1]));
            two = _mm256_and_si256(two, FORM(both)(bytes, nibbles[1][k][0], nibbles[1][k][1]));
        }
        const __m256i of = FORM(both)(_mm256_loadu_si256((const __m256i *)(text + i)), LOW, HIGH);
        out.near |= FORM(some)(_mm256_or_si256(one, two), 255) << i;
        out.alnum |= FORM(some)(of, ALNUM) << i;
        out.hex |= FORM(some)(of, HEX) << i;
    }
    return out;
}

#include "identifiers_form.h"
#undef FORM
#undef TARGET

#define FORM(name) name##_avx512
#define TARGET TARGET_AVX512
TARGET static inline __m512i FORM(both)(__m512i bytes, const uint8_t *low, const uint8_t *high) {
    const __m512i four = _mm512_set1_epi8(15);
    const __m512i l = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)low));
    const __m512i h = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)high));
    return _mm512_and_si512(_mm512_shuffle_epi8(l, _mm512_and_si512(bytes, four)),
                            _mm512_shuffle_epi8(h, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), four)));
}

TARGET static inline uint64_t FORM(some)(__m512i of, int classes) {
    return _mm512_test_epi8_mask(of, _mm512_set1_epi8((char)classes));
}

TARGET static inline struct masks FORM(masks)(const uint8_t *text, const struct wanted *wanted) {
    const uint8_t(*nibbles)[4][2][16] = wanted->nibbles;
    __m512i one = _mm512_set1_epi8(-1), two = one;
    for (int k = 0; k < 4; k++) {
        const __m512i bytes = _mm512_loadu_si512(text + k - BEFORE);
        one = _mm512_and_si512(one, FORM(both)(bytes, nibbles[0][k][0], nibbles[0][k][1]));
        two = _mm512_and_si512(two, FORM(both)(bytes, nibbles[1][k][0], nibbles[1][k][1]));
    }
    const __m512i of = FORM(both)(_mm512_loadu_si512(text), LOW, HIGH);
    return (struct masks){FORM(some)(_mm512_or_si512(one, two), 255), FORM(some)(of, ALNUM), FORM(some)(of, HEX)};
}

#include "identifiers_form.h"
#undef FORM
#undef TARGET
#elif defined(VIGIE_ARM)
#define FORM(name) name##_neon
#define TARGET
static inline uint8x16_t FORM(both)(uint8x16_t bytes, const uint8_t *low, const uint8_t *high) {
    return vandq_u8(vqtbl1q_u8(vld1q_u8(low), vandq_u8(bytes, vdupq_n_u8(15))), vqtbl1q_u8(vld1q_u8(high), vshrq_n_u8(bytes, 4)));
}

/* A bit for each of 64 bytes that has one of the classes. */
static inline uint64_t FORM(some)(const uint8x16_t *of, int classes) {
    static const uint8_t BITS[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t wanted = vdupq_n_u8((uint8_t)classes), bits = vld1q_u8(BITS);
    uint8x16_t four[4];
    for (int i = 0; i < 4; i++) four[i] = vandq_u8(vtstq_u8(of[i], wanted), bits);
    const uint8x16_t all = vpaddq_u8(vpaddq_u8(four[0], four[1]), vpaddq_u8(four[2], four[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

static inline struct masks FORM(masks)(const uint8_t *text, const struct wanted *wanted) {
    const uint8_t(*nibbles)[4][2][16] = wanted->nibbles;
    uint8x16_t near[4], of[4];
    for (int i = 0; i < 4; i++) {
        uint8x16_t one = vdupq_n_u8(255), two = one;
        for (int k = 0; k < 4; k++) {
            const uint8x16_t bytes = vld1q_u8(text + 16 * i + k - BEFORE);
            one = vandq_u8(one, FORM(both)(bytes, nibbles[0][k][0], nibbles[0][k][1]));
            two = vandq_u8(two, FORM(both)(bytes, nibbles[1][k][0], nibbles[1][k][1]));
        }
        near[i] = vorrq_u8(one, two);
        of[i] = FORM(both)(vld1q_u8(text + 16 * i), LOW, HIGH);
    }
    return (struct masks){FORM(some)(near, 255), FORM(some)(of, ALNUM), FORM(some)(of, HEX)};
}

#include "identifiers_form.h"
#undef FORM
#undef TARGET
#endif

#if defined(VIGIE_X86)
#define CHOOSE(level, name) \
    ((level) == VIGIE_SCALAR ? name##_scalar : (level) == VIGIE_AVX2 ? name##_avx2 : name##_avx512)
#elif defined(VIGIE_ARM)
#define CHOOSE(level, name) ((level) == VIGIE_SCALAR ? name##_scalar : name##_neon)
#else
#define CHOOSE(level, name) ((void)(level), name##_scalar)
#endif

/* Go on from *state in text[first .. end); how many marks were written until the end or until the room, more than SPARE, is
   used up. */
EXPORT int64_t identifiers_marks(int level, const uint8_t *text, int64_t first, int64_t end, const uint64_t (*sets)[256],
                                 const uint8_t (*nibbles)[4][2][16], const uint8_t *codes, struct state *state,
                                 struct mark *out, int64_t room) {
    const struct wanted wanted = {sets, nibbles, codes};
    return CHOOSE(level, marks)(text, first, end, &wanted, state, out, room);
}
