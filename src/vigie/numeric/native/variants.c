/* The small view of a picture and the hashes of its variants: ../variants_view.py, ../variants.py. ../variants_numba.py does
   the same and is the judge in the tests: floats are added in its order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#define CELLS 256
#define SIDE 64
#define FREQUENCIES 16
#define COEFFICIENTS (FREQUENCIES * FREQUENCIES)
#define REFLECTED 1
#define NEAR_LEVELS 14
#define UNIFORM 0.985
#define SAME_LEVELS 6
#define GROUP 16 /* rows of cells that are made side by side */

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* Weights of the blocks that one axis of the view is made of. */
struct taps {
    int64_t room, first[CELLS], count[CELLS];
    float *weights; /* [CELLS][room] */
};

/* A picture, its blocks, and room to work in: small, for memory that is touched for the first time is dear. */
struct picture {
    const uint8_t *pixels;
    int64_t height, width, step_y, step_x, rows, columns;
    float *luma;      /* [width] */
    float *ring;      /* [room of the rows' taps][columns]: the last rows of blocks */
    float *lines;     /* [GROUP][columns]: rows of cells, not yet reduced along the rows */
    float *tall;      /* the same turned, [columns][GROUP] */
    float *cells;     /* [CELLS][GROUP] */
    uint16_t *sums;   /* [width][3] */
    uint8_t *levels;  /* [rows][columns]: the blocks as whole levels */
};

/* The whole part of a quotient, downward: Python's `//`. Both products are of small whole numbers, so exact. */
static double floor_divided(double a, double b) {
    const double parts = floor(a / b);
    return parts * b > a ? parts - 1.0 : (parts + 1.0) * b <= a ? parts + 1.0 : parts;
}

static int lay(struct taps *of, int64_t length, int64_t step, int64_t blocks) {
    const double filter = (double)length * (1.0 / 128.0), reach = filter > (double)step ? filter : (double)step;
    of->room = (int64_t)(2.0 * reach / (double)step) + 3;
    of->weights = calloc((size_t)(CELLS * of->room), sizeof *of->weights);
    if (!of->weights) return -1;
    for (int64_t k = 0; k < CELLS; k++) {
        float *weights = of->weights + k * of->room;
        const double place = ((double)k + 0.5) * (double)length / CELLS;
        const int64_t first = least(most((int64_t)floor_divided(place - reach, (double)step), 0), blocks - 1);
        double total = 0.0;
        of->first[k] = first;
        of->count[k] = 0;
        for (int64_t b = first; b < least(first + of->room, blocks); b++) {
            const int64_t end = least((b + 1) * step, length);
            const double near = 1.0 - fabs((double)(b * step + end) / 2.0 - place) / reach;
            const double weight = (near > 0.0 ? near : 0.0) * (double)(end - b * step);
            weights[b - first] = (float)weight;
            total += weight;
            if (weight > 0.0) of->count[k] = b - first + 1;
        }
        if (total <= 0.0) {
            of->count[k] = 1;
            weights[0] = 1.0f;
            total = 1.0;
        }
        for (int64_t b = 0; b < of->count[k]; b++) weights[b] = (float)((double)weights[b] / total);
    }
    return 0;
}

/* The median of a line of which nearly all lies near it; -1 where it does not. */
static int64_t level_of(const uint8_t *line, int64_t step, int64_t n) {
    int64_t below = 0, near = 0, middle = 0;
    int32_t seen[256] = {0};
    for (int64_t x = 0; x < n; x++) seen[line[x * step]]++;
    while (2 * (below + seen[middle]) < n) below += seen[middle++];
    for (int64_t level = most(middle - NEAR_LEVELS, 0); level <= least(middle + NEAR_LEVELS, 255); level++)
        near += seen[level];
    return (double)near >= UNIFORM * (double)n ? middle : -1;
}

