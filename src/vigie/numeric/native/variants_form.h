/* The loops of variants.c for one form: FORM(name) names them, TARGET says which instructions they may use. */

/* Make columns of rows: `rows`, a multiple of 8, of `columns` floats, `line` apart; theirs are `room` apart. */
TARGET static inline void FORM(turn)(const float *restrict from, int64_t rows, int64_t columns, int64_t line,
                                     float *restrict to, int64_t room) {
    int64_t whole = 0;
#if defined(WITH_AVX2)
    whole = columns / 8 * 8;
    for (int64_t c = 0; c < whole; c += 8)
        for (int64_t r = 0; r < rows; r += 8) {
            const float *at = from + r * line + c;
            float *out = to + c * room + r;
            __m256 two[8], four[8];
            for (int i = 0; i < 4; i++) {
                const __m256 even = _mm256_loadu_ps(at + 2 * i * line), odd = _mm256_loadu_ps(at + (2 * i + 1) * line);
                two[2 * i] = _mm256_unpacklo_ps(even, odd);
                two[2 * i + 1] = _mm256_unpackhi_ps(even, odd);
            }
            for (int i = 0; i < 8; i += 4)
                for (int h = 0; h < 2; h++) {
                    four[i + 2 * h] = _mm256_shuffle_ps(two[i + h], two[i + 2 + h], 0x44);
                    four[i + 2 * h + 1] = _mm256_shuffle_ps(two[i + h], two[i + 2 + h], 0xee);
                }
            for (int i = 0; i < 4; i++) {
                _mm256_storeu_ps(out + i * room, _mm256_permute2f128_ps(four[i], four[i + 4], 0x20));
                _mm256_storeu_ps(out + (i + 4) * room, _mm256_permute2f128_ps(four[i], four[i + 4], 0x31));
            }
        }
#endif
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = whole; c < columns; c++) to[c * room + r] = from[r * line + c];
}

/* The luma of pixels of which each channel is a sum; the products are added from red to blue. */
TARGET static void FORM(lumas)(const uint16_t *restrict sums, int64_t width, float *restrict luma) {
    int64_t x = 0;
#if defined(WITH_AVX2)
    const __m128i red = _mm_setr_epi8(0, 1, 6, 7, 12, 13, 2, 3, 8, 9, 14, 15, 4, 5, 10, 11);
    const __m128i green = _mm_setr_epi8(2, 3, 8, 9, 14, 15, 4, 5, 10, 11, 0, 1, 6, 7, 12, 13);
    const __m128i blue = _mm_setr_epi8(4, 5, 10, 11, 0, 1, 6, 7, 12, 13, 2, 3, 8, 9, 14, 15);
    const __m256 r = _mm256_set1_ps(0.299f), g = _mm256_set1_ps(0.587f), b = _mm256_set1_ps(0.114f);
    for (; x + 8 <= width; x += 8) { /* of three vectors each channel has every third place: no two of them the same one */
        const __m128i *from = (const __m128i *)(sums + 3 * x);
        const __m128i one = _mm_loadu_si128(from), two = _mm_loadu_si128(from + 1), three = _mm_loadu_si128(from + 2);
        const __m128i reds = _mm_shuffle_epi8(_mm_blend_epi16(_mm_blend_epi16(one, two, 0x92), three, 0x24), red);
        const __m128i greens = _mm_shuffle_epi8(_mm_blend_epi16(_mm_blend_epi16(one, two, 0x24), three, 0x49), green);
        const __m128i blues = _mm_shuffle_epi8(_mm_blend_epi16(_mm_blend_epi16(one, two, 0x49), three, 0x92), blue);
        const __m256 rg = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(reds)), r),
                                        _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(greens)), g));
        const __m256 last = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(blues)), b);
        _mm256_storeu_ps(luma + x, _mm256_add_ps(rg, last));
    }
#endif
    for (; x < width; x++)
        luma[x] = (float)sums[3 * x] * 0.299f + (float)sums[3 * x + 1] * 0.587f + (float)sums[3 * x + 2] * 0.114f;
}

