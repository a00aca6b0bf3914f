/* Reading numbers of blocks; nothing is read at or behind `end`. */
#ifndef VIGIE_COMPACT_H
#define VIGIE_COMPACT_H

#include "cpu.h"

#include <string.h>

static inline uint32_t little32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t little64(const uint8_t *at) { return little32(at) | (uint64_t)little32(at + 4) << 32; }

enum { COMPACT_SHORT = 1, COMPACT_BAD = 2 };

/* CompactSize; 0 or why not: it ends before it is whole, or it is longer than it need be (Core refuses it as well). */
static inline int compact(const uint8_t **at, const uint8_t *end, uint64_t *out) {
    const uint8_t *p = *at;
    if (p >= end) return COMPACT_SHORT;
    uint8_t first = *p++;
    if (first < 0xFD) {
        *out = first;
        *at = p;
        return 0;
    }
    int wide = 1 << (first - 0xFC);
    if (end - p < wide) return COMPACT_SHORT;
    uint64_t value = wide == 2 ? (uint64_t)p[0] | (uint64_t)p[1] << 8 : wide == 4 ? little32(p) : little64(p);
    if (value < (wide == 2 ? 0xFDu : (uint64_t)1 << 4 * wide)) return COMPACT_BAD;
    *out = value;
    *at = p + wide;
    return 0;
}

#endif
