/* The loops of variants.c for one form: FORM(name) names them, TARGET says which instructions they may use. */

/* Mean luma of blocks of step_y x step_x pixels; those at the end may be smaller. Of large pictures not all rows are read. */
TARGET static void FORM(blocks)(const uint8_t *pixels, int64_t height, int64_t width, int64_t step_y, int64_t step_x,
                                int32_t *restrict sums, float *restrict luma, float *small) {
    const int64_t n = 3 * width, skip = most(step_y / 4, 1);
    for (int64_t top = 0; top < height; top += step_y) {
        const int64_t end = least(top + step_y, height), high = (end - top + skip - 1) / skip;
        memset(sums, 0, sizeof *sums * (size_t)n);
        int64_t y = top;
        for (; y + 3 * skip < end; y += 4 * skip) {
            const uint8_t *restrict p = pixels + y * n;
            const int64_t s = skip * n;
            for (int64_t x = 0; x < n; x++) sums[x] += p[x] + p[s + x] + p[2 * s + x] + p[3 * s + x];
        }
        for (; y < end; y += skip)
            for (int64_t x = 0; x < n; x++) sums[x] += pixels[y * n + x];
        for (int64_t x = 0; x < width; x++)
            luma[x] = (float)sums[3 * x] * 0.299f + (float)sums[3 * x + 1] * 0.587f + (float)sums[3 * x + 2] * 0.114f;
        for (int64_t x0 = 0; x0 < width; x0 += step_x) {
            const int64_t x1 = least(x0 + step_x, width);
            float level = 0.0f;
            for (int64_t x = x0; x < x1; x++) level += luma[x];
            *small++ = level / (float)(high * (x1 - x0));
        }
    }
}

/* Filter and reduce the blocks to the cells, first down the columns, then along the rows. */
TARGET static void FORM(filtered)(const float *small, int64_t columns, const struct taps *y, const struct taps *x,
                                  float *restrict line, float *turned, float *grid) {
    for (int64_t k = 0; k < CELLS; k++) {
        memset(line, 0, sizeof *line * (size_t)columns);
        for (int64_t b = 0; b < y->count[k]; b++) {
            const float weight = y->weights[k * y->room + b];
            const float *restrict from = small + (y->first[k] + b) * columns;
            for (int64_t c = 0; c < columns; c++) line[c] += weight * from[c];
        }
        for (int64_t c = 0; c < columns; c++) turned[c * CELLS + k] = line[c];
    }
    for (int64_t k = 0; k < CELLS; k++) {
        float cells[CELLS] = {0};
        for (int64_t b = 0; b < x->count[k]; b++) {
            const float weight = x->weights[k * x->room + b];
            const float *from = turned + (x->first[k] + b) * CELLS;
            for (int c = 0; c < CELLS; c++) cells[c] += weight * from[c];
        }
        for (int c = 0; c < CELLS; c++) grid[c * CELLS + k] = cells[c];
    }
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
