/* Making a segment of the search (hamming.c): codes in order, and the tables of sixteen chunks. */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "hamming.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(VIGIE_X86)
#include <emmintrin.h>
#endif

/* ---- tables ----------------------------------------------------------------------------------------------------- */

#define HEAPS 256u /* high bytes of a chunk */
#define LINE 8u    /* entries of a cache line */

/* Room for entries, in pages of 2 MB where the system gives them: each heap is written to in a page of its own else,
   and the processor knows the addresses of some dozens only (measured: half the time of the scattering). */
static void *room(size_t bytes) {
    const size_t page = bytes < (size_t)1 << 21 ? 64 : (size_t)1 << 21;
    const size_t whole = (bytes + page) / page * page;
    void *found = aligned_alloc(page, whole);
#if defined(__linux__)
    if (found && page > 64) madvise(found, whole, MADV_HUGEPAGE); /* what it refuses costs time only */
#endif
    return found;
}

/* Write a cache line past the caches: nothing reads it before they have forgotten it. */
static inline void write_line(uint64_t *to, const uint64_t *from) {
#if defined(VIGIE_X86)
    for (int i = 0; i < 4; i++) _mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)from + i));
#else
    memcpy(to, from, LINE * sizeof *to);
#endif
}

/* Put the entries of a table into heaps by the high bytes of their chunks: `near` above, number below; the low bytes
   into `lows`. `start`: where the heaps are. Entries wait until they fill a line. */
static void scatter(const uint64_t *codes, uint64_t count, unsigned c, const uint32_t *start, uint64_t *entries,
                    uint8_t *lows) {
    _Alignas(64) uint64_t line[HEAPS][LINE];
    uint32_t place[HEAPS];
    memcpy(place, start, sizeof place);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t *code = codes + 4 * i;
        const uint32_t chunk = chunk_of(code, c), h = chunk >> 8, p = place[h]++;
        lows[p] = (uint8_t)chunk;
        line[h][p % LINE] = (uint64_t)near_of(code, c) << 32 | i;
        if (p % LINE < LINE - 1) continue;
        const uint32_t first = p - (LINE - 1);
        if (first >= start[h])
            write_line(entries + first, line[h]);
        else /* the line begins in the heap before this one */
            for (uint32_t e = start[h]; e <= p; e++) entries[e] = line[h][e % LINE];
    }
    for (unsigned h = 0; h < HEAPS; h++) {
        const uint32_t first = place[h] / LINE * LINE;
        for (uint32_t e = first < start[h] ? start[h] : first; e < place[h]; e++) entries[e] = line[h][e % LINE];
    }
#if defined(VIGIE_X86)
    _mm_sfence();
#endif
}

/* Sort a heap into its buckets, `first` to `end`; where they start. */
static void settle(const uint64_t *entries, const uint8_t *lows, uint32_t first, uint32_t end, uint32_t *starts,
                   uint32_t *near, uint32_t *numbers) {
    uint32_t many[4][HEAPS] = {{0}}, place[HEAPS], at = first, e = first;
    for (; e + 4 <= end; e += 4) /* four counts each, for one after the other would wait for its store */
        for (unsigned k = 0; k < 4; k++) many[k][lows[e + k]]++;
    for (; e < end; e++) many[0][lows[e]]++;
    for (unsigned b = 0; b < HEAPS; b++) {
        starts[b] = place[b] = at;
        at += many[0][b] + many[1][b] + many[2][b] + many[3][b];
    }
    for (e = first; e < end; e++) {
        const uint32_t p = place[lows[e]]++;
        near[p] = (uint32_t)(entries[e] >> 32);
        numbers[p] = (uint32_t)entries[e];
    }
}

/* Sort codes into the buckets of each table, by counting. Within a bucket: ascending numbers. Returns 0, or -1 where
   memory is short: it takes 9 bytes for each code while it works.

   In two steps, by the high byte and then by the low one: 65,536 places to write to would each be a page of its own,
   256 are few enough for the processor to know their addresses, and a heap lies in its second cache. */
