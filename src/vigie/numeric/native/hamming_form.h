/* The loops of hamming.c for one form: FORM(name) names them, TARGET says which instructions they may use. */

#define LOOK_AHEAD 24u /* probes whose entries are on their way from memory */
#define LINE 16u       /* entries of one cache line */
#define BLOCK 256u

/* Send for the entries of a bucket; what is beyond 16 lines comes by itself, being read in order. */
TARGET static inline void FORM(fetch)(const uint32_t *values, uint32_t count) {
    const uint32_t n = count < 16 * LINE ? count : 16 * LINE;
    for (uint32_t i = 0; i < n; i += LINE) __builtin_prefetch(values + i);
    if (n) __builtin_prefetch(values + n - 1);
}

/* Put what passes the filter among `count` values, those of the entries from `first` on, into the queue. */
TARGET static inline void FORM(filter)(struct search *s, const uint32_t *values, uint32_t first, uint32_t count,
                                       uint32_t near, uint32_t limit, uint32_t query, uint32_t table,
                                       int across) {
    for (uint32_t start = 0; start < count; start += BLOCK) {
        const uint32_t n = count - start < BLOCK ? count - start : BLOCK;
        if (!FORM(any)(values + start, n, near, limit)) continue;
        for (uint32_t i = start; i < start + n; i++)
            if ((uint32_t)__builtin_popcount(values[i] ^ near) <= limit)
                hamming_wait(s, query, table, first + i, across);
    }
}

/* Send for the offsets that a query needs of one table. */
TARGET static inline void FORM(send)(const struct tables *held, const uint64_t *code, unsigned c,
                                     const uint16_t *masks, uint32_t n) {
    const uint32_t *offsets = held->offsets + c * STRIDE, chunk = chunk_of(code, c);
    for (uint32_t k = 0; k < n; k++)
        if (!(masks[k] & 15)) __builtin_prefetch(offsets + (chunk ^ masks[k]));
}

/* While the buckets of a query are tested, the offsets of the next one come from memory. */
TARGET static void FORM(probe)(struct search *s, uint64_t count, uint64_t most, uint8_t *left) {
    const struct tables *held = s->held;
    uint16_t masks[MOST_MASKS];
    uint32_t ends[3], many[TABLES * MOST_MASKS + LOOK_AHEAD];
    const uint32_t *first[TABLES * MOST_MASKS + LOOK_AHEAD];
    const uint32_t n = (uint32_t)hamming_masks(s->one, masks, ends), probes = TABLES * n;
    for (uint32_t p = probes; p < probes + LOOK_AHEAD; p++) {
        first[p] = held->near;
        many[p] = 0;
    }
    for (unsigned c = 0; count && c < TABLES; c++) FORM(send)(held, s->queries, c, masks, n);
    for (uint64_t q = 0; q < count && !s->failed; q++) {
        const uint64_t *code = s->queries + 4 * q, *next = q + 1 < count ? code + 4 : code;
        uint64_t tests = 0;
        uint32_t p = 0;
        for (unsigned c = 0; c < TABLES; c++) {
            const uint32_t *offsets = held->offsets + c * STRIDE, chunk = chunk_of(code, c);
            for (uint32_t k = 0; k < n; k++, p++) {
                const uint32_t *bucket = offsets + (chunk ^ masks[k]), start = bucket[0];
                first[p] = held->near + c * held->count + start;
                many[p] = bucket[1] - start;
                tests += many[p];
            }
        }
        left[q] = tests > most;
        for (p = 0; p < LOOK_AHEAD && !left[q]; p++) FORM(fetch)(first[p], many[p]);
        p = 0;
        for (unsigned c = 0; c < TABLES; c++) {
            const uint32_t *values = held->near + c * held->count, near = near_of(code, c);
            FORM(send)(held, next, c, masks, n);
            for (uint32_t k = 0; k < n && !left[q]; k++, p++) {
                const uint32_t limit = s->three - (k < ends[0] ? 0 : k < ends[1] ? 1 : 2);
                FORM(fetch)(first[p + LOOK_AHEAD], many[p + LOOK_AHEAD]);
                FORM(filter)(s, first[p], (uint32_t)(first[p] - values), many[p], near, limit, (uint32_t)q, c, 0);
            }
        }
    }
}

