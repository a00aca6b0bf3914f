/* Rectangles inside a page: ../regions_found.py; ../regions_numba.py does the same and is the judge in the tests. All shares
   are quotients of two counts, so nothing depends on an order.

   What differs from a ground is kept as bits, by rows and by columns: all counts are of bits along a line. */
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#define LONGEST_CELLS 400
#define MOST_GROUNDS 3
#define LEAST_GROUND 0.08
#define NEAR_LEVELS 12
#define LEAST_SHARE 0.08
#define MOST_AREA 0.95
#define LEAST_PX 64
#define LEAST_EDGE 0.5
#define LEAST_FILL 0.5
#define INK 0.02
#define LEAST_RUN 4
#define LEAST_CELLS 64 /* of a connected block */
#define DEPTH 6
#define ROUNDS 4
#define SAME 0.85
#define EDGE_SAMPLES 256
#define LONGEST_WORDS ((LONGEST_CELLS + 63) / 64)

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

struct box {
    int32_t top, left, bottom, right;
};

struct run {
    int32_t first, end;
};

/* A rectangle of the page, and its area times how much of its weakest side differs from the ground. */
struct found {
    double score;
    struct box box;
};

/* Cells that hang together. */
struct block {
    uint32_t parent, size;
    uint16_t top, left, bottom, right; /* the last two belong to it */
};

struct page {
    int32_t rows, columns;
    double least_px; /* in cells */
    uint64_t across[LONGEST_CELLS + 63][LONGEST_WORDS], down[LONGEST_CELLS + 63][LONGEST_WORDS];
    struct block *blocks;
    struct found *found;
    int64_t count, room;
};

static inline int64_t area(struct box of) { return (int64_t)(of.bottom - of.top) * (of.right - of.left); }

/* Is none of its sides too short? What lies within one that is too small, is too small. */
static int large(const struct page *page, struct box of) {
    const int32_t high = of.bottom - of.top, wide = of.right - of.left;
    return high >= LEAST_SHARE * page->rows && high >= page->least_px && wide >= LEAST_SHARE * page->columns
           && wide >= page->least_px;
}

static uint32_t root(struct block *blocks, uint32_t at) {
    while (blocks[at].parent != at) at = blocks[at].parent = blocks[blocks[at].parent].parent;
    return at;
}

/* Make one block of two; its number. */
static uint32_t join(struct block *blocks, uint32_t one, uint32_t other) {
    const uint32_t a = root(blocks, one), b = root(blocks, other), low = a < b ? a : b, high = a < b ? b : a;
    if (a == b) return a;
    struct block *to = blocks + low, *from = blocks + high;
    from->parent = low;
    to->size += from->size;
    to->top = from->top < to->top ? from->top : to->top;
    to->left = from->left < to->left ? from->left : to->left;
    to->bottom = from->bottom > to->bottom ? from->bottom : to->bottom;
    to->right = from->right > to->right ? from->right : to->right;
    return low;
}

/* 64 rows of 64 bits become columns (Warren, Hacker's Delight 7-3; bit 0 is the first). */
static void transpose(uint64_t *bits) {
    uint64_t mask = 0x00000000ffffffffull;
    for (int half = 32; half; half /= 2, mask ^= mask << half)
        for (int k = 0; k < 64; k = ((k | half) + 1) & ~half) {
            const uint64_t swap = ((bits[k] >> half) ^ bits[k | half]) & mask;
            bits[k] ^= swap << half;
            bits[k | half] ^= swap;
        }
}

/* Mark what differs from a ground: `small` has rows of `room` cells, a multiple of 64, that end in the ground's own level or
   not: what lies beyond the columns is cut off. */
