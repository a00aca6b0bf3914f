/* Runs the native loops over made-up inputs at every level of this processor, and prints a digest of each result: what
   test_hamming_neon.py compares between the levels of one processor, and between processors.

   Standard input: doubles [64][16] (cosines of PDQ), floats [16][64] and [64][16] (those of the variants), then a count,
   and so many maps (double[6]) and as many edges (int64_t). */
#include "../../src/vigie/numeric/native/hamming.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t vigie_levels(void);
int hamming_order(const uint64_t *, uint64_t, uint32_t *, uint32_t *, uint64_t *);
int hamming_tables(const uint64_t *, uint64_t, uint32_t *, uint32_t *, uint32_t *);
int hamming_probe(int, const struct tables *, const uint64_t *, uint64_t, uint32_t, uint64_t, uint8_t *, struct hits *);
int hamming_stream(int, const struct tables *, const struct tables *, uint32_t, int, struct hits *);
int hamming_scan(int, const uint64_t *, uint64_t, const uint64_t *, uint64_t, uint32_t, int, struct hits *);
void hamming_free(struct hits *);

struct picture {
    const uint8_t *pixels;
    int64_t stride, height, width, channels;
    double gain, parts;
};
int pdq_orientations(int, const struct picture *, const double *, uint8_t *, int32_t *);
int variants_view(int, const uint8_t *, int64_t, int64_t, int64_t, int64_t, float *, int64_t *);
void variants_hashes(int, const float *, const double *, const int64_t *, int64_t, const float *, const float *, uint8_t *,
                     int64_t *, int64_t *);

static uint64_t state = 88172645463325252u;

static uint64_t number(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x9E3779B97F4A7C15u;
}

static uint64_t digest(const void *bytes, size_t size, uint64_t seed) {
    const uint8_t *b = bytes;
    for (size_t i = 0; i < size; i++) seed = (seed ^ b[i]) * 0x100000001B3u;
    return seed;
}

static void *need(void *memory) {
    if (!memory) exit(3);
    return memory;
}

static void done(int failed) {
    if (failed) exit(4);
}

/* Print what was found, pairs in the order of the loops: it is the same in every form. */
static void found(int level, const char *what, uint32_t kind, uint32_t radius, struct hits *hits) {
    printf("%d hamming %s set %u radius %u: %" PRIu64 " pairs %016" PRIx64 "\n", level, what, kind, radius, hits->count,
           digest(hits->rows, hits->count * sizeof *hits->rows, 1));
    hamming_free(hits);
}

#define CODES 701u
#define ASKED 90u

/* Random codes; then those of ever fewer buckets, so that these hold none, one, some, and more than any vector or block;
   queries 0-60 bits from codes, so that all limits are met from both sides. */
static void make(uint64_t *codes, uint64_t *queries, uint32_t kind) {
    for (uint32_t i = 0; i < CODES; i++)
        for (int w = 0; w < 4; w++) {
            codes[4 * i + w] = number();
            if (kind && i) codes[4 * i + w] &= kind == 1 ? 0x0007000300010000u : 0x00FF000000000001u;
        }
    for (uint32_t i = 0; i < ASKED; i++) {
        memcpy(queries + 4 * i, codes + 4 * (number() % CODES), 32);
        for (uint32_t bits = i % 60; bits; bits--) {
            const uint64_t bit = number() % 256;
            queries[4 * i + bit / 64] ^= (uint64_t)1 << bit % 64;
        }
    }
}

static uint64_t distinct(const uint64_t *codes, uint64_t count, uint64_t *out) {
    uint32_t *order = need(malloc(4 * count)), *starts = need(malloc(4 * (count + 1)));
    uint64_t groups = 0;
    done(hamming_order(codes, count, order, starts, &groups));
    for (uint64_t g = 0; g < groups; g++) memcpy(out + 4 * g, codes + 4 * (uint64_t)order[starts[g]], 32);
    free(order);
    free(starts);
    return groups;
}

static struct tables tabled(const uint64_t *codes, uint64_t count) {
    uint32_t *offsets = need(malloc(sizeof *offsets * TABLES * STRIDE));
    uint32_t *near = need(malloc(4 * TABLES * count)), *numbers = need(malloc(4 * TABLES * count));
    done(hamming_tables(codes, count, offsets, near, numbers));
    return (struct tables){codes, count, offsets, near, numbers};
}

static void dropped(struct tables *of) {
    free((void *)(uintptr_t)of->offsets);
    free((void *)(uintptr_t)of->near);
    free((void *)(uintptr_t)of->numbers);
}

