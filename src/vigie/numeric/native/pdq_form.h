/* The loops of pdq.c for one form: FORM(name) names them, TARGET says which instructions they may use, LANES how many
   doubles lie in one of its registers. */
#define LANES_NAMED(many) lanes##many
#define LANES_PASTED(many) LANES_NAMED(many)
#define LANES_OF LANES_PASTED(LANES)

#if defined(WITH_AVX512)
#define BYTES __m512i
/* 64 bytes of two rows at a time, each row times its weight: sums of the halves of quarters, low and high. */
TARGET static inline __attribute__((always_inline)) void FORM(add_known)(const uint8_t *const *rows, int64_t x,
                                                                        const __m512i *pairs, int64_t twos, __m512i *low,
                                                                        __m512i *high) {
    __m512i a = _mm512_setzero_si512(), b = a;
#pragma GCC unroll 8
    for (int64_t t = 0; t < twos; t++) {
        const __m512i p0 = _mm512_loadu_si512(rows[2 * t] + x), p1 = _mm512_loadu_si512(rows[2 * t + 1] + x);
        a = _mm512_add_epi16(a, _mm512_maddubs_epi16(_mm512_unpacklo_epi8(p0, p1), pairs[t]));
        b = _mm512_add_epi16(b, _mm512_maddubs_epi16(_mm512_unpackhi_epi8(p0, p1), pairs[t]));
    }
    *low = a, *high = b;
}
#elif defined(WITH_AVX2)
#define BYTES __m256i
/* 32 bytes of two rows at a time, each row times its weight: sums of the halves of quarters, low and high. */
TARGET static inline __attribute__((always_inline)) void FORM(add_known)(const uint8_t *const *rows, int64_t x,
                                                                        const __m256i *pairs, int64_t twos, __m256i *low,
                                                                        __m256i *high) {
    __m256i a = _mm256_setzero_si256(), b = a;
#pragma GCC unroll 8
    for (int64_t t = 0; t < twos; t++) {
        const __m256i p0 = _mm256_loadu_si256((const void *)(rows[2 * t] + x));
        const __m256i p1 = _mm256_loadu_si256((const void *)(rows[2 * t + 1] + x));
        a = _mm256_add_epi16(a, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(p0, p1), pairs[t]));
        b = _mm256_add_epi16(b, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(p0, p1), pairs[t]));
    }
    *low = a, *high = b;
}
#endif

#if defined(BYTES)
/* As add_known. Where the number of rows is known when this is compiled, the sums stay in registers. */
TARGET static inline __attribute__((always_inline)) void FORM(add_pairs)(const uint8_t *const *rows, int64_t x,
                                                                        const BYTES *pairs, int64_t twos, BYTES *low,
                                                                        BYTES *high) {
    switch (twos) {
        case 2: FORM(add_known)(rows, x, pairs, 2, low, high); break;
        case 3: FORM(add_known)(rows, x, pairs, 3, low, high); break;
        case 4: FORM(add_known)(rows, x, pairs, 4, low, high); break;
        case 6: FORM(add_known)(rows, x, pairs, 6, low, high); break;
        case 8: FORM(add_known)(rows, x, pairs, 8, low, high); break;
        default: FORM(add_known)(rows, x, pairs, twos, low, high);
    }
}
#undef BYTES
#endif

/* Add up to TAPS rows of bytes, each times its weight; the weights are below 258 together, so sums fit 16 bits. Write
   them less 32768 to `low`, or where that is NULL add them to `sums`. */
