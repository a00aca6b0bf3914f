/* Exact range search over 256-bit codes: tables, their search, and comparing all. Results of every form are the same. */
#include "hamming.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is found ---------------------------------------------------------------------------------------------- */

int hamming_add(struct hits *out, uint32_t query, uint32_t number, uint32_t bits) {
    if (out->count == out->room) {
        uint64_t room = out->room ? 2 * out->room : 256;
        struct hit *rows = realloc(out->rows, room * sizeof *rows);
        if (!rows) return -1;
        out->rows = rows;
        out->room = room;
    }
    out->rows[out->count++] = (struct hit){query, number, bits};
    return 0;
}

EXPORT void hamming_free(struct hits *out) {
    free(out->rows);
    *out = (struct hits){0};
}

/* Set bits of each 16-bit lane. */
static uint64_t lanes(uint64_t x) {
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (x + (x >> 8)) & 0x00FF00FF00FF00FFu;
}

/* Compare in full, and report the pair from the first table that would find it: once, that is. */
static void compare(struct search *s, uint32_t query, uint32_t table, uint32_t number) {
    const uint64_t *a = s->held->codes + 4 * (uint64_t)number, *b = s->queries + 4 * (uint64_t)query;
    uint64_t count[4];
    for (int w = 0; w < 4; w++) count[w] = lanes(a[w] ^ b[w]);
    uint64_t sum = count[0] + count[1] + count[2] + count[3];
    uint32_t bits = (uint32_t)((sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32 & 0xFFFF) + (sum >> 48));
    if (bits > s->radius) return;
    for (unsigned c = 0; c < table; c++) {
        uint32_t first = chunk_of(count, c);
        if (first <= s->one
            && first + chunk_of(count, (c + RING) % 16) + chunk_of(count, (c + 2 * RING) % 16) <= s->three)
            return;
    }
    if (hamming_add(s->out, query, number, bits)) s->failed = 1;
}

/* Compare what waits. Three rounds, so that the memory accesses of all overlap. */
void hamming_settle(struct search *s) {
    const struct tables *held = s->held;
    uint32_t number[WAITING];
    for (uint32_t i = 0; i < s->waiting; i++) {
        number[i] = held->numbers[s->queue[i].table * held->count + s->queue[i].entry];
        __builtin_prefetch(held->codes + 4 * (uint64_t)number[i]);
    }
    for (uint32_t i = 0; i < s->waiting; i++) {
        const struct pending *p = &s->queue[i];
        if (!s->self || p->query < number[i])
            compare(s, p->query, p->table, number[i]);
        else if (p->across)
            compare(s, number[i], p->table, p->query);
    }
    s->waiting = 0;
}

void hamming_wait(struct search *s, uint32_t query, uint32_t table, uint32_t entry, int across) {
    if (s->waiting == WAITING) hamming_settle(s);
    __builtin_prefetch(s->held->numbers + table * s->held->count + entry);
    s->queue[s->waiting++] = (struct pending){query, table, entry, across};
}

/* All words of at most `most` (0-2) set bits, by their number; `ends[k]` is where those of k bits end. */
int hamming_masks(uint32_t most, uint16_t *masks, uint32_t *ends) {
    uint32_t n = 0;
    masks[n++] = 0;
    ends[0] = n;
    for (unsigned i = 0; most >= 1 && i < 16; i++) masks[n++] = (uint16_t)(1u << i);
    ends[1] = n;
    for (unsigned i = 0; most >= 2 && i < 16; i++)
        for (unsigned j = 0; j < i; j++) masks[n++] = (uint16_t)(1u << i | 1u << j);
    ends[2] = n;
    return (int)n;
}

/* ---- forms ------------------------------------------------------------------------------------------------------ */

static inline int any_scalar(const uint32_t *values, uint32_t count, uint32_t query, uint32_t limit) {
    for (uint32_t i = 0; i < count; i++)
        if ((uint32_t)__builtin_popcount(values[i] ^ query) <= limit) return 1;
    return 0;
}

static inline int close_scalar(const uint64_t *const *words, uint32_t count, const uint64_t *query, uint32_t radius) {
    for (uint32_t i = 0; i < count; i++)
        if ((uint32_t)(__builtin_popcountll(words[0][i] ^ query[0]) + __builtin_popcountll(words[1][i] ^ query[1]))
            <= radius)
            return 1;
    return 0;
}

#define FORM(name) name##_scalar
#define TARGET
#include "hamming_form.h"
#undef FORM
#undef TARGET

#if defined(VIGIE_X86)
#include <immintrin.h>

/* Does any of the values differ from the query by at most `limit` bits? The same question in each form.

   Here by whole cache lines, what is beyond the ends masked: a load across two lines waits for both, also for one of
   which the mask leaves nothing, and that one nobody sent for (measured: 1.5 times the time of a query of 1 M). */
