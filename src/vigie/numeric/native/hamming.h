/* Shapes that hamming.c and its forms share. The search itself: see ../hamming.py and docs/decisions/0009-index.md. */
#ifndef VIGIE_HAMMING_H
#define VIGIE_HAMMING_H

#include "cpu.h"

#define TABLES 16
#define BUCKETS 65536
#define STRIDE (BUCKETS + 1) /* offsets of one table */
#define RING 5               /* table c filters by chunks c + 5 and c + 10, modulo 16 */
#define MOST_MASKS 137       /* 16-bit words of at most two set bits */

struct tables {
    const uint64_t *codes;   /* [count][4] */
    uint64_t count;          /* < 2^32 */
    const uint32_t *offsets; /* [16][65537] */
    const uint32_t *near;    /* [16][count] */
    const uint32_t *numbers; /* [16][count] */
};

struct hit {
    uint32_t query, number, bits;
};

struct hits {
    struct hit *rows; /* from malloc; hamming_free gives it back */
    uint64_t count, room;
};

/* One entry that passed the filter, to be compared in full. */
struct pending {
    uint32_t query, table, entry;
    int across; /* in a self-join: from two buckets, so that the pair comes in this order only */
};

#define WAITING 512 /* entries that wait for their codes to come from memory */

struct search {
    const struct tables *held;
    const uint64_t *queries;
    struct hits *out;
    uint32_t radius, one, three; /* most bits of the first chunk, and of the first three of the ring */
    int self;                    /* held and queries are the same: report query < number only */
    int failed;
    uint32_t waiting;
    struct pending queue[WAITING];
};

static inline uint32_t chunk_of(const uint64_t *code, unsigned c) {
    return (uint32_t)(code[c >> 2] >> (16 * (c & 3))) & 0xFFFFu;
}

static inline uint32_t near_of(const uint64_t *code, unsigned c) {
    return chunk_of(code, (c + RING) % 16) | chunk_of(code, (c + 2 * RING) % 16) << 16;
}

int hamming_masks(uint32_t most, uint16_t *masks, uint32_t *ends);
void hamming_wait(struct search *s, uint32_t query, uint32_t table, uint32_t entry, int across);
void hamming_settle(struct search *s);
int hamming_add(struct hits *out, uint32_t query, uint32_t number, uint32_t bits);

#endif