static void mark(struct page *page, const uint8_t *small, int64_t room, int ground) {
    const int words = (int)(room / 64);
    const uint64_t last = page->columns % 64 ? (1ull << (page->columns % 64)) - 1 : ~0ull;
    memset(page->across, 0, sizeof page->across);
    for (int32_t y = 0; y < page->rows; y++) {
        for (int w = 0; w < words; w++) {
            const uint8_t *cells = small + y * room + 64 * w;
            uint8_t differs[64];
            uint64_t bits = 0;
            for (int i = 0; i < 64; i++) {
                const int level = cells[i] - ground;
                differs[i] = level > NEAR_LEVELS || level < -NEAR_LEVELS;
            }
            for (int i = 0; i < 8; i++) {
                uint64_t eight = 0; /* 0 or 1 each: the product brings them side by side into the highest byte */
                for (int k = 0; k < 8; k++) eight |= (uint64_t)differs[8 * i + k] << (8 * k);
                bits |= (eight * 0x0102040810204080ull) >> 56 << (8 * i);
            }
            page->across[y][w] = w == words - 1 ? bits & last : bits;
        }
    }
    for (int32_t y = 0; y < page->rows; y += 64)
        for (int w = 0; w < words; w++) {
            uint64_t square[64];
            for (int i = 0; i < 64; i++) square[i] = y + i < page->rows ? page->across[y + i][w] : 0;
            transpose(square);
            for (int i = 0; i < 64 && 64 * w + i < page->columns; i++) page->down[64 * w + i][y / 64] = square[i];
        }
}

/* The levels that much of the page has, the commonest first. */
static int grounds_of(const uint8_t *small, int64_t room, int32_t rows, int32_t columns, int *grounds) {
    int64_t seen[4][256] = {{0}}, around[256] = {0};
    int many = 0;
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) seen[x % 4][small[y * room + x]]++;
    for (int level = 0; level < 256; level++)
        for (int near = level - NEAR_LEVELS / 2; near < level + NEAR_LEVELS / 2; near++)
            if (near >= 0 && near < 256) around[level] += seen[0][near] + seen[1][near] + seen[2][near] + seen[3][near];
    while (many < MOST_GROUNDS) {
        int best = 0;
        for (int level = 1; level < 256; level++)
            if (around[level] > around[best]) best = level;
        if ((double)around[best] < LEAST_GROUND * (double)((int64_t)rows * columns)) break;
        grounds[many++] = best;
        for (int level = (int)most(best - 2 * NEAR_LEVELS, 0); level < least(best + 2 * NEAR_LEVELS, 256); level++)
            around[level] = 0;
    }
    return many;
}

/* The larger score first; of equals the one that lies lower. */
static int better(const void *one, const void *other) {
    const struct found *a = one, *b = other;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    if (a->box.top != b->box.top) return a->box.top > b->box.top ? -1 : 1;
    if (a->box.left != b->box.left) return a->box.left > b->box.left ? -1 : 1;
    if (a->box.bottom != b->box.bottom) return a->box.bottom > b->box.bottom ? -1 : 1;
    return a->box.right != b->box.right ? (a->box.right > b->box.right ? -1 : 1) : 0;
}

/* What two have in common, as a share of both together. */
static double overlap(const int64_t *one, const int64_t *other) {
    const int64_t high = least(one[2], other[2]) - most(one[0], other[0]);
    const int64_t wide = least(one[3], other[3]) - most(one[1], other[1]);
    const int64_t both = most(high, 0) * most(wide, 0);
    const int64_t areas = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]);
    return (double)both / (double)(areas - both);
}

/* The place within two cells of `at` before which a line differs most from the one before it. Byte (l, k) of the lines is at
   l * line + k * sample; there are `end` lines, and `many` bytes of each are looked at. */
static int64_t steepest(const uint8_t *bytes, int64_t line, int64_t sample, int64_t many, int64_t at, int64_t end, int64_t step) {
    const int64_t first = most(at - 2 * step - 1, 0), last = least(at + 2 * step + 2, end);
    int64_t highest = -1, best = at;
    for (int64_t l = first + 1; l < last; l++) {
        const uint8_t *one = bytes + (l - 1) * line, *other = one + line;
        int64_t total = 0;
        for (int64_t k = 0; k < many; k++) total += abs(other[k * sample] - one[k * sample]);
        if (total > highest) {
            highest = total;
            best = l;
        }
    }
    if (highest < many * (NEAR_LEVELS / 2)) return at;
    return llabs(best - at) <= 2 * step + 1 ? best : at;
}