TARGET static void FORM(add_rows)(int16_t *low, uint32_t *sums, const uint8_t *pixels, int64_t stride,
                                  const uint8_t *weights, int64_t taps, int64_t n) {
    int64_t x = 0;
#if defined(WITH_AVX512) || defined(WITH_AVX2)
    /* Two rows at a time; where the last has no partner, it is read twice, once with weight 0. Two weights are at most
       128 together, so 255 times them fits 16 signed bits. */
    const int64_t twos = (taps + 1) / 2;
    const uint8_t *rows[TAPS];
    for (int64_t t = 0; t < 2 * twos; t++) rows[t] = pixels + (t < taps ? t : t - 1) * stride;
#endif
#if defined(WITH_AVX512)
    __m512i pairs[TAPS / 2];
    for (int64_t t = 0; t < twos; t++)
        pairs[t] = _mm512_set1_epi16((short)(weights[2 * t] | (2 * t + 1 < taps ? weights[2 * t + 1] : 0) << 8));
    const __m512i middle = _mm512_set1_epi16(-32768);
    /* Quarter q of the unpacked halves holds bytes 16 q + 0..7 and 16 q + 8..15. */
    const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), second = _mm512_add_epi64(first, _mm512_set1_epi64(4));
    for (; x + 64 <= n; x += 64) {
        __m512i a, b;
        FORM(add_pairs)(rows, x, pairs, twos, &a, &b);
        const __m512i out[2] = {_mm512_permutex2var_epi64(a, first, b), _mm512_permutex2var_epi64(a, second, b)};
        for (int h = 0; h < 2; h++) {
            if (low) {
                _mm512_storeu_si512(low + x + 32 * h, _mm512_xor_si512(out[h], middle));
                continue;
            }
            uint32_t *to = sums + x + 32 * h;
            const __m512i near = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(out[h]));
            const __m512i far = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(out[h], 1));
            _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_loadu_si512(to), near));
            _mm512_storeu_si512(to + 16, _mm512_add_epi32(_mm512_loadu_si512(to + 16), far));
        }
    }
#elif defined(WITH_AVX2)
    __m256i pairs[TAPS / 2];
    for (int64_t t = 0; t < twos; t++)
        pairs[t] = _mm256_set1_epi16((short)(weights[2 * t] | (2 * t + 1 < taps ? weights[2 * t + 1] : 0) << 8));
    const __m256i middle = _mm256_set1_epi16(-32768);
    for (; x + 32 <= n; x += 32) {
        __m256i a, b;
        FORM(add_pairs)(rows, x, pairs, twos, &a, &b);
        /* Half h of a and b holds bytes 16 h + 0..7 and 16 h + 8..15. */
        const __m256i out[2] = {_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31)};
        for (int h = 0; h < 2; h++) {
            if (low) {
                _mm256_storeu_si256((void *)(low + x + 16 * h), _mm256_xor_si256(out[h], middle));
                continue;
            }
            __m256i *to = (__m256i *)(sums + x + 16 * h);
            const __m256i near = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(out[h]));
            const __m256i far = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(out[h], 1));
            _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), near));
            _mm256_storeu_si256(to + 1, _mm256_add_epi32(_mm256_loadu_si256(to + 1), far));
        }
    }
#endif
    for (; x < n; x += STRIP) {
        uint16_t total[STRIP] = {0};
        const int64_t many = least(STRIP, n - x);
        for (int64_t t = 0; t < taps; t++) {
            const uint8_t *row = pixels + t * stride + x;
            const uint16_t w = weights[t];
            if (many == STRIP)
                for (int i = 0; i < STRIP; i++) total[i] = (uint16_t)(total[i] + w * row[i]);
            else
                for (int64_t i = 0; i < many; i++) total[i] = (uint16_t)(total[i] + w * row[i]);
        }
        for (int64_t i = 0; i < many; i++) {
            if (low)
                low[x + i] = (int16_t)(total[i] - 32768);
            else
                sums[x + i] += total[i];
        }
    }
}

/* Sum k of the rows, for every byte of a line: its low 16 bits less 32768, and where they can be more its high ones. */
TARGET static void FORM(add_up)(const struct picture *of, const struct axis *rows, int64_t k, struct line *to) {
    const int64_t n = of->width * of->channels, taps = rows->taps[k];
    const uint8_t *pixels = of->pixels + rows->first[k] * of->stride;
    if (to->sums) memset(to->sums, 0, sizeof *to->sums * (size_t)n);
    for (int64_t from = 0, count; from < taps; from += count) {
        uint8_t weights[TAPS];
        int64_t total = 0;
        for (count = 0; count < TAPS && from + count < taps && rows->window <= NARROW; count++) {
            const int64_t w = weight(rows, k, from + count);
            if (total + w > 257) break;
            total += w;
            weights[count] = (uint8_t)w;
        }
        if (count) {
            FORM(add_rows)(to->sums ? NULL : to->low, to->sums, pixels + from * of->stride, of->stride, weights, count, n);
        } else {
            const uint8_t *row = pixels + from * of->stride;
            const uint32_t w = (uint32_t)weight(rows, k, from);
            for (int64_t x = 0; x < n; x++) to->sums[x] += w * row[x];
            count = 1;
        }
    }
    if (!to->sums) return;
    for (int64_t x = 0; x < n; x++) {
        to->low[x] = (int16_t)((int32_t)(to->sums[x] & 0xffff) - 32768);
        to->high[x] = (int16_t)(to->sums[x] >> 16);
    }
}