/* Mean luma of row `r` of the blocks of step_y x step_x pixels; those at the end may be smaller. Of large pictures not all rows
   are read: at most seven, so that sums fit 16 bits. */
TARGET static void FORM(blocks)(const struct picture *of, int64_t r, float *restrict out) {
    const int64_t n = 3 * of->width, step = of->step_x, skip = most(of->step_y / 4, 1), whole = of->width / step;
    const int64_t columns = of->columns, top = r * of->step_y, end = least(top + of->step_y, of->height);
    const int64_t high = (end - top + skip - 1) / skip;
    const uint8_t *restrict p = of->pixels + top * n;
    uint16_t *restrict sums = of->sums;
    const float *luma = of->luma;
    const int64_t s = skip * n;
    if (high % 2)
        for (int64_t x = 0; x < n; x++) sums[x] = p[x];
    else
        for (int64_t x = 0; x < n; x++) sums[x] = (uint16_t)(p[x] + p[s + x]);
    for (int64_t i = high % 2 ? 1 : 2; i < high; i += 2) {
        const uint8_t *restrict one = p + i * s;
        for (int64_t x = 0; x < n; x++) sums[x] = (uint16_t)(sums[x] + one[x] + one[s + x]);
    }
    FORM(lumas)(sums, of->width, of->luma);
    switch (step) {
    case 1:
        for (int64_t c = 0; c < whole; c++) out[c] = luma[c];
        break;
    case 2:
        for (int64_t c = 0; c < whole; c++) out[c] = luma[2 * c] + luma[2 * c + 1];
        break;
    default:
        for (int64_t c = 0; c < whole; c++) {
            float level = 0.0f;
            for (int64_t x = c * step; x < c * step + step; x++) level += luma[x];
            out[c] = level;
        }
    }
    for (int64_t c = 0; c < whole; c++) out[c] /= (float)(high * step);
    if (whole < columns) {
        float level = 0.0f;
        for (int64_t x = whole * step; x < of->width; x++) level += luma[x];
        out[whole] = level / (float)(high * (of->width - whole * step));
    }
    uint8_t *restrict levels = of->levels + r * columns;
    for (int64_t c = 0; c < columns; c++) {
        const int32_t level = (int32_t)(out[c] + 0.5f);
        levels[c] = (uint8_t)(level < 255 ? level : 255);
    }
}

/* Filter and reduce the blocks to the cells, first down the columns, then along the rows, where GROUP rows are lanes. */
TARGET static void FORM(view)(const struct picture *of, const struct taps *y, const struct taps *x, float *grid) {
    const int64_t columns = of->columns;
    int64_t made = 0;
    for (int64_t top = 0; top < CELLS; top += GROUP) {
        for (int64_t k = top; k < top + GROUP; k++) {
            float *restrict line = of->lines + (k - top) * columns;
            memset(line, 0, sizeof *line * (size_t)columns);
            for (; made < y->first[k] + y->count[k]; made++) FORM(blocks)(of, made, of->ring + made % y->room * columns);
            for (int64_t b = 0; b < y->count[k]; b++) {
                const float weight = y->weights[k * y->room + b];
                const float *restrict from = of->ring + (y->first[k] + b) % y->room * columns;
                for (int64_t c = 0; c < columns; c++) line[c] += weight * from[c];
            }
        }
        FORM(turn)(of->lines, GROUP, columns, columns, of->tall, GROUP);
        for (int64_t k = 0; k < CELLS; k++) {
            lanes cells = {0};
            for (int64_t b = 0; b < x->count[k]; b++)
                cells += x->weights[k * x->room + b] * *(const lanes *)(of->tall + (x->first[k] + b) * GROUP);
            *(lanes *)(of->cells + k * GROUP) = cells;
        }
        FORM(turn)(of->cells, CELLS, GROUP, GROUP, grid + top * CELLS, CELLS);
    }
    for (; made < of->rows; made++) FORM(blocks)(of, made, of->ring + made % y->room * columns); /* their levels */
}