/* First row, first column, end of rows, end of columns of what no border of one level surrounds. */
static void inside(const uint8_t *levels, int64_t rows, int64_t columns, int64_t *box) {
    static const int sides[4] = {0, 2, 1, 3};
    int64_t border = -1;
    box[0] = box[1] = 0;
    box[2] = rows;
    box[3] = columns;
    for (int i = 0; i < 4; i++) {
        const int side = sides[i];
        while (box[0] < box[2] && box[1] < box[3]) {
            const int64_t y = side == 2 ? box[2] - 1 : box[0], x = side == 3 ? box[3] - 1 : box[1];
            const int flat = side % 2 == 0;
            const int64_t n = flat ? box[3] - box[1] : box[2] - box[0];
            const int64_t level = level_of(levels + y * columns + x, flat ? 1 : columns, n);
            if (level >= 0 && border < 0) border = level;
            if (level < 0 || llabs(level - border) > SAME_LEVELS) break;
            box[side] += side < 2 ? 1 : -1;
        }
    }
}

/* A place in 0 .. the last cell: mirrored at the edges, or brought to the edge. */
static inline double placed(double place, int reflect) {
    const double last = CELLS - 1.0;
    if (reflect && place < -0.5) place = -1.0 - place;
    if (reflect && place > last + 0.5) place = 2.0 * last + 1.0 - place;
    place = place > 0.0 ? place : 0.0;
    return place < last - 1e-6 ? place : last - 1e-6;
}

/* Floats in ascending order as whole numbers in ascending order. */
static inline uint32_t ordered(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (-(bits >> 31) | 1u << 31);
}

#if defined(VIGIE_X86)
#include <immintrin.h>
#endif

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

#define FORM(name) name##_scalar
#define TARGET
#include "variants_form.h"
#undef FORM
#undef TARGET

#if defined(VIGIE_X86)
#define FORM(name) name##_avx2
#define TARGET TARGET_AVX2
#define WITH_AVX2
#include "variants_form.h"
#undef FORM
#undef TARGET

#define FORM(name) name##_avx512
#define TARGET TARGET_AVX512
#include "variants_form.h"
#undef FORM
#undef TARGET
#undef WITH_AVX2

#define CHOOSE(level, name) ((level) == VIGIE_AVX512 ? name##_avx512 : (level) == VIGIE_AVX2 ? name##_avx2 : name##_scalar)
#else
#define CHOOSE(level, name) ((void)(level), name##_scalar)
#endif

/* Write the view [256][256] of RGB bytes, and in blocks what its border leaves: 0, or -1 where there is no memory. */
EXPORT int variants_view(int level, const uint8_t *pixels, int64_t height, int64_t width, int64_t step_y,
                         int64_t step_x, float *grid, int64_t *box) {
    struct picture of = {.pixels = pixels, .height = height, .width = width, .step_y = step_y, .step_x = step_x};
    struct taps y = {0}, x = {0};
    int done = -1;
    of.rows = (height + step_y - 1) / step_y;
    of.columns = (width + step_x - 1) / step_x;
    if (!lay(&y, height, step_y, of.rows) && !lay(&x, width, step_x, of.columns)) {
        const size_t wide = (size_t)of.columns;
        const size_t floats = (size_t)width + wide * (size_t)(y.room + 2 * GROUP) + CELLS * GROUP;
        of.luma = malloc(sizeof(float) * floats + sizeof(uint16_t) * 3 * (size_t)width + (size_t)of.rows * wide);
        if (of.luma) {
            of.ring = of.luma + width;
            of.lines = of.ring + wide * (size_t)y.room;
            of.tall = of.lines + wide * GROUP;
            of.cells = of.tall + wide * GROUP;
            of.sums = (uint16_t *)(of.cells + CELLS * GROUP);
            of.levels = (uint8_t *)(of.sums + 3 * width);
            CHOOSE(level, view)(&of, &y, &x, grid);
            inside(of.levels, of.rows, of.columns, box);
            done = 0;
        }
        free(of.luma);
    }
    free(y.weights);
    free(x.weights);
    return done;
}

/* Hash `count` variants of a view: maps [count][6], edges [count], cosines [16][64] and transposed;
   values [count][32], quality and weak [count]. */
EXPORT void variants_hashes(int level, const float *grid, const double *maps, const int64_t *edges, int64_t count,
                            const float *cosines, const float *transposed, uint8_t *values, int64_t *quality,
                            int64_t *weak) {
    CHOOSE(level, hashes)(grid, maps, edges, count, cosines, transposed, values, quality, weak);
}