#define FORM(name) name##_scalar
#define TARGET
#include "regions_form.h"
#undef FORM
#undef TARGET

#if defined(VIGIE_X86)
#define FORM(name) name##_avx2
#define TARGET TARGET_AVX2
#include "regions_form.h"
#undef FORM
#undef TARGET
#define CHOOSE(level, name) ((level) == VIGIE_SCALAR ? name##_scalar : name##_avx2)
#else
#define CHOOSE(level, name) ((void)(level), name##_scalar)
#endif

/* Write at most `room` rectangles (top, left, bottom, right) of RGB bytes, the largest first: how many, or -1 where there is
   no memory. The picture is height lines of `stride` bytes. */
EXPORT int64_t regions_rectangles(int level, const uint8_t *pixels, int64_t stride, int64_t height, int64_t width,
                                  int64_t room, int64_t *out) {
    const int64_t step = most((most(height, width) + LONGEST_CELLS - 1) / LONGEST_CELLS, 1);
    const int64_t rows = (height + step - 1) / step, columns = (width + step - 1) / step, line = (columns + 63) / 64 * 64;
    const uint8_t *green = pixels + 1; /* is most of luma */
    int grounds[MOST_GROUNDS];
    int64_t kept = -1;
    if (least(height, width) < 2 * LEAST_PX) return 0;
    uint8_t *small = malloc((size_t)(rows * line));
    struct page *page = malloc(sizeof *page);
    if (page) page->found = NULL;
    if (page) page->blocks = malloc(sizeof *page->blocks * (size_t)(rows * ((columns + 1) / 2)));
    if (!small || !page || !page->blocks) goto done;
    for (int64_t y = 0; y < rows; y++) {
        const uint8_t *from = green + y * step * stride;
        for (int64_t x = 0; x < columns; x++) small[y * line + x] = from[3 * step * x];
        memset(small + y * line + columns, 0, (size_t)(line - columns));
    }
    page->rows = (int32_t)rows;
    page->columns = (int32_t)columns;
    page->least_px = (double)LEAST_PX / (double)step;
    page->count = page->room = 0;
    const int many = grounds_of(small, line, page->rows, page->columns, grounds);
    for (int i = 0; i < many; i++) {
        mark(page, small, line, grounds[i]);
        if (CHOOSE(level, search)(page)) goto done;
    }
    if (page->count) qsort(page->found, (size_t)page->count, sizeof *page->found, better);
    kept = 0;
    for (int64_t i = 0; i < page->count && kept < room; i++) {
        const struct box small_box = page->found[i].box;
        int64_t *full = out + 4 * kept, other = 0;
        full[0] = small_box.top * step;
        full[1] = small_box.left * step;
        full[2] = least(small_box.bottom * step, height);
        full[3] = least(small_box.right * step, width);
        while (other < kept && overlap(full, out + 4 * other) < SAME) other++;
        kept += other == kept;
    }
    for (int64_t i = 0; i < kept; i++) { /* to the pixel */
        int64_t *of = out + 4 * i;
        const int64_t top = of[0], left = of[1], bottom = of[2], right = of[3];
        const int64_t down = most((bottom - top) / EDGE_SAMPLES, 1), across = most((right - left) / EDGE_SAMPLES, 1);
        const int64_t tall = (bottom - top + down - 1) / down, wide = (right - left + across - 1) / across;
        const uint8_t *above = green + 3 * left, *beside = green + top * stride;
        of[0] = steepest(above, stride, 3 * across, wide, top, height, step);
        of[1] = steepest(beside, 3, stride * down, tall, left, width, step);
        of[2] = steepest(above, stride, 3 * across, wide, bottom, height, step);
        of[3] = steepest(beside, 3, stride * down, tall, right, width, step);
    }
done:
    if (page) {
        free(page->found);
        free(page->blocks);
    }
    free(page);
    free(small);
    return kept;
}