/* Sum of products. `count` is a multiple of STEP; so many of `run` steps fit 32 bits in each lane. */
TARGET static inline int64_t FORM(dot)(const int16_t *a, const int16_t *b, int64_t count, int64_t run) {
#if defined(WITH_AVX512)
    __m512i total = _mm512_setzero_si512();
    for (int64_t x = 0; x < count;) {
        __m512i some = _mm512_setzero_si512();
        for (const int64_t end = least(x + run * STEP, count); x < end; x += STEP)
            some = _mm512_add_epi32(some, _mm512_madd_epi16(_mm512_loadu_si512(a + x), _mm512_loadu_si512(b + x)));
        total = _mm512_add_epi64(total, _mm512_cvtepi32_epi64(_mm512_castsi512_si256(some)));
        total = _mm512_add_epi64(total, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(some, 1)));
    }
    return _mm512_reduce_add_epi64(total);
#elif defined(WITH_AVX2)
    __m256i total = _mm256_setzero_si256();
    for (int64_t x = 0; x < count;) {
        for (int half = 0; half < 2; half++) {
            __m256i some = _mm256_setzero_si256();
            const int64_t end = least(x + run * STEP, count);
            for (int64_t i = x + 16 * half; i < end; i += STEP)
                some = _mm256_add_epi32(some, _mm256_madd_epi16(_mm256_loadu_si256((const void *)(a + i)),
                                                                _mm256_loadu_si256((const void *)(b + i))));
            total = _mm256_add_epi64(total, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(some)));
            total = _mm256_add_epi64(total, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(some, 1)));
        }
        x += run * STEP;
    }
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
    return _mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1);
#else
    int64_t total = 0;
    (void)run;
    for (int64_t x = 0; x < count; x++) total += a[x] * b[x];
    return total;
#endif
}

#if defined(WITH_AVX512)
/* The sum over the lanes of each of 16 registers. */
TARGET static inline __attribute__((always_inline)) __m512i FORM(across)(__m512i *s) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        s[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(s[2 * i], s[2 * i + 1]), _mm512_unpackhi_epi32(s[2 * i], s[2 * i + 1]));
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        s[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(s[2 * i], s[2 * i + 1]), _mm512_unpackhi_epi64(s[2 * i], s[2 * i + 1]));
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        s[i] = _mm512_add_epi32(_mm512_shuffle_i32x4(s[2 * i], s[2 * i + 1], 0x88),
                                _mm512_shuffle_i32x4(s[2 * i], s[2 * i + 1], 0xdd));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(s[0], s[1], 0x88), _mm512_shuffle_i32x4(s[0], s[1], 0xdd));
}
#endif

#if defined(WITH_AVX2)
/* The sum over the lanes of each of 8 registers. */
TARGET static inline __attribute__((always_inline)) __m256i FORM(across)(__m256i *s) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        s[i] = _mm256_add_epi32(_mm256_unpacklo_epi32(s[2 * i], s[2 * i + 1]), _mm256_unpackhi_epi32(s[2 * i], s[2 * i + 1]));
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        s[i] = _mm256_add_epi32(_mm256_unpacklo_epi64(s[2 * i], s[2 * i + 1]), _mm256_unpackhi_epi64(s[2 * i], s[2 * i + 1]));
    return _mm256_add_epi32(_mm256_permute2x128_si256(s[0], s[1], 0x20), _mm256_permute2x128_si256(s[0], s[1], 0x31));
}
#endif

