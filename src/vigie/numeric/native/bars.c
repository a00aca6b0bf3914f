/* Bars at the edges of a frame: lines of one level. What and why: ../bars.py, which does the same and is the judge. */
#include <string.h>

#include "cpu.h"

#define LEVELS 256
#define NEAR 14
#define SAME 6
static const double UNIFORM = 0.985;

struct plane {
    const uint8_t *luma;
    int64_t stride;
};

/* Median of the outermost line of a side of what is left (above, left, below, right), -1 where not nearly all is near it. */
static int level(const struct plane *of, const int64_t *box, int side) {
    uint32_t seen[LEVELS], apart[4][LEVELS]; /* four counts in turn: in a bar all pixels would wait for one */
    memset(apart, 0, sizeof apart);
    const int upright = side % 2, at = side < 2 ? 0 : 1;
    const int64_t line = at ? box[side] - 1 : box[side], from = box[1 - upright], length = box[3 - upright] - from;
    const uint8_t *first = upright ? of->luma + from * of->stride + line : of->luma + line * of->stride + from;
    const int64_t step = upright ? of->stride : 1;
    for (int64_t i = 0; i < length; i++) apart[i % 4][first[i * step]]++;
    for (int i = 0; i < LEVELS; i++) seen[i] = apart[0][i] + apart[1][i] + apart[2][i] + apart[3][i];
    int64_t below = 0, near = 0;
    int middle = 0;
    while (2 * (below + seen[middle]) < length) below += seen[middle++];
    for (int one = middle > NEAR ? middle - NEAR : 0; one <= middle + NEAR && one < LEVELS; one++) near += seen[one];
    return (double)near >= UNIFORM * (double)length ? middle : -1;
}

/* Take off lines of one level at the edges, where two opposite sides have them, of one level. `box`: first row and column,
   end of rows and columns; at least one of each. */
EXPORT void bars_inside(const uint8_t *luma, int64_t stride, int64_t *box) {
    const struct plane of = {luma, stride};
    for (int side = 0; side < 2 && box[0] < box[2]; side++) {
        const int border = level(&of, box, side), other = level(&of, box, side + 2);
        const int between = border < other ? other - border : border - other;
        if (border < 0 || other < 0 || between > SAME) continue;
        for (int one = side; one < 4; one += 2)
            while (box[side] < box[side + 2]) {
                const int found = level(&of, box, one);
                if (found < 0 || found - border > SAME || border - found > SAME) break;
                box[one] += one < 2 ? 1 : -1;
            }
    }
}
