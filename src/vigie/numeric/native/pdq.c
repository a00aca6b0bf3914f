/* PDQ: pixels to 64 x 64 samples to hashes. What is computed, and why all forms give the same bits: ../pdq.py,
   ../pdq_operator.py; ../pdq_numba.py does the same and is the judge in the tests. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#define SIDE 64
#define SUMS 65
#define FREQUENCIES 16
#define COEFFICIENTS (FREQUENCIES * FREQUENCIES)
#define NARROW 64    /* window of the rows up to which two weights are below 129 together */
#define SHORT 16     /* window of the rows up to which sums fit 16 bits */
#define MIXED 55     /* window of the columns up to which a weight times 587 fits 15 bits */
#define TAPS 32      /* most rows of pixels that are added in one go: all of a short window */
#define STRIP 64     /* bytes of a row that are summed side by side */
#define STEP 32      /* products that are added in one go */

struct picture {
    const uint8_t *pixels;
    int64_t stride, height, width, channels;
    double gain, parts;
};

struct figures {
    int32_t quality, weak;
};

/* One axis, as pdq_operator.axis has it. All sums but the last two have the same weights: 1, 2 .. window .. 2, 1. */
struct axis {
    int64_t window, sums, first[SUMS], taps[SUMS];
};

static void lay(struct axis *of, int64_t length, int mirrored) {
    const int64_t window = (length + 127) / 128, left = window - (window + 2) / 2;
    of->window = window;
    of->sums = window % 2 ? SIDE : SUMS;
    for (int64_t k = 0; k < SIDE; k++) {
        of->first[k] = (2 * k + 1) * length / (2 * SIDE) - 2 * left;
        of->taps[k] = 2 * window - 1;
    }
    if (window % 2 == 0) {
        of->taps[SIDE - 1] = 2 * window - 2;
        of->taps[SIDE] = window - 1;
        of->first[SIDE] = length - (window - 1);
    }
    for (int64_t k = 0; mirrored && k < of->sums; k++) of->first[k] = length - of->first[k] - of->taps[k];
}

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int64_t weight(const struct axis *of, int64_t k, int64_t tap) {
    if (k == SIDE) return 1;
    const int64_t rise = least(tap + 1, of->taps[k] - tap);
    return k == SIDE - 1 && of->sums == SUMS ? least(rise, of->window - 1) : rise;
}

/* The weights of the columns, for the bytes as they lie: 299, 587 and 114 times the weight of a pixel, or for wide windows
   three planes of weights, each for one channel and 0 for the others. */
struct tables {
    int planes, kind[2]; /* of sums 63 and 64; all others are of kind 0 */
    int small;           /* no sum of sums reaches 2^32 */
    int64_t room, count[3], run, times[3], less[3][3];
    int16_t *weights[3]; /* [kind][room], of which count[kind] matter */
};

/* One line of sums, with some more beyond its end: their weights are 0. */
struct line {
    int16_t *low, *high;
    uint32_t *sums;
};

/* Where all that a picture needs is laid out, in one piece of memory. */
struct room {
    void *held;
    struct tables tables;
    struct line line;
    double (*sums)[SUMS][SUMS];
};

static int64_t steps(int64_t count) { return (count + STEP - 1) / STEP * STEP; }

static int furnish(struct room *room, const struct picture *of, const struct axis *rows, const struct axis *columns,
                   int many) {
    static const int64_t luma[3] = {299, 587, 114};
    const int colours = of->channels == 3, apart = colours && columns->window > MIXED, tall = rows->window > SHORT;
    const size_t length = (size_t)steps(of->width * of->channels + 2 * STEP);
    const int64_t count = steps(columns->taps[0] * of->channels);
    const size_t sums = sizeof *room->sums * (size_t)many;
    struct tables *tables = &room->tables;
    tables->planes = apart ? 3 : 1;
    tables->kind[0] = columns->sums == SUMS;
    tables->kind[1] = 2;
    tables->room = count;
    tables->small = !apart && !tall && rows->window * columns->window <= (colours ? 129 : 4096);
    /* Two products share a lane; at most 886 = 299 + 587 times a weight. */
    tables->run = 65535 / (columns->window * (colours && !apart ? 886 : 2));
    const size_t shorts = (size_t)(tables->planes * 3 * count) + length * (tall ? 2 : 1);
    room->held = calloc(1, sums + (tall ? length * sizeof(uint32_t) : 0) + shorts * sizeof(int16_t));
    if (!room->held) return -1;
    room->sums = room->held;
    room->line.sums = tall ? (uint32_t *)((char *)room->held + sums) : NULL;
    room->line.low = (int16_t *)((char *)room->held + sums + (tall ? length * sizeof(uint32_t) : 0));
    room->line.high = tall ? room->line.low + length : NULL;
    for (int p = 0; p < tables->planes; p++) {
        tables->weights[p] = room->line.low + length * (tall ? 2 : 1) + (size_t)(p * 3 * count);
        tables->times[p] = apart ? luma[p] : 1;
        for (int kind = 0; kind < 3; kind++) {
            const int64_t k = kind ? SIDE - 2 + kind : 0;
            int64_t total = 0;
            tables->count[kind] = k < columns->sums ? steps(columns->taps[k] * of->channels) : 0;
            for (int64_t t = 0; k < columns->sums && t < columns->taps[k]; t++)
                for (int64_t c = 0; c < of->channels; c++) {
                    const int64_t w = weight(columns, k, t) * (apart ? c == p : colours ? luma[c] : 1);
                    tables->weights[p][kind * count + t * of->channels + c] = (int16_t)w;
                    total += w;
                }
            tables->less[kind][p] = 32768 * total;
        }
    }
    return 0;
}

