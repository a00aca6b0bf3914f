/* The loops of variants.c for one form: FORM(name) names them, TARGET says which instructions they may use. */

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
        for (int64_t c = 0; c < columns; c++)
            for (int k = 0; k < GROUP; k++) of->tall[c * GROUP + k] = of->lines[k * columns + c];
        for (int64_t k = 0; k < CELLS; k++) {
            lanes cells = {0};
            for (int64_t b = 0; b < x->count[k]; b++)
                cells += x->weights[k * x->room + b] * *(const lanes *)(of->tall + (x->first[k] + b) * GROUP);
            *(lanes *)(of->cells + k * GROUP) = cells;
        }
        for (int64_t k = 0; k < GROUP; k++)
            for (int c = 0; c < CELLS; c++) grid[(top + k) * CELLS + c] = of->cells[c * GROUP + k];
    }
    for (; made < of->rows; made++) FORM(blocks)(of, made, of->ring + made % y->room * columns); /* their levels */
}

/* Take 64 x 64 samples of the view, linear between its cells. */
TARGET static void FORM(sample)(const float *grid, const double *m, int reflect, float *out) {
    const double last = CELLS - 1.0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            const double y = placed(m[0] + m[1] * i + m[2] * j, last, reflect);
            const double x = placed(m[3] + m[4] * i + m[5] * j, last, reflect);
            const int32_t r = (int32_t)y, c = (int32_t)x;
            const float v = (float)(y - r), u = (float)(x - c);
            const float *at = grid + r * CELLS + c;
            const float above = at[0] + (at[1] - at[0]) * u;
            const float below = at[CELLS] + (at[CELLS + 1] - at[CELLS]) * u;
            out[i * SIDE + j] = above + (below - above) * v;
        }
}

/* As sample where rows are rows: half of the work, for most variants. */
TARGET static void FORM(sample_upright)(const float *grid, const double *m, int reflect, float *out) {
    const double last = CELLS - 1.0;
    int32_t columns[SIDE];
    float shares[SIDE], line[CELLS];
    for (int j = 0; j < SIDE; j++) {
        const double x = placed(m[3] + m[5] * j, last, reflect);
        columns[j] = (int32_t)x;
        shares[j] = (float)(x - columns[j]);
    }
    for (int i = 0; i < SIDE; i++) {
        const double y = placed(m[0] + m[1] * i, last, reflect);
        const int32_t r = (int32_t)y;
        const float v = (float)(y - r), *above = grid + r * CELLS, *below = above + CELLS;
        for (int x = 0; x < CELLS; x++) line[x] = above[x] + (below[x] - above[x]) * v;
        for (int j = 0; j < SIDE; j++) {
            const float *at = line + columns[j];
            out[i * SIDE + j] = at[0] + (at[1] - at[0]) * shares[j];
        }
    }
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

TARGET static void FORM(hashed)(const float *grid, const double *map, int reflect, const float *cosines,
                                const float *transposed, uint8_t *value, int64_t *quality, int64_t *weak) {
    float picture[SIDE * SIDE], square[COEFFICIENTS], median;
    uint32_t keys[COEFFICIENTS], low = 0, before = 0, found = ~0u;
    int32_t total = 0;
    const float scale = (float)(100.0 / 255.0);
    if (map[2] == 0.0 && map[4] == 0.0)
        FORM(sample_upright)(grid, map, reflect, picture);
    else
        FORM(sample)(grid, map, reflect, picture);
    for (int i = 0; i < SIDE * (SIDE - 1); i++) total += abs((int32_t)((picture[i] - picture[i + SIDE]) * scale));
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE - 1; j++)
            total += abs((int32_t)((picture[i * SIDE + j] - picture[i * SIDE + j + 1]) * scale));
    *quality = total / 90 < 100 ? total / 90 : 100;
    FORM(transform)(picture, cosines, transposed, square);
    for (int i = 0; i < COEFFICIENTS; i++) keys[i] = ordered(square[i]);
    for (int bit = 31; bit >= 0; bit--) { /* the 128th smallest, as in pdq_form.h */
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
    for (int i = 0; i < COEFFICIENTS; i++) found = keys[i] >= low && keys[i] < found ? keys[i] : found;
    found ^= found >> 31 ? 1u << 31 : ~0u;
    memcpy(&median, &found, sizeof median);
    memset(value, 0, 32);
    *weak = 0;
    for (int i = 0; i < COEFFICIENTS; i++) {
        const float above = square[i] - median;
        value[31 - i / 8] |= (uint8_t)((square[i] > median) << (i % 8));
        *weak += above <= 1.0f && above >= -1.0f;
    }
}