#if defined(WITH_AVX512) || defined(WITH_AVX2)
/* As dot for all sums of a line, modulo 2^32. */
TARGET static void FORM(dots)(const int16_t *line, const int64_t *first, int64_t channels, const struct tables *tables,
                              uint32_t *out) {
    const int16_t *last = tables->weights[0] + tables->kind[0] * tables->room;
    if (tables->count[2])
        out[SIDE] = (uint32_t)FORM(dot)(line + first[SIDE] * channels, tables->weights[0] + 2 * tables->room, tables->count[2], 1);
#if defined(WITH_AVX512)
    if (tables->room == STEP) { /* a window of weights fits one register, where it stays */
        const __m512i usual = _mm512_loadu_si512(tables->weights[0]), end = _mm512_loadu_si512(last);
        for (int k = 0; k < SIDE; k += 16) {
            __m512i s[16];
#pragma GCC unroll 16
            for (int i = 0; i < 15; i++) s[i] = _mm512_madd_epi16(_mm512_loadu_si512(line + first[k + i] * channels), usual);
            s[15] = _mm512_madd_epi16(_mm512_loadu_si512(line + first[k + 15] * channels), k + 15 < SIDE - 1 ? usual : end);
            _mm512_storeu_si512(out + k, FORM(across)(s));
        }
        return;
    }
    for (int k = 0; k < SIDE; k += 16) {
        __m512i s[16];
        for (int i = 0; i < 16; i++) {
            const int16_t *a = line + first[k + i] * channels, *b = k + i < SIDE - 1 ? tables->weights[0] : last;
            s[i] = _mm512_madd_epi16(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
            for (int64_t x = STEP; x < tables->room; x += STEP)
                s[i] = _mm512_add_epi32(s[i], _mm512_madd_epi16(_mm512_loadu_si512(a + x), _mm512_loadu_si512(b + x)));
        }
        _mm512_storeu_si512(out + k, FORM(across)(s));
    }
#else
    if (tables->room == STEP) {
        const __m256i *usual = (const void *)tables->weights[0], *end = (const void *)last;
        const __m256i near = _mm256_loadu_si256(usual), far = _mm256_loadu_si256(usual + 1);
        for (int k = 0; k < SIDE; k += 8) {
            __m256i s[8];
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++) {
                const __m256i *a = (const void *)(line + first[k + i] * channels);
                const int usually = i < 7 || k + 7 < SIDE - 1;
                const __m256i low = usually ? near : _mm256_loadu_si256(end), high = usually ? far : _mm256_loadu_si256(end + 1);
                s[i] = _mm256_add_epi32(_mm256_madd_epi16(_mm256_loadu_si256(a), low),
                                        _mm256_madd_epi16(_mm256_loadu_si256(a + 1), high));
            }
            _mm256_storeu_si256((void *)(out + k), FORM(across)(s));
        }
        return;
    }
    for (int k = 0; k < SIDE; k += 8) {
        __m256i s[8];
        for (int i = 0; i < 8; i++) {
            const int16_t *a = line + first[k + i] * channels, *b = k + i < SIDE - 1 ? tables->weights[0] : last;
            s[i] = _mm256_setzero_si256();
            for (int64_t x = 0; x < tables->room; x += 16)
                s[i] = _mm256_add_epi32(s[i], _mm256_madd_epi16(_mm256_loadu_si256((const void *)(a + x)),
                                                                _mm256_loadu_si256((const void *)(b + x))));
        }
        _mm256_storeu_si256((void *)(out + k), FORM(across)(s));
    }
#endif
}
#endif

