/* PDQ: pixels to 64 x 64 samples to hashes. What is computed, and why all forms give the same bits: ../pdq.py,
   ../pdq_operator.py; ../pdq_numba.py does the same and is the judge in the tests. */
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#define SIDE 64
#define SUMS 65
#define LINES 8      /* rows of samples that are finished together */
#define FREQUENCIES 16
#define COEFFICIENTS (FREQUENCIES * FREQUENCIES)
#define NARROW 64    /* window of the rows up to which bytes times weights are summed in 16 and 32 bits */
#define TAPS 16      /* rows of pixels that are added in one go; a multiple of 4 */

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

typedef double lanes __attribute__((vector_size(8 * LINES), aligned(8), may_alias));

#define FORM(name) name##_scalar
#define TARGET
#include "pdq_form.h"
#undef FORM
#undef TARGET

#if defined(VIGIE_X86)
#include <immintrin.h>

#define FORM(name) name##_avx2
#define TARGET TARGET_AVX2
#define WITH_AVX2
#include "pdq_form.h"
#undef FORM
#undef TARGET
#undef WITH_AVX2

#define FORM(name) name##_avx512
#define TARGET TARGET_AVX512
#define WITH_AVX512
#include "pdq_form.h"
#undef FORM
#undef TARGET
#undef WITH_AVX512

#define CHOOSE(level, name) ((level) == VIGIE_AVX512 ? name##_avx512 : (level) == VIGIE_AVX2 ? name##_avx2 : name##_scalar)
#else
#define CHOOSE(level, name) name##_scalar
#endif

/* Write the 64 x 64 samples of the picture, its axes mirrored or not. 0, or -1 where there is no memory. */
EXPORT int pdq_reduce(int level, const struct picture *of, int rows_mirrored, int columns_mirrored, double *out) {
    struct axis rows, columns;
    lay(&rows, of->height, rows_mirrored);
    lay(&columns, of->width, columns_mirrored);
    return CHOOSE(level, reduce)(of, &rows, &columns, out);
}

/* Hash one 64 x 64 picture. `cosines`: [64][16]. `value`: 32 bytes in the order of the text form. */
EXPORT void pdq_print(int level, const double *reduced, const double *cosines, uint8_t *value, struct figures *said) {
    CHOOSE(level, print)(reduced, cosines, value, said);
}

/* Hash a picture as stored: 0, or -1 where there is no memory. */
EXPORT int pdq_hash(int level, const struct picture *of, const double *cosines, uint8_t *value, struct figures *said) {
    double reduced[SIDE * SIDE];
    if (pdq_reduce(level, of, 0, 0, reduced)) return -1;
    pdq_print(level, reduced, cosines, value, said);
    return 0;
}

/* Hash a picture in its eight orientations, in EXIF's order: values [8][32], said [8]. */
EXPORT int pdq_orientations(int level, const struct picture *of, const double *cosines, uint8_t *values,
                            struct figures *said) {
    /* What EXIF's tag 1, 2, 3, 4 mirrors; and the tag that is its transpose. */
    static const struct { int rows, columns, transposed; } way[4] = {{0, 0, 5}, {0, 1, 8}, {1, 1, 7}, {1, 0, 6}};
    double plain[SIDE * SIDE], turned[SIDE * SIDE];
    for (int i = 0; i < 4; i++) {
        const int other = way[i].transposed - 1;
        if (pdq_reduce(level, of, way[i].rows, way[i].columns, plain)) return -1;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) turned[x * SIDE + y] = plain[y * SIDE + x];
        pdq_print(level, plain, cosines, values + 32 * i, said + i);
        pdq_print(level, turned, cosines, values + 32 * other, said + other);
    }
    return 0;
}