static void search(int levels) {
    static const uint32_t radii[] = {0, 1, 15, 16, 31, 32, 47}, wide[] = {0, 31, 90, 256};
    static uint64_t raw[4 * CODES], codes[4 * CODES], some[4 * ASKED], queries[4 * ASKED];
    static uint8_t left[ASKED];
    for (uint32_t kind = 0; kind < 3; kind++) {
        make(raw, some, kind);
        const uint64_t n = distinct(raw, CODES, codes), q = distinct(some, ASKED, queries);
        struct tables held = tabled(codes, n), asked = tabled(queries, q);
        printf("- tables set %u: %016" PRIx64 "\n", kind,
               digest(held.numbers, 4 * TABLES * n, digest(held.near, 4 * TABLES * n, digest(held.offsets, 4 * TABLES * STRIDE, 1))));
        for (int level = 0; level < 4; level++) {
            struct hits hits = {0};
            if (!(levels >> level & 1)) continue;
            for (size_t i = 0; i < sizeof radii / sizeof *radii; i++) {
                done(hamming_probe(level, &held, queries, q, radii[i], UINT64_MAX, left, &hits));
                found(level, "probe", kind, radii[i], &hits);
                done(hamming_stream(level, &held, &asked, radii[i], 0, &hits));
                found(level, "stream", kind, radii[i], &hits);
                done(hamming_stream(level, &held, &held, radii[i], 1, &hits));
                found(level, "join", kind, radii[i], &hits);
            }
            for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
                for (uint64_t short_by = 0; short_by < 4; short_by++) {
                    done(hamming_scan(level, codes, n - short_by, queries, q, wide[i], 0, &hits));
                    found(level, "scan", kind, wide[i], &hits);
                }
        }
        dropped(&held);
        dropped(&asked);
    }
}

/* Noise over slopes, the upper third flat: what has edges, and what has none. */
static void pictures(int levels, const double *cosines, const float *terms, const float *turned, const double *maps,
                     const int64_t *edges, int64_t count) {
    static const int64_t sizes[][2] = {{64, 64}, {65, 129}, {129, 5}, {257, 385}, {300, 420}, {64, 2100}, {1030, 70}};
    static float grid[256 * 256];
    uint8_t values[8 * 32], *hashes = need(malloc(32 * (size_t)count));
    int32_t figures[16];
    int64_t box[4], *quality = need(malloc(8 * (size_t)count)), *weak = need(malloc(8 * (size_t)count));
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int64_t height = sizes[s][0], width = sizes[s][1];
        uint8_t *pixels = need(malloc((size_t)(3 * height * width)));
        for (int64_t y = 0; y < height; y++)
            for (int64_t x = 0; x < 3 * width; x++)
                pixels[3 * width * y + x] = 3 * y < height ? 255 : (uint8_t)((y + x * (x % 3 + 1)) / 5 + number() % 40);
        for (int level = 0; level < 4; level++) {
            if (!(levels >> level & 1)) continue;
            for (int64_t channels = 1; channels <= 3; channels += 2) {
                const struct picture of = {pixels, 3 * width, height, width, channels, channels == 1 ? 1.2 : 1.0, 1000.0};
                done(pdq_orientations(level, &of, cosines, values, figures));
                printf("%d pdq %" PRId64 " x %" PRId64 " x %" PRId64 ": %016" PRIx64 "\n", level, height, width, channels,
                       digest(figures, sizeof figures, digest(values, sizeof values, 1)));
            }
            done(variants_view(level, pixels, height, width, height / 256 + 1, width / 256 + 1, grid, box));
            variants_hashes(level, grid, maps, edges, count, terms, turned, hashes, quality, weak);
            printf("%d view %" PRId64 " x %" PRId64 ": %016" PRIx64 "\n", level, height, width,
                   digest(box, sizeof box, digest(grid, sizeof grid, 1)));
            printf("%d variants %" PRId64 " x %" PRId64 ": %016" PRIx64 "\n", level, height, width,
                   digest(weak, 8 * (size_t)count, digest(quality, 8 * (size_t)count, digest(hashes, 32 * (size_t)count, 1))));
        }
        free(pixels);
    }
    free(hashes);
    free(quality);
    free(weak);
}

int main(void) {
    static double cosines[64 * 16];
    static float terms[16 * 64], turned[64 * 16];
    int64_t count = 0;
    if (fread(cosines, sizeof cosines, 1, stdin) != 1 || fread(terms, sizeof terms, 1, stdin) != 1) return 2;
    if (fread(turned, sizeof turned, 1, stdin) != 1 || fread(&count, sizeof count, 1, stdin) != 1) return 2;
    if (count < 1 || count > 4096) return 2;
    double *maps = need(malloc(48 * (size_t)count));
    int64_t *edges = need(malloc(8 * (size_t)count));
    if (fread(maps, 48, (size_t)count, stdin) != (size_t)count) return 2;
    if (fread(edges, 8, (size_t)count, stdin) != (size_t)count) return 2;
    const int levels = (int)vigie_levels();
    printf("levels %d\n", levels);
    search(levels);
    pictures(levels, cosines, terms, turned, maps, edges, count);
    free(maps);
    free(edges);
    return 0;
}