/* Divide sums into samples. Nowhere is a product added to that a compiler might fuse. */
TARGET static void FORM(samples)(const struct picture *of, const struct axis *rows, const struct axis *columns,
                                 double (*sums)[SUMS], double *out) {
    const double high = (double)rows->window, wide = (double)columns->window;
    const double divisor = of->parts * (high * high * (wide * wide));
    if (rows->sums == SUMS)
        for (int j = 0; j < SIDE - 1; j++) sums[SIDE - 1][j] += sums[SIDE][j] * high / (high - 1.0);
    if (columns->sums == SUMS)
        for (int i = 0; i < SIDE - 1; i++) sums[i][SIDE - 1] += sums[i][SIDE] * wide / (wide - 1.0);
    const double below = rows->sums == SUMS ? sums[SIDE][SIDE - 1] * high / (high - 1.0) : 0.0;
    const double beside = columns->sums == SUMS ? sums[SIDE - 1][SIDE] * wide / (wide - 1.0) : 0.0;
    sums[SIDE - 1][SIDE - 1] += below + beside;
    if (rows->sums == SUMS && columns->sums == SUMS)
        sums[SIDE - 1][SIDE - 1] += sums[SIDE][SIDE] * (high * wide) / ((high - 1.0) * (wide - 1.0));
#if defined(WITH_AVX512)
    /* As the division below, and its very bits, in a sixth of the time: a quotient by the reciprocal, corrected twice by
       its own remainder, is the correctly rounded one (Markstein 1990, theorem 5), for neither overflows. */
    const __m512d gain = _mm512_set1_pd(of->gain), by = _mm512_set1_pd(divisor), back = _mm512_set1_pd(1.0 / divisor);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j += 8) {
            const __m512d a = _mm512_mul_pd(_mm512_loadu_pd(&sums[i][j]), gain);
            __m512d q = _mm512_mul_pd(a, back);
            q = _mm512_fmadd_pd(_mm512_fnmadd_pd(q, by, a), back, q);
            q = _mm512_fmadd_pd(_mm512_fnmadd_pd(q, by, a), back, q);
            _mm512_storeu_pd(out + i * SIDE + j, q);
        }
#else
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) out[i * SIDE + j] = sums[i][j] * of->gain / divisor;
#endif
}

/* Write the 64 x 64 samples for each of `many` operators of the columns. */
TARGET static void FORM(reduce)(const struct picture *of, const struct axis *rows, const struct axis *columns,
                                const struct tables *tables, int many, struct line *line, double (*sums)[SUMS][SUMS],
                                double (*out)[SIDE * SIDE]) {
    for (int64_t r = 0; r < rows->sums; r++) {
        FORM(add_up)(of, rows, r, line);
        for (int m = 0; m < many; m++) {
            int64_t k = 0;
#if defined(WITH_AVX512) || defined(WITH_AVX2)
            if (tables->small) {
                uint32_t found[SUMS];
                FORM(dots)(line->low, columns[m].first, of->channels, tables, found);
                for (; k < SIDE - 1; k++) sums[m][r][k] = found[k] + (uint32_t)tables->less[0][0];
                for (; k < columns[m].sums; k++)
                    sums[m][r][k] = found[k] + (uint32_t)tables->less[tables->kind[k - (SIDE - 1)]][0];
            }
#endif
            for (; k < columns[m].sums; k++) {
                const int kind = k < SIDE - 1 ? 0 : tables->kind[k - (SIDE - 1)];
                const int64_t from = columns[m].first[k] * of->channels, count = tables->count[kind];
                int64_t total = 0;
                for (int p = 0; p < tables->planes; p++) {
                    const int16_t *weights = tables->weights[p] + kind * tables->room;
                    int64_t sum = FORM(dot)(line->low + from, weights, count, tables->run) + tables->less[kind][p];
                    if (line->high) sum += FORM(dot)(line->high + from, weights, count, tables->run) * 65536;
                    total += sum * tables->times[p];
                }
                sums[m][r][k] = (double)total;
            }
        }
    }
    for (int m = 0; m < many; m++) FORM(samples)(of, rows, columns + m, sums[m], out[m]);
}

/* Doubles in ascending order as whole numbers in ascending order. */
TARGET static inline uint64_t FORM(ordered)(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (-(bits >> 63) | 1ull << 63);
}

/* The 128th smallest: the bucket that it lies in is halved, bit by bit, until it lies there alone. */
TARGET static double FORM(median)(const double *values) {
    uint64_t keys[COEFFICIENTS], low = 0, before = 0, found = ~0ull;
    for (int i = 0; i < COEFFICIENTS; i++) keys[i] = FORM(ordered)(values[i]);
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t top = low | ((1ull << bit) - 1);
        uint64_t below = 0;
        for (int i = 0; i < COEFFICIENTS; i++) below += keys[i] <= top;
        if (below < COEFFICIENTS / 2) {
            low |= 1ull << bit;
            before = below;
        } else if (below == before + 1) {
            break;
        }
    }
    for (int i = 0; i < COEFFICIENTS; i++) found = keys[i] >= low && keys[i] < found ? keys[i] : found;
    found ^= found >> 63 ? 1ull << 63 : ~0ull;
    double value;
    memcpy(&value, &found, sizeof value);
    return value;
}