TARGET_AVX512 static inline int any_avx512(const uint32_t *values, uint32_t count, uint32_t query, uint32_t limit) {
    if (!count) return 0;
    const __m512i q = _mm512_set1_epi32((int)query), most = _mm512_set1_epi32((int)limit);
    const uint32_t lead = (uint32_t)((uintptr_t)values >> 2) & 15, end = lead + count;
    const uint32_t *line = values - lead;
    __mmask16 here = (__mmask16)(0xFFFFu << lead), found = 0;
    uint32_t i = 0;
    for (; i + 16 < end; i += 16, here = 0xFFFF) {
        const __m512i bits = _mm512_popcnt_epi32(_mm512_xor_si512(_mm512_maskz_loadu_epi32(here, line + i), q));
        found |= _mm512_mask_cmple_epu32_mask(here, bits, most);
    }
    here &= (__mmask16)((1u << (end - i)) - 1);
    const __m512i bits = _mm512_popcnt_epi32(_mm512_xor_si512(_mm512_maskz_loadu_epi32(here, line + i), q));
    return (found | _mm512_mask_cmple_epu32_mask(here, bits, most)) != 0;
}

TARGET_AVX512 static inline int close_avx512(const uint64_t *const *words, uint32_t count, const uint64_t *query,
                                             uint32_t radius) {
    const __m512i q0 = _mm512_set1_epi64((long long)query[0]), q1 = _mm512_set1_epi64((long long)query[1]);
    __m512i low = _mm512_set1_epi64(-1);
    for (uint32_t i = 0; i < count; i += 8) {
        const uint32_t n = count - i;
        const __mmask8 left = (__mmask8)(n >= 8 ? 0xFF : (1u << n) - 1);
        const __m512i a = _mm512_xor_si512(_mm512_maskz_loadu_epi64(left, words[0] + i), q0);
        const __m512i b = _mm512_xor_si512(_mm512_maskz_loadu_epi64(left, words[1] + i), q1);
        const __m512i bits = _mm512_add_epi64(_mm512_popcnt_epi64(a), _mm512_popcnt_epi64(b));
        low = _mm512_mask_min_epu64(low, left, low, bits);
    }
    return _mm512_cmple_epu64_mask(low, _mm512_set1_epi64((long long)radius)) != 0;
}

#define FORM(name) name##_avx512
#define TARGET TARGET_AVX512
#include "hamming_form.h"
#undef FORM
#undef TARGET

/* Bits of each byte by a table of nibbles (Mula, Kurz, Lemire 2018, "Faster population counts using AVX2"). */
TARGET_AVX2 static inline __m256i bytes_avx2(__m256i x) {
    const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
                                            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(15);
    return _mm256_add_epi8(_mm256_shuffle_epi8(counts, _mm256_and_si256(x, low)),
                           _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

TARGET_AVX2 static inline int any_avx2(const uint32_t *values, uint32_t count, uint32_t query, uint32_t limit) {
    const __m256i q = _mm256_set1_epi32((int)query);
    __m256i low = _mm256_set1_epi32(255);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(values + i)), q);
        const __m256i pairs = _mm256_maddubs_epi16(bytes_avx2(x), _mm256_set1_epi8(1));
        low = _mm256_min_epu32(low, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
    if (_mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_set1_epi32((int)limit + 1), low))) return 1;
    for (; i < count; i++)
        if ((uint32_t)__builtin_popcount(values[i] ^ query) <= limit) return 1;
    return 0;
}

TARGET_AVX2 static inline int close_avx2(const uint64_t *const *words, uint32_t count, const uint64_t *query,
                                         uint32_t radius) {
    const __m256i q0 = _mm256_set1_epi64x((long long)query[0]), q1 = _mm256_set1_epi64x((long long)query[1]);
    __m256i low = _mm256_set1_epi32(255);
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const __m256i a = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(words[0] + i)), q0);
        const __m256i b = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(words[1] + i)), q1);
        const __m256i bytes = _mm256_add_epi8(bytes_avx2(a), bytes_avx2(b));
        /* The sums of eight bytes stand in the low half of each 64-bit lane; the high half is kept out of the way. */
        const __m256i sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
        low = _mm256_min_epu32(low, _mm256_or_si256(sums, _mm256_set1_epi64x((long long)0xFF00000000)));
    }
    if (_mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_set1_epi32((int)radius + 1), low)) & 0x0F0F0F0F) return 1;
    for (; i < count; i++)
        if ((uint32_t)(__builtin_popcountll(words[0][i] ^ query[0]) + __builtin_popcountll(words[1][i] ^ query[1]))
            <= radius)
            return 1;
    return 0;
}

#define FORM(name) name##_avx2
#define TARGET TARGET_AVX2
#include "hamming_form.h"
#undef FORM
#undef TARGET
#endif

#if defined(VIGIE_ARM)
#include <arm_neon.h>

