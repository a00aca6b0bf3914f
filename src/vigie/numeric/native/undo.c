/* What a block's inputs spent, from its undo record. What and why: ../undo.py; ../undo_python.py does the same. */
#include "compact.h"
#include "scripts.h"

/* As ../blocks_codes.py numbers them. */
enum { SHORT = 1, SIZE_FORM = 2, AMOUNT = 7, BEHIND = 8, ROOM = 13, COUNT = 14, NUMBER = 15, LONG_SCRIPT = 16 };
#define MOST_MONEY 2100000000000000u
enum { MOST_SCRIPT = 10000 };

/* Columns to be filled from `n_...` on; `most_...` fit. As undo_native.py has it. */
struct undone {
    int64_t n_ins, n_bytes, n_points;
    int64_t most_ins, most_bytes;
    int64_t *value;
    int32_t *height;
    uint32_t *length;
    uint8_t *coinbase, *type, *scripts;
    int64_t *points; /* most_ins: where in `scripts` keys stand of which half is not known yet */
};

/* Core's VARINT: base 128, high digits first, one added for each that follows. 0: it ends early, or has over 63 bits. */
static int varint(const uint8_t **at, const uint8_t *end, uint64_t *out, int *why) {
    uint64_t value = 0;
    for (const uint8_t *p = *at; p < end; p++) {
        if (value > (uint64_t)1 << 56) return *why = NUMBER, 0;
        value = value << 7 | (*p & 0x7F);
        if (!(*p & 0x80)) {
            *at = p + 1;
            *out = value;
            return 1;
        }
        value++;
    }
    return *why = SHORT, 0;
}

/* An amount without its last zeros (Core, compressor.cpp). MOST_MONEY + 1: there is no such. */
static uint64_t amount(uint64_t packed) {
    if (!packed) return 0;
    packed--;
    unsigned zeros = packed % 10;
    uint64_t value = packed / 10;
    if (zeros < 9) {
        unsigned last = value % 9 + 1;
        value = value / 9;
        if (value > MOST_MONEY) return MOST_MONEY + 1;
        value = value * 10 + last;
    } else
        value++;
    for (; zeros; zeros--) {
        if (value > MOST_MONEY) return MOST_MONEY + 1;
        value *= 10;
    }
    return value > MOST_MONEY ? MOST_MONEY + 1 : value;
}

/* The script of one spent output, unpacked at `to`; its length, or -1. */
static int64_t script(const uint8_t **at, const uint8_t *end, struct undone *out, int *why) {
    static const uint8_t held[6] = {20, 20, 32, 32, 32, 32}, made[6] = {25, 23, 35, 35, 67, 67};
    uint64_t kind, size;
    if (!varint(at, end, &kind, why)) return -1;
    size = kind < 6 ? held[kind] : kind - 6;
    if (size > MOST_SCRIPT) return *why = LONG_SCRIPT, -1;
    if ((uint64_t)(end - *at) < size) return *why = SHORT, -1;
    int64_t length = kind < 6 ? made[kind] : (int64_t)size;
    if (length > out->most_bytes - out->n_bytes) return *why = ROOM, -1;
    const uint8_t *from = *at;
    uint8_t *to = out->scripts + out->n_bytes;
    *at += size;
    if (kind == 0) {
        memcpy(to, "\x76\xa9\x14", 3);
        memcpy(to + 3, from, 20);
        memcpy(to + 23, "\x88\xac", 2);
    } else if (kind == 1) {
        memcpy(to, "\xa9\x14", 2);
        memcpy(to + 2, from, 20);
        to[22] = 0x87;
    } else if (kind < 6) {
        to[0] = (uint8_t)(length - 2);
        to[1] = (uint8_t)(kind < 4 ? kind : kind - 2); /* of 4 and 5 the caller makes the whole key */
        memcpy(to + 2, from, 32);
        if (kind >= 4) {
            memset(to + 34, 0, 32);
            out->points[out->n_points++] = out->n_bytes + 1;
        }
        to[length - 1] = 0xAC;
    } else
        memcpy(to, from, size);
    return length;
}

static int one(const uint8_t **at, const uint8_t *end, struct undone *out) {
    uint64_t code, dummy, packed;
    int why = 0;
    if (out->n_ins >= out->most_ins) return ROOM;
    if (!varint(at, end, &code, &why)) return why;
    if (code >> 32) return NUMBER;
    if (code >> 1 && !varint(at, end, &dummy, &why)) return why;
    if (!varint(at, end, &packed, &why)) return why;
    uint64_t value = amount(packed);
    if (value > MOST_MONEY) return AMOUNT;
    const int64_t points = out->n_points, length = script(at, end, out, &why);
    if (length < 0) return why;
    out->height[out->n_ins] = (int32_t)(code >> 1);
    out->coinbase[out->n_ins] = code & 1;
    out->value[out->n_ins] = (int64_t)value;
    out->length[out->n_ins] = (uint32_t)length;
    /* half a key does not look like one yet: P2PK is what it will be */
    out->type[out->n_ins++] = out->n_points > points ? 1 : scripts_type(out->scripts + out->n_bytes, (size_t)length);
    out->n_bytes += length;
    return 0;
}

static int counted(const uint8_t **at, const uint8_t *end, uint64_t wanted) {
    uint64_t said;
    int why = compact(at, end, &said);
    if (why) return why == COMPACT_SHORT ? SHORT : SIZE_FORM;
    return said == wanted ? 0 : COUNT;
}

/* The undo record of a block whose transactions but the coinbase have so many inputs; 0 or why not, and the byte at which
   that was found. What was written of one that is not sound is nobody's: `n_...` are as they were. */
EXPORT int32_t undo_parse(const uint8_t *bytes, int64_t size, const uint32_t *ins, int64_t count, struct undone *out,
                          int64_t *where) {
    const uint8_t *at = bytes, *end = bytes + size;
    const int64_t n_ins = out->n_ins, n_bytes = out->n_bytes, n_points = out->n_points;
    int why = counted(&at, end, (uint64_t)count);
    for (int64_t i = 0; i < count && !why; i++) {
        why = counted(&at, end, ins[i]);
        for (uint32_t j = 0; j < ins[i] && !why; j++) why = one(&at, end, out);
    }
    if (!why && at != end) why = BEHIND;
    *where = at - bytes;
    if (why) {
        out->n_ins = n_ins;
        out->n_bytes = n_bytes;
        out->n_points = n_points;
    }
    return why;
}
