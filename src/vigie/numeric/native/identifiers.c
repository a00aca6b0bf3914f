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
#define LEAST_WORDS 12
#define INNER 40 /* bytes of all words of a phrase but the first and the last, at least, and of what is before each */
#define SAMPLES 256 /* words at a time */
#define NEAR 16     /* bytes beside a word, of its neighbour and what is in between */
#define SHORTEST 3
#define LONGEST 8
#define LONGEST_GAP 5

enum class {
    LETTER_A = 1,  /* a to o */
    LETTER_P = 2,  /* p to z */
    DIGIT = 4,
    HEX_LETTER = 8,
    SPACE = 16,
    GAP_2 = 32,    /* space ) , - . */
    GAP_0 = 64,    /* tab, line feed, carriage return */
    GAP_3 = 128,   /* colon */
    LETTER = LETTER_A | LETTER_P,
    ALNUM = LETTER | DIGIT,
    HEX = DIGIT | HEX_LETTER | SPACE,
    GAP = DIGIT | GAP_2 | GAP_0 | GAP_3,
};

/* Classes by lower and by higher half of a byte: it is of those that both name. */
static const uint8_t LOW[16] = {
    LETTER_P | DIGIT | SPACE | GAP_2,
    LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER,
    LETTER | DIGIT | HEX_LETTER, LETTER | DIGIT | HEX_LETTER,
    LETTER | DIGIT, LETTER | DIGIT, LETTER | DIGIT | GAP_2 | GAP_0,
    LETTER | GAP_0 | GAP_3, LETTER_A, LETTER_A | GAP_2, LETTER_A | GAP_2 | GAP_0, LETTER_A | GAP_2, LETTER_A,
};
static const uint8_t HIGH[16] = {
    GAP_0, 0, SPACE | GAP_2, DIGIT | GAP_3, LETTER_A | HEX_LETTER, LETTER_P, LETTER_A | HEX_LETTER, LETTER_P,
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

struct shape {
    uint64_t letters, gaps;
};

/* Texts, and the list of words that phrases are made of: a table of mask + 1, as ../identifiers_phrases.py has it. */
struct listed {
    const uint8_t *text;
    const int64_t *offsets;
    int64_t end;
    const uint64_t *words;
    uint64_t mask;
};

/* A word of a row. */
struct sample {
    int64_t start, stop, row;
};

struct phrase {
    int64_t row, start, end;
};

/* The bits that begin `many` set ones; `many` is a constant. */
static inline __attribute__((always_inline)) uint64_t runs(uint64_t of, int many) {
    int have = 1;
    for (; 2 * have <= many; have *= 2) of &= of >> have;
    return many > have ? of & of >> (many - have) : of;
}

static inline uint64_t word_at(const uint8_t *text) {
    uint64_t out;
    memcpy(&out, text, sizeof out);
    return out;
}

/* Which anchors are at a place. */
static inline uint64_t met(const struct wanted *wanted, const uint8_t *at) {
    const uint64_t some = wanted->sets[2][at[0]] & wanted->sets[1][at[-1]];
    return some ? some & wanted->sets[0][at[-2]] & wanted->sets[3][at[1]] : 0;
}

/* 128 in each byte that is a letter. */
static inline uint64_t letters_of(uint64_t eight) {
    const uint64_t ones = 0x0101010101010101u, low = (eight | 0x20 * ones) & 0x7f * ones;
    return (low + (128 - 'a') * ones) & ~(low + (127 - 'z') * ones) & ~eight & 128 * ones;
}

static inline int letter(uint8_t byte) { return (uint8_t)((byte | 32) - 'a') < 26; }

static inline uint64_t slot(uint64_t value, const struct listed *listed) {
    return value * 0x9E3779B97F4A7C15u >> 40 & listed->mask;
}

/* Is it a word of the list? */
static inline int known(uint64_t value, const struct listed *listed) {
    const uint64_t *words = listed->words;
    for (uint64_t at = slot(value, listed); words[at]; at = (at + 1) & listed->mask)
        if (words[at] == value) return 1;
    return 0;
}

/* The same, and of a few that are none: without a loop. */
static inline int perhaps(uint64_t value, const struct listed *listed) {
    const uint64_t at = slot(value, listed), one = listed->words[at], two = listed->words[(at + 1) & listed->mask];
    return (value != 0) & ((one == value) | (two == value) | ((one != 0) & (two != 0)));
}

#define NOT_LETTERS 0x8080808080808080u
#define LOWER_CASE 0x2020202020202020u

/* The letters from `at` on, in lower case, eight bits each, and their end; 0 where there are none, or more than 8. */
static inline uint64_t word(const uint8_t *text, int64_t at, int64_t high, int64_t *end) {
    uint64_t value = 0;
    int64_t i = at;
    if (high - at > LONGEST) {
        const uint64_t eight = word_at(text + at), behind = ~letters_of(eight) & NOT_LETTERS;
        const int many = behind ? __builtin_ctzll(behind) / 8 : 8;
        *end = at + many;
        if (!many || (many == 8 && letter(text[at + 8]))) return 0;
        return (__builtin_bswap64(eight) | LOWER_CASE) >> (64 - 8 * many);
    }
    for (; i < high && i - at <= LONGEST && letter(text[i]); i++) value = value << 8 | (text[i] | 32);
    *end = i;
    return i - at > LONGEST ? 0 : value;
}

/* The word of `many` letters, 1 to 8, at `at`. */
static inline uint64_t word_from(int64_t at, int64_t many, const struct listed *listed) {
    uint64_t eight = 0;
    if (at + 8 <= listed->end)
        eight = word_at(listed->text + at);
    else
        memcpy(&eight, listed->text + at, (size_t)(listed->end - at));
    return (__builtin_bswap64(eight) | LOWER_CASE) >> (64 - 8 * many);
}

/* The word before or behind a place, and behind or before whatever else is in between; 0 where none is within some bytes.
   NEAR bytes have to be there. */
static inline uint64_t near_before(const uint8_t *text) {
    const uint64_t last = letters_of(word_at(text - 8));
    text -= last ? __builtin_clzll(last) / 8 : 8;
    const uint64_t eight = word_at(text - 8), no = ~letters_of(eight) & NOT_LETTERS;
    const int many = no ? __builtin_clzll(no) / 8 : 8;
    return many ? (__builtin_bswap64(eight) | LOWER_CASE) & ~0ull >> (64 - 8 * many) : 0;
}

static inline uint64_t near_behind(const uint8_t *text) {
    const uint64_t first = letters_of(word_at(text));
    text += first ? __builtin_ctzll(first) / 8 : 8;
    const uint64_t eight = word_at(text), no = ~letters_of(eight) & NOT_LETTERS;
    const int many = no ? __builtin_ctzll(no) / 8 : 8;
    return many ? (__builtin_bswap64(eight) | LOWER_CASE) >> (64 - 8 * many) : 0;
}

/* The word behind the one that ends at `at`, and its end; 0 where none stands near enough. */
static inline uint64_t word_behind(const uint8_t *text, int64_t at, int64_t high, int64_t *end) {
    int64_t i = at;
    while (i < high && i - at < LONGEST_GAP && is(text[i], GAP)) i++;
    return i == at ? 0 : word(text, i, high, end);
}

/* How many words of the list stand round the one from *start to *end; both become those of them all. */
static int64_t phrase_round(int64_t low, int64_t high, const struct listed *listed, int64_t *start, int64_t *end) {
    const uint8_t *text = listed->text;
    int64_t many = 1, stop;
    for (uint64_t value; (value = word_behind(text, *end, high, &stop)) && known(value, listed); many++) *end = stop;
    for (;; many++) {
        int64_t last = *start, first;
        while (last > low && *start - last < LONGEST_GAP && is(text[last - 1], GAP)) last--;
        if (last == *start) return many;
        for (first = last; first > low && last - first <= LONGEST && letter(text[first - 1]);) first--;
        const uint64_t value = word(text, first, last, &stop);
        if (!value || !known(value, listed)) return many;
        *start = first;
    }
}

/* The bits of a block that no phrase goes through: other bytes, and one at least of a word of one, two or more than eight
   letters or of a gap that is too long, where all of it is in this block: the first and the last bit are not known to
   begin or end one. */
static inline uint64_t barred(struct shape of) {
    const uint64_t l = of.letters, inner = ~(1ull << 63 | 1), first = l & ~(l << 1);
    const uint64_t one = first & ~(l >> 1) & inner, two = first & l >> 1 & ~(l >> 2) & inner & inner >> 1;
    return ~(l | of.gaps) | runs(l, LONGEST + 1) | one | two | runs(~l, LONGEST_GAP + 1);
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

TARGET static struct shape FORM(shape)(const uint8_t *text) {
    struct shape out = {0, 0};
    for (int i = 0; i < BLOCK; i++) {
        out.letters |= (uint64_t)!!is(text[i], LETTER) << i;
        out.gaps |= (uint64_t)!!is(text[i], GAP) << i;
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

TARGET static inline struct shape FORM(shape)(const uint8_t *text) {
    struct shape out = {0, 0};
    for (int i = 0; i < BLOCK; i += 32) {
        const __m256i of = FORM(both)(_mm256_loadu_si256((const __m256i *)(text + i)), LOW, HIGH);
        out.letters |= FORM(some)(of, LETTER) << i;
        out.gaps |= FORM(some)(of, GAP) << i;
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

TARGET static inline struct shape FORM(shape)(const uint8_t *text) {
    const __m512i of = FORM(both)(_mm512_loadu_si512(text), LOW, HIGH);
    return (struct shape){FORM(some)(of, LETTER), FORM(some)(of, GAP)};
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

static inline struct shape FORM(shape)(const uint8_t *text) {
    uint8x16_t of[4];
    for (int i = 0; i < 4; i++) of[i] = FORM(both)(vld1q_u8(text + 16 * i), LOW, HIGH);
    return (struct shape){FORM(some)(of, LETTER), FORM(some)(of, GAP)};
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

/* Write at most `room` phrases of words of the table, whose size is mask + 1, a power of two; how many there are. */
EXPORT int64_t identifiers_phrases(int level, const uint8_t *text, const int64_t *offsets, int64_t rows,
                                   const uint64_t *words, uint64_t mask, struct phrase *out, int64_t room) {
    const struct listed listed = {text, offsets, offsets[rows], words, mask};
    return CHOOSE(level, phrases)(&listed, rows, out, room);
}
