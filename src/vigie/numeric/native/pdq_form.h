/* The loops of pdq.c for one form: FORM(name) names them, TARGET says which instructions they may use. */

/* Add up to TAPS rows of bytes, each times its weight, to `sums` (or, `fresh`, write them). Sums are below 2^31. */
TARGET static void FORM(add_rows)(uint32_t *sums, int fresh, const uint8_t *pixels, int64_t stride,
                                  const uint8_t *weights, int64_t taps, int64_t n) {
    int64_t x = 0;
#if defined(WITH_AVX512) || defined(WITH_AVX2)
    /* Four rows at a time; a row that there is none of has weight 0 and is read from the first. Two weights are at most
       128 together, so 255 times them fits 16 signed bits, and all four times 255 fit 16 unsigned ones. */
    const int64_t fours = (taps + 3) / 4;
    const uint8_t *rows[TAPS];
    for (int64_t t = 0; t < 4 * fours; t++) rows[t] = pixels + (t < taps ? t * stride : 0);
#endif
#if defined(WITH_AVX512)
    __m512i pairs[TAPS / 2];
    for (int64_t t = 0; t < 2 * fours; t++)
        pairs[t] = _mm512_set1_epi16((short)(weights[2 * t] | weights[2 * t + 1] << 8));
    const __m512i zero = _mm512_setzero_si512();
    for (; x + 64 <= n; x += 64) {
        __m512i a = zero, b = zero, c = zero, d = zero;
        for (int64_t f = 0; f < fours; f++) {
            const __m512i p0 = _mm512_loadu_si512(rows[4 * f] + x), p1 = _mm512_loadu_si512(rows[4 * f + 1] + x);
            const __m512i p2 = _mm512_loadu_si512(rows[4 * f + 2] + x), p3 = _mm512_loadu_si512(rows[4 * f + 3] + x);
            const __m512i low = _mm512_add_epi16(_mm512_maddubs_epi16(_mm512_unpacklo_epi8(p0, p1), pairs[2 * f]),
                                                 _mm512_maddubs_epi16(_mm512_unpacklo_epi8(p2, p3), pairs[2 * f + 1]));
            const __m512i high = _mm512_add_epi16(_mm512_maddubs_epi16(_mm512_unpackhi_epi8(p0, p1), pairs[2 * f]),
                                                  _mm512_maddubs_epi16(_mm512_unpackhi_epi8(p2, p3), pairs[2 * f + 1]));
            a = _mm512_add_epi32(a, _mm512_unpacklo_epi16(low, zero));
            b = _mm512_add_epi32(b, _mm512_unpackhi_epi16(low, zero));
            c = _mm512_add_epi32(c, _mm512_unpacklo_epi16(high, zero));
            d = _mm512_add_epi32(d, _mm512_unpackhi_epi16(high, zero));
        }
        /* Quarter q of a, b, c, d holds bytes 16 q + 0..3, 4..7, 8..11, 12..15. */
        const __m512i ab0 = _mm512_shuffle_i32x4(a, b, 0x44), ab1 = _mm512_shuffle_i32x4(a, b, 0xee);
        const __m512i cd0 = _mm512_shuffle_i32x4(c, d, 0x44), cd1 = _mm512_shuffle_i32x4(c, d, 0xee);
        __m512i out[4] = {_mm512_shuffle_i32x4(ab0, cd0, 0x88), _mm512_shuffle_i32x4(ab0, cd0, 0xdd),
                          _mm512_shuffle_i32x4(ab1, cd1, 0x88), _mm512_shuffle_i32x4(ab1, cd1, 0xdd)};
        for (int q = 0; q < 4; q++) {
            uint32_t *to = sums + x + 16 * q;
            if (!fresh) out[q] = _mm512_add_epi32(out[q], _mm512_loadu_si512(to));
            _mm512_storeu_si512(to, out[q]);
        }
    }
#elif defined(WITH_AVX2)
    __m256i pairs[TAPS / 2];
    for (int64_t t = 0; t < 2 * fours; t++)
        pairs[t] = _mm256_set1_epi16((short)(weights[2 * t] | weights[2 * t + 1] << 8));
    const __m256i zero = _mm256_setzero_si256();
    for (; x + 32 <= n; x += 32) {
        __m256i a = zero, b = zero, c = zero, d = zero;
        for (int64_t f = 0; f < fours; f++) {
            const __m256i p0 = _mm256_loadu_si256((const void *)(rows[4 * f] + x));
            const __m256i p1 = _mm256_loadu_si256((const void *)(rows[4 * f + 1] + x));
            const __m256i p2 = _mm256_loadu_si256((const void *)(rows[4 * f + 2] + x));
            const __m256i p3 = _mm256_loadu_si256((const void *)(rows[4 * f + 3] + x));
            const __m256i low = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_unpacklo_epi8(p0, p1), pairs[2 * f]),
                                                 _mm256_maddubs_epi16(_mm256_unpacklo_epi8(p2, p3), pairs[2 * f + 1]));
            const __m256i high = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_unpackhi_epi8(p0, p1), pairs[2 * f]),
                                                  _mm256_maddubs_epi16(_mm256_unpackhi_epi8(p2, p3), pairs[2 * f + 1]));
            a = _mm256_add_epi32(a, _mm256_unpacklo_epi16(low, zero));
            b = _mm256_add_epi32(b, _mm256_unpackhi_epi16(low, zero));
            c = _mm256_add_epi32(c, _mm256_unpacklo_epi16(high, zero));
            d = _mm256_add_epi32(d, _mm256_unpackhi_epi16(high, zero));
        }
        /* Half h of a, b, c, d holds bytes 16 h + 0..3, 4..7, 8..11, 12..15. */
        __m256i out[4] = {_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(c, d, 0x20),
                          _mm256_permute2x128_si256(a, b, 0x31), _mm256_permute2x128_si256(c, d, 0x31)};
        for (int q = 0; q < 4; q++) {
            __m256i *to = (__m256i *)(sums + x + 8 * q);
            if (!fresh) out[q] = _mm256_add_epi32(out[q], _mm256_loadu_si256(to));
            _mm256_storeu_si256(to, out[q]);
        }
    }