EXPORT int hamming_tables(const uint64_t *codes, uint64_t count, uint32_t *offsets, uint32_t *near,
                          uint32_t *numbers) {
    int failed = -1;
    uint64_t *entries = room(count * sizeof *entries);
    uint8_t *lows = room(count);
    uint32_t(*heaps)[HEAPS + 1] = calloc(TABLES, sizeof *heaps);
    if (!entries || !lows || !heaps) goto done;
    for (uint64_t i = 0; i < count; i++)
        for (unsigned c = 0; c < TABLES; c++) heaps[c][(chunk_of(codes + 4 * i, c) >> 8) + 1]++;
    for (unsigned c = 0; c < TABLES; c++) {
        uint32_t *start = heaps[c], *starts = offsets + c * STRIDE;
        for (unsigned h = 0; h < HEAPS; h++) start[h + 1] += start[h];
        scatter(codes, count, c, start, entries, lows);
        for (unsigned h = 0; h < HEAPS; h++)
            settle(entries, lows, start[h], start[h + 1], starts + h * HEAPS, near + c * count, numbers + c * count);
        starts[BUCKETS] = (uint32_t)count;
    }
    failed = 0;
done:
    free(entries);
    free(lows);
    free(heaps);
    return failed;
}

/* ---- sorting ---------------------------------------------------------------------------------------------------- */

struct item {
    uint64_t word; /* the first of the code */
    uint32_t row;
};

static int after(const uint64_t *codes, const struct item *a, const struct item *b) {
    if (a->word != b->word) return a->word > b->word;
    const uint64_t *x = codes + 4 * (uint64_t)a->row, *y = codes + 4 * (uint64_t)b->row;
    for (int w = 1; w < 4; w++)
        if (x[w] != y[w]) return x[w] > y[w];
    return 0;
}

#define SHORT 16u

/* Merge sort, which keeps the order of equal codes and is n log n whatever they are. */
static void sort(const uint64_t *codes, struct item *items, struct item *other, uint32_t n) {
    for (uint32_t start = 0; start < n; start += SHORT) {
        const uint32_t stop = n - start < SHORT ? n : start + SHORT;
        for (uint32_t i = start + 1; i < stop; i++) {
            const struct item one = items[i];
            uint32_t j = i;
            for (; j > start && after(codes, &items[j - 1], &one); j--) items[j] = items[j - 1];
            items[j] = one;
        }
    }
    struct item *from = items, *to = other;
    for (uint64_t width = SHORT; width < n; width *= 2) {
        for (uint64_t start = 0; start < n; start += 2 * width) {
            const uint64_t middle = start + width < n ? start + width : n;
            const uint64_t stop = start + 2 * width < n ? start + 2 * width : n;
            uint64_t a = start, b = middle;
            for (uint64_t i = start; i < stop; i++)
                to[i] = b == stop || (a < middle && !after(codes, &from[a], &from[b])) ? from[a++] : from[b++];
        }
        struct item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) memcpy(items, from, n * sizeof *items);
}

#define FIRST_BITS(code) ((code)[0] >> 48)

/* Row numbers in the lexicographic order of the codes' words, those of equal codes ascending; where each distinct code
   starts in it, and `*groups`, their number, in the end. Returns 0, or -1 where memory is short. */
EXPORT int hamming_order(const uint64_t *codes, uint64_t count, uint32_t *order, uint32_t *starts, uint64_t *groups) {
    int failed = -1;
    uint32_t largest = 0;
    uint64_t n = 0;
    struct item *items = NULL;
    uint32_t *place = calloc(BUCKETS + 1, sizeof *place);
    if (!place) return -1;
    for (uint64_t i = 0; i < count; i++) place[FIRST_BITS(codes + 4 * i) + 1]++;
    for (uint32_t b = 0; b < BUCKETS; b++) {
        if (place[b + 1] > largest) largest = place[b + 1];
        place[b + 1] += place[b];
    }
    for (uint64_t i = 0; i < count; i++) order[place[FIRST_BITS(codes + 4 * i)]++] = (uint32_t)i;
    if (count && !(items = malloc(2 * (uint64_t)largest * sizeof *items))) goto done;
    for (uint32_t b = 0, start = 0; b < BUCKETS; start = place[b++]) {
        const uint32_t size = place[b] - start;
        for (uint32_t i = 0; i < size; i++) {
            if (i + 8 < size) __builtin_prefetch(codes + 4 * (uint64_t)order[start + i + 8]);
            items[i] = (struct item){codes[4 * (uint64_t)order[start + i]], order[start + i]};
        }
        sort(codes, items, items + largest, size);
        for (uint32_t i = 0; i < size; i++) {
            order[start + i] = items[i].row;
            if (!i || after(codes, &items[i], &items[i - 1])) starts[n++] = start + i;
        }
    }
    failed = 0;
done:
    starts[n] = (uint32_t)count;
    *groups = n;
    free(items);
    free(place);
    return failed;
}