static inline int any_neon(const uint32_t *values, uint32_t count, uint32_t query, uint32_t limit) {
    const uint32x4_t q = vdupq_n_u32(query);
    uint32x4_t low = vdupq_n_u32(255);
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint8x16_t bytes = vcntq_u8(vreinterpretq_u8_u32(veorq_u32(vld1q_u32(values + i), q)));
        low = vminq_u32(low, vpaddlq_u16(vpaddlq_u8(bytes)));
    }
    if (vminvq_u32(low) <= limit) return 1;
    for (; i < count; i++)
        if ((uint32_t)__builtin_popcount(values[i] ^ query) <= limit) return 1;
    return 0;
}

static inline int close_neon(const uint64_t *const *words, uint32_t count, const uint64_t *query, uint32_t radius) {
    const uint64x2_t q0 = vdupq_n_u64(query[0]), q1 = vdupq_n_u64(query[1]);
    uint32x4_t low = vdupq_n_u32(255);
    uint32_t i = 0;
    for (; i + 2 <= count; i += 2) {
        const uint8x16_t a = vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(words[0] + i), q0)));
        const uint8x16_t b = vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(words[1] + i), q1)));
        const uint32x4_t halves = vpaddlq_u16(vpaddlq_u8(vaddq_u8(a, b)));
        low = vminq_u32(low, vpaddq_u32(halves, halves));
    }
    if (vminvq_u32(low) <= radius) return 1;
    for (; i < count; i++)
        if ((uint32_t)(__builtin_popcountll(words[0][i] ^ query[0]) + __builtin_popcountll(words[1][i] ^ query[1]))
            <= radius)
            return 1;
    return 0;
}

#define FORM(name) name##_neon
#define TARGET
#include "hamming_form.h"
#undef FORM
#undef TARGET
#endif

#if defined(VIGIE_X86)
#define CHOOSE(level, call) \
    ((level) == VIGIE_AVX512 ? call##_avx512 : (level) == VIGIE_AVX2 ? call##_avx2 : call##_scalar)
#elif defined(VIGIE_ARM)
#define CHOOSE(level, call) ((level) == VIGIE_NEON ? call##_neon : call##_scalar)
#else
#define CHOOSE(level, call) ((void)(level), call##_scalar)
#endif

/* ---- what Python calls ------------------------------------------------------------------------------------------ */

static void begin(struct search *s, const struct tables *held, const uint64_t *queries, uint32_t radius, int self,
                  struct hits *out) {
    s->held = held;
    s->queries = queries;
    s->out = out;
    s->radius = radius;
    s->one = radius / 16;
    s->three = 3 * radius / 16;
    s->self = self;
    s->failed = 0;
    s->waiting = 0;
}

/* Each query by itself. Radius 0-47. Returns 0, or -1 where memory is short.

   A query that would test more than `most` entries is left out, and marked in `left` (uint8[count], zero before). */
EXPORT int hamming_probe(int level, const struct tables *held, const uint64_t *queries, uint64_t count,
                         uint32_t radius, uint64_t most, uint8_t *left, struct hits *out) {
    struct search s;
    begin(&s, held, queries, radius, 0, out);
    CHOOSE(level, probe)(&s, count, most, left);
    hamming_settle(&s);
    return -s.failed;
}

/* All queries at once, bucket by bucket: `asked` holds the tables of the queries, or is `held` itself (`self`). */
EXPORT int hamming_stream(int level, const struct tables *held, const struct tables *asked, uint32_t radius, int self,
                          struct hits *out) {
    struct search s;
    begin(&s, held, asked->codes, radius, self, out);
    CHOOSE(level, stream)(&s, asked);
    hamming_settle(&s);
    return -s.failed;
}

/* Compare all, any radius. `above`: codes and queries are the same; only pairs query < number. */
EXPORT int hamming_scan(int level, const uint64_t *codes, uint64_t held, const uint64_t *queries, uint64_t count,
                        uint32_t radius, int above, struct hits *out) {
    return CHOOSE(level, scan)(codes, held, queries, count, radius, above, out);
}

/* How many entries probing would test for each query. */
EXPORT void hamming_candidates(const struct tables *held, const uint64_t *queries, uint64_t count, uint32_t radius,
                               uint64_t *out) {
    uint16_t masks[MOST_MASKS];
    uint32_t ends[3];
    const int n = hamming_masks(radius / 16, masks, ends);
    for (uint64_t q = 0; q < count; q++) {
        out[q] = 0;
        for (unsigned c = 0; c < TABLES; c++) {
            const uint32_t *offsets = held->offsets + c * STRIDE;
            const uint32_t chunk = chunk_of(queries + 4 * q, c);
            for (int k = 0; k < n; k++) {
                const uint32_t b = chunk ^ masks[k];
                out[q] += offsets[b + 1] - offsets[b];
            }
        }
    }
}