/* Take 64 x 64 samples of the view, linear between its cells. */
TARGET static void FORM(sample)(const float *grid, const double *m, int reflect, float *out) {
    for (int i = 0; i < SIDE; i++) {
        int32_t at[SIDE];
        float v[SIDE], u[SIDE];
        for (int j = 0; j < SIDE; j++) {
            const double y = placed(m[0] + m[1] * i + m[2] * j, reflect);
            const double x = placed(m[3] + m[4] * i + m[5] * j, reflect);
            const int32_t r = (int32_t)y, c = (int32_t)x;
            v[j] = (float)(y - r);
            u[j] = (float)(x - c);
            at[j] = r * CELLS + c;
        }
        for (int j = 0; j < SIDE; j++) {
            const float *from = grid + at[j];
            const float above = from[0] + (from[1] - from[0]) * u[j];
            const float below = from[CELLS] + (from[CELLS + 1] - from[CELLS]) * u[j];
            out[i * SIDE + j] = above + (below - above) * v[j];
        }
    }
}

/* The rows of the samples where rows are rows, not yet reduced along them; turned, so that rows are lanes: [CELLS][SIDE]. */
TARGET static void FORM(sample_rows)(const float *grid, const double *m, int reflect, float *restrict out) {
    float lines[GROUP * CELLS];
    for (int top = 0; top < SIDE; top += GROUP) {
        for (int i = 0; i < GROUP; i++) {
            const double y = placed(m[0] + m[1] * (top + i), reflect);
            const int32_t r = (int32_t)y;
            const float v = (float)(y - r), *above = grid + r * CELLS, *below = above + CELLS;
            for (int x = 0; x < CELLS; x++) lines[i * CELLS + x] = above[x] + (below[x] - above[x]) * v;
        }
        FORM(turn)(lines, GROUP, CELLS, CELLS, out + top, SIDE);
    }
}

/* The samples of such rows. */
TARGET static void FORM(sample_columns)(const float *rows, const double *m, int reflect, float *restrict out) {
    float turned[SIDE * SIDE];
    for (int j = 0; j < SIDE; j++) {
        const double x = placed(m[3] + m[5] * j, reflect);
        const int32_t c = (int32_t)x;
        const float u = (float)(x - c), *near = rows + c * SIDE, *far = near + SIDE;
        for (int i = 0; i < SIDE; i++) turned[j * SIDE + i] = near[i] + (far[i] - near[i]) * u;
    }
    FORM(turn)(turned, SIDE, SIDE, SIDE, out, SIDE);
}

/* The 16 x 16 coefficients; rows that lie opposite are subtracted and added first. */
TARGET static void FORM(transform)(const float *picture, const float *cosines, const float *transposed, float *square) {
    float folded[SIDE * SIDE], rows[FREQUENCIES * SIDE];
    for (int k = 0; k < SIDE / 2; k++)
        for (int j = 0; j < SIDE; j++) {
            const float one = picture[k * SIDE + j], other = picture[(SIDE - 1 - k) * SIDE + j];
            folded[k * SIDE + j] = one - other;
            folded[(SIDE / 2 + k) * SIDE + j] = one + other;
        }
    for (int odd = 0; odd < 2; odd++)
        for (int j = 0; j < SIDE; j += 16) {
            lanes total[8] = {{0}};
            for (int k = 0; k < SIDE / 2; k += 4) {
                const float *from = folded + (odd * SIDE / 2 + k) * SIDE + j;
                const lanes f0 = *(const lanes *)from, f1 = *(const lanes *)(from + SIDE);
                const lanes f2 = *(const lanes *)(from + 2 * SIDE), f3 = *(const lanes *)(from + 3 * SIDE);
                for (int i = 0; i < 8; i++) {
                    const float *w = cosines + (2 * i + odd) * SIDE + k;
                    total[i] += (w[0] * f0 + w[1] * f1) + (w[2] * f2 + w[3] * f3);
                }
            }
            for (int i = 0; i < 8; i++) *(lanes *)(rows + (2 * i + odd) * SIDE + j) = total[i];
        }
    for (int i = 0; i < FREQUENCIES; i++) {
        lanes total = {0};
        for (int k = 0; k < SIDE; k += 4) {
            const float *w = rows + i * SIDE + k;
            const lanes *from = (const lanes *)(transposed + k * FREQUENCIES);
            total += (w[0] * from[0] + w[1] * from[1]) + (w[2] * from[2] + w[3] * from[3]);
        }
        *(lanes *)(square + i * FREQUENCIES) = total;
    }
}