#define GATHERED 1024u
#define LONG 48u /* a bucket of so many entries fills vectors by itself */

TARGET static void FORM(flush)(struct search *s, const uint32_t *values, uint32_t start, uint32_t stop,
                               const uint32_t *asked, const uint32_t *numbers, uint32_t gathered, uint32_t limit,
                               uint32_t table, int across) {
    for (uint32_t e = start; e < stop && gathered; e++) {
        if (!FORM(any)(asked, gathered, values[e], limit)) continue;
        for (uint32_t i = 0; i < gathered; i++)
            if ((uint32_t)__builtin_popcount(asked[i] ^ values[e]) <= limit) hamming_wait(s, numbers[i], table, e, across);
    }
}

TARGET static void FORM(stream)(struct search *s, const struct tables *asked) {
    const struct tables *held = s->held;
    uint16_t masks[MOST_MASKS];
    uint32_t ends[3], values[GATHERED], numbers[GATHERED];
    const uint32_t n = (uint32_t)hamming_masks(s->one, masks, ends);
    for (unsigned c = 0; c < TABLES && !s->failed; c++) {
        const uint32_t *offsets = held->offsets + c * STRIDE, *near = held->near + c * held->count;
        const uint32_t *from = asked->offsets + c * STRIDE, *asked_near = asked->near + c * asked->count;
        const uint32_t *asked_numbers = asked->numbers + c * asked->count;
        for (uint32_t b = 0; b < BUCKETS; b++) {
            const uint32_t start = offsets[b], stop = offsets[b + 1];
            if (start == stop) continue;
            uint32_t gathered = 0;
            for (uint32_t k = 0; k < n; k++) {
                const uint32_t other = b ^ masks[k], last = from[other + 1];
                const uint32_t limit = s->three - (k < ends[0] ? 0 : k < ends[1] ? 1 : 2);
                if (k == ends[0] || k == ends[1]) {
                    FORM(flush)(s, near, start, stop, values, numbers, gathered, limit + 1, c, k > ends[0]);
                    gathered = 0;
                }
                if (s->self && other < b) continue;
                for (uint32_t i = from[other]; i < last; i++) {
                    if (stop - start >= LONG) {
                        FORM(filter)(s, near + start, start, stop - start, asked_near[i], limit, asked_numbers[i], c,
                                     k > 0);
                        continue;
                    }
                    if (gathered == GATHERED) {
                        FORM(flush)(s, near, start, stop, values, numbers, gathered, limit, c, k > 0);
                        gathered = 0;
                    }
                    values[gathered] = asked_near[i];
                    numbers[gathered++] = asked_numbers[i];
                }
            }
            FORM(flush)(s, near, start, stop, values, numbers, gathered, s->three - s->one, c, n > 1);
        }
    }
}

#define TILE 512u

TARGET static int FORM(scan)(const uint64_t *codes, uint64_t held, const uint64_t *queries, uint64_t count,
                             uint32_t radius, int above, struct hits *out) {
    uint64_t columns[4][TILE];
    const uint64_t *const words[4] = {columns[0], columns[1], columns[2], columns[3]};
    for (uint64_t start = 0; start < held; start += TILE) {
        const uint32_t size = (uint32_t)(held - start < TILE ? held - start : TILE);
        for (uint32_t i = 0; i < size; i++)
            for (unsigned w = 0; w < 4; w++) columns[w][i] = codes[4 * (start + i) + w];
        for (uint64_t q = 0; q < count; q++) {
            if (above && q >= start + size - 1) break;
            const uint64_t *query = queries + 4 * q;
            if (!FORM(close)(words, size, query, radius)) continue;
            for (uint32_t i = above && q >= start ? (uint32_t)(q + 1 - start) : 0; i < size; i++) {
                uint32_t bits = 0;
                for (unsigned w = 0; w < 4; w++) bits += (uint32_t)__builtin_popcountll(columns[w][i] ^ query[w]);
                if (bits <= radius && hamming_add(out, (uint32_t)q, (uint32_t)(start + i), bits)) return -1;
            }
        }
    }
    return 0;
}

#undef LOOK_AHEAD
#undef LINE
#undef BLOCK
#undef GATHERED
#undef LONG
#undef TILE