#endif
    if (fresh) memset(sums + x, 0, sizeof *sums * (size_t)(n - x));
    for (int64_t t = 0; t < taps; t++) {
        const uint8_t *row = pixels + t * stride;
        const uint32_t w = weights[t];
        for (int64_t i = x; i < n; i++) sums[i] += w * row[i];
    }
}

/* As add_rows over all taps, for windows of any size: slower. */
TARGET static void FORM(add_wide)(uint32_t *sums, const uint8_t *pixels, int64_t stride, const struct axis *rows,
                                  int64_t k, int64_t n) {
    memset(sums, 0, sizeof *sums * (size_t)n);
    for (int64_t t = 0; t < rows->taps[k]; t++) {
        const uint8_t *row = pixels + t * stride;
        const uint32_t w = (uint32_t)weight(rows, k, t);
        for (int64_t x = 0; x < n; x++) sums[x] += w * row[x];
    }
}

/* Mix the channels of up to LINES rows of sums, and lay the rows side by side: luma[x][row]. */
TARGET static void FORM(mix)(const uint32_t *sums, int64_t width, int64_t channels, int64_t many, int narrow,
                             uint32_t *mixed, double *luma) {
    const int64_t n = width * channels;
    if (!narrow) {
        for (int64_t i = 0; i < many; i++)
            for (int64_t x = 0; x < width; x++) {
                const uint32_t *s = sums + i * n + x * channels;
                luma[x * LINES + i] = channels == 1 ? s[0] : 299.0 * s[0] + 587.0 * s[1] + 114.0 * s[2];
            }
        return;
    }
    const uint32_t *lines = sums;
    if (channels == 3) {
        lines = mixed;
        for (int64_t i = 0; i < many; i++) {
            const uint32_t *restrict s = sums + i * n;
            uint32_t *restrict to = mixed + i * width;
            for (int64_t x = 0; x < width; x++) to[x] = 299u * s[3 * x] + 587u * s[3 * x + 1] + 114u * s[3 * x + 2];
        }
    }
    int64_t x = 0;
#if defined(WITH_AVX512) || defined(WITH_AVX2)
    for (; many == LINES && x + 8 <= width; x += 8) {
        __m256i r[8], s[8];
        for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_si256((const void *)(lines + i * width + x));
        for (int i = 0; i < 4; i++) {
            s[2 * i] = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
            s[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
        }
        for (int i = 0; i < 2; i++) {
            r[4 * i] = _mm256_unpacklo_epi64(s[4 * i], s[4 * i + 2]);
            r[4 * i + 1] = _mm256_unpackhi_epi64(s[4 * i], s[4 * i + 2]);
            r[4 * i + 2] = _mm256_unpacklo_epi64(s[4 * i + 1], s[4 * i + 3]);
            r[4 * i + 3] = _mm256_unpackhi_epi64(s[4 * i + 1], s[4 * i + 3]);
        }
        for (int i = 0; i < 4; i++) { /* r[i] holds rows 0-3 of columns i and i + 4, r[i + 4] rows 4-7 */
            double *near = luma + (x + i) * LINES, *far = near + 4 * LINES;
            _mm256_storeu_pd(near, _mm256_cvtepi32_pd(_mm256_castsi256_si128(r[i])));
            _mm256_storeu_pd(near + 4, _mm256_cvtepi32_pd(_mm256_castsi256_si128(r[i + 4])));
            _mm256_storeu_pd(far, _mm256_cvtepi32_pd(_mm256_extracti128_si256(r[i], 1)));
            _mm256_storeu_pd(far + 4, _mm256_cvtepi32_pd(_mm256_extracti128_si256(r[i + 4], 1)));
        }
    }
#endif
    for (; x < width; x++)
        for (int64_t i = 0; i < many; i++) luma[x * LINES + i] = lines[i * width + x];
}

TARGET static int FORM(reduce)(const struct picture *of, const struct axis *rows, const struct axis *columns,
                               double *out) {
    const int64_t width = of->width, n = width * of->channels;
    const int narrow = rows->window <= NARROW;
    double sums[SUMS][SUMS];
    double *luma = malloc(sizeof *luma * (size_t)(LINES * width));
    uint32_t *row = malloc(sizeof *row * (size_t)(LINES * n));
    uint32_t *mixed = malloc(sizeof *mixed * (size_t)(LINES * width));
    double *ramp = malloc(sizeof *ramp * (size_t)(2 * columns->window)); /* the weights that all but the last share */
    if (!luma || !row || !mixed || !ramp) {
        free(ramp);
        free(luma);
        free(row);
        free(mixed);
        return -1;
    }
    for (int64_t t = 0; t < columns->taps[0]; t++) ramp[t] = (double)weight(columns, 0, t);
    memset(luma, 0, sizeof *luma * (size_t)(LINES * width)); /* the last block may leave lanes unwritten */
    for (int64_t block = 0; block < rows->sums; block += LINES) {
        const int64_t many = least(LINES, rows->sums - block);
        for (int64_t i = 0; i < many; i++) {
            const int64_t k = block + i, taps = rows->taps[k];
            const uint8_t *pixels = of->pixels + rows->first[k] * of->stride;
            if (!narrow) {
                FORM(add_wide)(row + i * n, pixels, of->stride, rows, k, n);
                continue;
            }
            for (int64_t from = 0; from < taps; from += TAPS) {
                uint8_t weights[TAPS] = {0};
                const int64_t count = least(TAPS, taps - from);
                for (int64_t t = 0; t < count; t++) weights[t] = (uint8_t)weight(rows, k, from + t);
                FORM(add_rows)(row + i * n, from == 0, pixels + from * of->stride, of->stride, weights, count, n);
            }
        }
        FORM(mix)(row, width, of->channels, many, narrow, mixed, luma);
        for (int64_t k = 0; k < columns->sums; k++) {
            lanes total = {0};
            const double *from = luma + columns->first[k] * LINES;
            if (k < SIDE - 1)
                for (int64_t t = 0; t < columns->taps[0]; t++) total += ramp[t] * *(const lanes *)(from + t * LINES);
            else
                for (int64_t t = 0; t < columns->taps[k]; t++)
                    total += (double)weight(columns, k, t) * *(const lanes *)(from + t * LINES);
            for (int64_t i = 0; i < many; i++) sums[block + i][k] = total[i];
        }
    }
    free(ramp);
    free(luma);
    free(row);
    free(mixed);
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
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) out[i * SIDE + j] = sums[i][j] * of->gain / divisor;
    return 0;
}