typedef double lanes2 __attribute__((vector_size(16), aligned(8), may_alias));
typedef double lanes4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef double lanes8 __attribute__((vector_size(64), aligned(8), may_alias));

#define FORM(name) name##_scalar
#define LANES 2
#define TARGET
#include "pdq_form.h"
#undef FORM
#undef LANES
#undef TARGET

#if defined(VIGIE_X86)
#include <immintrin.h>

#define FORM(name) name##_avx2
#define LANES 4
#define TARGET TARGET_AVX2
#define WITH_AVX2
#include "pdq_form.h"
#undef FORM
#undef LANES
#undef TARGET
#undef WITH_AVX2

#define FORM(name) name##_avx512
#define LANES 8
#define TARGET TARGET_AVX512
#define WITH_AVX512
#include "pdq_form.h"
#undef FORM
#undef LANES
#undef TARGET
#undef WITH_AVX512

#define CHOOSE(level, name) ((level) == VIGIE_AVX512 ? name##_avx512 : (level) == VIGIE_AVX2 ? name##_avx2 : name##_scalar)
#else
#define CHOOSE(level, name) ((void)(level), name##_scalar)
#endif

/* Samples of a picture, its rows mirrored or not, and its columns in up to two ways. 0, or -1 where there is no memory. */
static int reduced(int level, const struct picture *of, int rows_mirrored, const int *columns_mirrored, int many,
                   double (*out)[SIDE * SIDE]) {
    struct axis rows, columns[2];
    struct room room;
    lay(&rows, of->height, rows_mirrored);
    for (int i = 0; i < many; i++) lay(&columns[i], of->width, columns_mirrored[i]);
    if (furnish(&room, of, &rows, columns, many)) return -1;
    CHOOSE(level, reduce)(of, &rows, columns, &room.tables, many, &room.line, room.sums, out);
    free(room.held);
    return 0;
}

/* Write the 64 x 64 samples of the picture, its axes mirrored or not. 0, or -1 where there is no memory. */
EXPORT int pdq_reduce(int level, const struct picture *of, int rows_mirrored, int columns_mirrored, double *out) {
    return reduced(level, of, rows_mirrored, &columns_mirrored, 1, (double (*)[SIDE * SIDE])out);
}

/* Hash one 64 x 64 picture. `cosines`: [64][16]. `value`: 32 bytes in the order of the text form. */
EXPORT void pdq_print(int level, const double *samples, const double *cosines, uint8_t *value, struct figures *said) {
    CHOOSE(level, print)(samples, cosines, value, said);
}

/* Hash a picture as stored: 0, or -1 where there is no memory. */
EXPORT int pdq_hash(int level, const struct picture *of, const double *cosines, uint8_t *value, struct figures *said) {
    double samples[SIDE * SIDE];
    if (pdq_reduce(level, of, 0, 0, samples)) return -1;
    pdq_print(level, samples, cosines, value, said);
    return 0;
}

/* Hash a picture in its eight orientations, in EXIF's order: values [8][32], said [8]. */
EXPORT int pdq_orientations(int level, const struct picture *of, const double *cosines, uint8_t *values,
                            struct figures *said) {
    /* By what is mirrored, rows and columns: EXIF's tag less 1, of the picture and of its transpose. */
    static const int tags[2][2][2] = {{{0, 4}, {1, 7}}, {{3, 5}, {2, 6}}}, both[2] = {0, 1};
    double plain[2][SIDE * SIDE], turned[SIDE * SIDE];
    for (int rows = 0; rows < 2; rows++) {
        if (reduced(level, of, rows, both, 2, plain)) return -1;
        for (int columns = 0; columns < 2; columns++) {
            const int *tag = tags[rows][columns];
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) turned[x * SIDE + y] = plain[columns][y * SIDE + x];
            pdq_print(level, plain[columns], cosines, values + 32 * tag[0], said + tag[0]);
            pdq_print(level, turned, cosines, values + 32 * tag[1], said + tag[1]);
        }
    }
    return 0;
}