/* The 128th smallest, as in pdq_form.h. */
TARGET static float FORM(median)(const float *square) {
    uint32_t keys[COEFFICIENTS], low = 0, before = 0, found = ~0u;
    float median;
    for (int i = 0; i < COEFFICIENTS; i++) keys[i] = ordered(square[i]);
    for (int bit = 31; bit >= 0; bit--) {
        const uint32_t top = low | ((1u << bit) - 1);
        uint32_t below = 0;
        for (int i = 0; i < COEFFICIENTS; i++) below += keys[i] <= top;
        if (below < COEFFICIENTS / 2) {
            low |= 1u << bit;
            before = below;
        } else if (below == before + 1) {
            break;
        }
    }
    for (int i = 0; i < COEFFICIENTS; i++) {
        const uint32_t key = keys[i] >= low ? keys[i] : ~0u;
        found = key < found ? key : found;
    }
    found ^= found >> 31 ? 1u << 31 : ~0u;
    memcpy(&median, &found, sizeof median);
    return median;
}

/* Hash 64 x 64 samples. */
TARGET static void FORM(hashed)(const float *picture, const float *cosines, const float *transposed, uint8_t *value,
                                int64_t *quality, int64_t *weak) {
    const float scale = (float)(100.0 / 255.0);
    float square[COEFFICIENTS];
    uint8_t above[COEFFICIENTS];
    int32_t total = 0, near = 0;
    for (int i = 0; i < SIDE * (SIDE - 1); i++) total += abs((int32_t)((picture[i] - picture[i + SIDE]) * scale));
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE - 1; j++)
            total += abs((int32_t)((picture[i * SIDE + j] - picture[i * SIDE + j + 1]) * scale));
    *quality = total / 90 < 100 ? total / 90 : 100;
    FORM(transform)(picture, cosines, transposed, square);
    const float median = FORM(median)(square);
    for (int i = 0; i < COEFFICIENTS; i++) {
        const float more = square[i] - median;
        above[i] = square[i] > median;
        near += (more <= 1.0f) & (more >= -1.0f);
    }
    *weak = near;
    for (int k = 0; k < 32; k++) {
        uint8_t bits = 0;
        for (int i = 0; i < 8; i++) bits |= (uint8_t)(above[8 * k + i] << i);
        value[31 - k] = bits;
    }
}

/* Hash variants of a view. Of those whose rows are rows, all that have the same ones are made one after another. */
TARGET static void FORM(hashes)(const float *grid, const double *maps, const int64_t *edges, int64_t count, const float *cosines,
                                const float *transposed, uint8_t *values, int64_t *quality, int64_t *weak) {
    float rows[CELLS * SIDE], picture[SIDE * SIDE];
    for (int64_t i = 0; i < count; i++) quality[i] = -1; /* to be done */
    for (int64_t i = 0; i < count; i++) {
        const double *of = maps + 6 * i;
        const int upright = of[2] == 0.0 && of[4] == 0.0;
        if (quality[i] >= 0) continue;
        if (upright)
            FORM(sample_rows)(grid, of, edges[i] == REFLECTED, rows);
        else
            FORM(sample)(grid, of, edges[i] == REFLECTED, picture);
        for (int64_t k = i; k < (upright ? count : i + 1); k++) {
            const double *other = maps + 6 * k;
            const int same = other[0] == of[0] && other[1] == of[1] && other[2] == 0.0 && other[4] == 0.0 && edges[k] == edges[i];
            if (upright && (!same || quality[k] >= 0)) continue;
            if (upright) FORM(sample_columns)(rows, other, edges[k] == REFLECTED, picture);
            FORM(hashed)(picture, cosines, transposed, values + 32 * k, quality + k, weak + k);
        }
    }
}