/* Doubles in ascending order as whole numbers in ascending order. */
TARGET static inline uint64_t FORM(ordered)(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (-(bits >> 63) | 1ull << 63);
}

/* The 128th smallest: the least number that 128 are not above, found bit by bit. */
TARGET static double FORM(median)(const double *values) {
    uint64_t keys[COEFFICIENTS], low = 0;
    for (int i = 0; i < COEFFICIENTS; i++) keys[i] = FORM(ordered)(values[i]);
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t top = low | ((1ull << bit) - 1);
        uint64_t below = 0;
        for (int i = 0; i < COEFFICIENTS; i++) below += keys[i] <= top;
        if (below < COEFFICIENTS / 2) low |= 1ull << bit;
    }
    low ^= low >> 63 ? 1ull << 63 : ~0ull;
    double found;
    memcpy(&found, &low, sizeof found);
    return found;
}

TARGET static int32_t FORM(quality)(const double *reduced) {
    float picture[SIDE * SIDE];
    int32_t total = 0;
    for (int i = 0; i < SIDE * SIDE; i++) picture[i] = (float)reduced[i];
    for (int i = 0; i < SIDE * (SIDE - 1); i++) total += abs((int32_t)((picture[i] - picture[i + SIDE]) * 100.0f / 255.0f));
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE - 1; j++)
            total += abs((int32_t)((picture[i * SIDE + j] - picture[i * SIDE + j + 1]) * 100.0f / 255.0f));
    return total / 90 < 100 ? total / 90 : 100;
}

TARGET static void FORM(print)(const double *reduced, const double *cosines, uint8_t *value, struct figures *said) {
    double coefficients[COEFFICIENTS];
    for (int i = 0; i < FREQUENCIES; i++) {
        double half[SIDE] = {0}, line[FREQUENCIES] = {0};
        for (int k = 0; k < SIDE; k++) {
            const double w = cosines[k * FREQUENCIES + i];
            for (int j = 0; j < SIDE; j++) half[j] += w * reduced[k * SIDE + j];
        }
        for (int k = 0; k < SIDE; k++)
            for (int j = 0; j < FREQUENCIES; j++) line[j] += half[k] * cosines[k * FREQUENCIES + j];
        memcpy(coefficients + i * FREQUENCIES, line, sizeof line);
    }
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