/* Whole hundredths of 255 in a difference, toward zero: as truncating the float quotient (../pdq_numba.py), for below a
   multiple of 255 no float's quotient is rounded up to a whole number. Good to 65,535 hundredths. */
TARGET static inline uint32_t FORM(grades)(float one, float other) {
    return (uint32_t)(int32_t)(fabsf(one - other) * 100.0f) * 32897u >> 23;
}

TARGET static int32_t FORM(quality)(const double *reduced) {
    float picture[SIDE * SIDE];
    uint32_t total = 0;
    for (int i = 0; i < SIDE * SIDE; i++) picture[i] = (float)reduced[i];
    for (int i = 0; i < SIDE * (SIDE - 1); i++) total += FORM(grades)(picture[i], picture[i + SIDE]);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE - 1; j++) total += FORM(grades)(picture[i * SIDE + j], picture[i * SIDE + j + 1]);
    return total / 90 < 100 ? (int32_t)(total / 90) : 100;
}

/* The coefficients by rows. A cosine of even number is its own mirror image, one of odd number its mirror image negated:
   so pairs of samples are added and subtracted first, down the columns and then along the rows. */
TARGET static void FORM(transform)(const double *reduced, const double *cosines, double *coefficients) {
    double folded[SIDE][SIDE], half[FREQUENCIES][SIDE];
    for (int k = 0; k < SIDE / 2; k++)
        for (int j = 0; j < SIDE; j++) {
            folded[k][j] = reduced[k * SIDE + j] - reduced[(SIDE - 1 - k) * SIDE + j];
            folded[SIDE / 2 + k][j] = reduced[k * SIDE + j] + reduced[(SIDE - 1 - k) * SIDE + j];
        }
    for (int odd = 0; odd < 2; odd++)
        for (int j = 0; j < SIDE; j += LANES) {
            LANES_OF total[8] = {{0}};
            for (int k = 0; k < SIDE / 2; k++) {
                const LANES_OF of = *(const LANES_OF *)(folded[odd * SIDE / 2 + k] + j);
                for (int i = 0; i < 8; i++) total[i] += cosines[k * FREQUENCIES + 2 * i + odd] * of;
            }
            for (int i = 0; i < 8; i++) *(LANES_OF *)(half[2 * i + odd] + j) = total[i];
        }
    double split[2][SIDE / 2][8];
    for (int k = 0; k < SIDE / 2; k++)
        for (int i = 0; i < FREQUENCIES; i++) split[i % 2][k][i / 2] = cosines[k * FREQUENCIES + i];
    for (int i = 0; i < FREQUENCIES; i++) {
        for (int from = 0; from < 8; from += LANES) {
            LANES_OF less = {0}, more = {0};
            for (int k = 0; k < SIDE / 2; k++) {
                less += (half[i][k] - half[i][SIDE - 1 - k]) * *(const LANES_OF *)(split[0][k] + from);
                more += (half[i][k] + half[i][SIDE - 1 - k]) * *(const LANES_OF *)(split[1][k] + from);
            }
            for (int j = 0; j < LANES; j++) {
                coefficients[i * FREQUENCIES + 2 * (from + j)] = less[j];
                coefficients[i * FREQUENCIES + 2 * (from + j) + 1] = more[j];
            }
        }
    }
}

TARGET static void FORM(print)(const double *reduced, const double *cosines, uint8_t *value, struct figures *said) {
    double coefficients[COEFFICIENTS];
    FORM(transform)(reduced, cosines, coefficients);
    const double median = FORM(median)(coefficients);
    int32_t weak = 0;
    memset(value, 0, 32);
    for (int i = 0; i < COEFFICIENTS; i++) {
        const double above = coefficients[i] - median;
        value[31 - i / 8] |= (uint8_t)((above > 0.0) << (i % 8));
        weak += above <= 1.0 && above >= -1.0; /* WEAK of ../pdq_operator.py */
    }
    said->quality = FORM(quality)(reduced);
    said->weak = weak;
}

#undef LANES_NAMED
#undef LANES_PASTED
#undef LANES_OF
