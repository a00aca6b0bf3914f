/* Which lines may show something of a secret that no rule finds: ../../cell/identifiers/bare.py. */
#include "phrases.h"
#include "vec16.h"

#define ESCAPES 8 /* as \\u3042: words of another script may be written so */
#define LENGTHS 128
#define LEAST 16 /* digits of base 58 in a row, small and capital letters and figures, that may be of a key */

static uint64_t mixed(const uint8_t *text, int64_t size) {
    uint64_t out = (uint64_t)size;
    for (int64_t i = 0; i < size; i += 8) {
        uint64_t eight = 0;
        memcpy(&eight, text + i, size - i < 8 ? (size_t)(size - i) : 8);
        out = (out ^ eight) * 0x9E3779B97F4A7C15u;
        out ^= out >> 32;
    }
    return out;
}

/* A table of texts: places in `held`, -1 where none is; its size is mask + 1. */
struct table {
    const uint8_t *values;
    const int64_t *offsets;
    int64_t *held;
    uint64_t mask;
};

/* Where a text stands in the table, or -1 - the place that is free for it; MISSED: neither was met in PROBES places, as with
   texts that were made to be mixed alike. What is then not known to be a value is hidden. */
enum { PROBES = 64 };
#define MISSED INT64_MIN
static int64_t place_of(const struct table *of, const uint8_t *text, int64_t size) {
    uint64_t at = mixed(text, size) & of->mask;
    for (int k = 0; k < PROBES; k++, at = (at + 1) & of->mask) {
        const int64_t i = of->held[at];
        if (i < 0) return -1 - (int64_t)at;
        if (of->offsets[i + 1] - of->offsets[i] == size && !memcmp(of->values + of->offsets[i], text, (size_t)size)) return i;
    }
    return MISSED;
}

static int has(const struct table *of, const uint8_t *text, int64_t size) { return place_of(of, text, size) >= 0; }

static void add(const struct table *of, int64_t i) {
    const int64_t place = place_of(of, of->values + of->offsets[i], of->offsets[i + 1] - of->offsets[i]);
    if (place < 0 && place != MISSED) of->held[-1 - place] = i;
}

enum { FIGURE = 1, CAPITAL = 2, SMALL = 4, ALL = 7 };

/* What kind of digit of base 58 it is; 0: none. */
static inline int digit(uint8_t byte) {
    if (byte >= '1' && byte <= '9') return FIGURE;
    if (byte >= 'A' && byte <= 'Z') return byte == 'I' || byte == 'O' ? 0 : CAPITAL;
    return byte >= 'a' && byte <= 'z' && byte != 'l' ? SMALL : 0;
}

static inline int alnum(uint8_t byte) { return (byte >= '1' && byte <= '9') || (uint8_t)((byte | 32) - 'a') < 26; }

static int escapes(const uint8_t *line, int64_t size) {
    int many = 0;
    for (int64_t i = 0; i + 1 < size; i++) many += line[i] == '\\' && line[i + 1] == 'u';
    return many >= ESCAPES;
}

/* Where the next run of digits of base 58 begins and ends that may be a piece of a key, from *at on; 0: there is none. */
static int piece(const uint8_t *line, int64_t size, int64_t *at, int64_t *end) {
    for (int64_t i = *end; i < size;) {
        int kinds = digit(line[i]);
        if (!kinds || (i && alnum(line[i - 1]))) {
            i++;
            continue;
        }
        *at = i;
        for (int one; i < size && (one = digit(line[i])); i++) kinds |= one;
        if (i - *at >= LEAST && kinds == ALL) {
            *end = i;
            return 1;
        }
    }
    return 0;
}

static int pieces(const struct table *known, const uint8_t *line, int64_t size) {
    for (int64_t at = 0, end = 0; piece(line, size, &at, &end);)
        if (!known->held || !has(known, line + at, end - at)) return 1;
    return 0;
}

/* Has a line of at most 128 bytes surely neither a piece of a key nor escapes? */
static int harmless(const uint8_t *line, int64_t size) {
    uint64_t bits[2] = {0, 0}, escaped = 0;
    uint8_t edge[16] = {0};
    if (size > 128) return 0;
    for (int64_t i = 0; i < size; i += 16) {
        if (size - i < 16) memcpy(edge, line + i, (size_t)(size - i));
        const vec16 bytes = vec16_at(size - i < 16 ? edge : line + i);
        bits[i / 64] |= vec16_bits(vec16_within(bytes | 32, 'a', 26) | vec16_within(bytes, '1', 9)) << (i % 64);
        escaped |= vec16_bits((vec16)(bytes == '\\'));
    }
    uint64_t low = bits[0], high = bits[1]; /* where runs begin that are 1, 2, 4, 8, 16 long */
    for (int have = 1; have < LEAST; have *= 2) {
        low &= low >> have | high << (64 - have);
        high &= high >> have;
    }
    return !(low | high | escaped);
}

/* Copy a line with a space for each place where its value stands; return its size. */
static int64_t rest(const uint8_t *line, int64_t size, const uint8_t *value, int64_t length, uint8_t *out) {
    const uint8_t *end = line + size;
    uint8_t *to = out;
    for (const uint8_t *from = line;;) {
        const uint8_t *at = from;
        while (length && end - at >= length && (at = memchr(at, *value, (size_t)(end - at - length + 1)))
               && memcmp(at, value, (size_t)length))
            at++;
        if (!length || !at || end - at < length) at = end;
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        if (at == end) return to - out;
        *to++ = ' ';
        from = at + length;
    }
}

/* Say which lines have, beside their values, `least` words of one list in a row, a piece of a key that is none of the values,
   or many escapes. `held` has room for mask + 1 numbers, more than twice as many as there are values; `scratch` for the
   longest line. */
EXPORT void bare_lines(const uint8_t *lines, const int64_t *line_ends, const uint8_t *values, const int64_t *value_ends,
                       int64_t many, const uint64_t *maybe, const uint64_t *slots, const int32_t *entries, uint64_t words_mask,
                       const uint8_t *classes, const uint32_t *lists, int64_t least, int64_t *held, uint64_t mask,
                       uint8_t *scratch, uint8_t *out) {
    struct listed words = {scratch, 0, maybe, slots, entries, words_mask, classes};
    enum { NO, YES, ASK };
    uint8_t wanted[LENGTHS] = {0}; /* how long the pieces are: only values that are as long can be one of them */
    int any = 0;
    for (int64_t i = 0; i < many; i++) {
        const int64_t size = rest(lines + line_ends[i], line_ends[i + 1] - line_ends[i], values + value_ends[i],
                                  value_ends[i + 1] - value_ends[i], scratch);
        words.end = size;
        out[i] = phrases_row(&words, 0, size, lists, least) ? YES : harmless(scratch, size) ? NO : ASK;
        any |= out[i] == ASK;
        if (out[i] == ASK)
            for (int64_t at = 0, end = 0; piece(scratch, size, &at, &end);)
                wanted[end - at < LENGTHS ? end - at : LENGTHS - 1] = 1;
    }
    if (!any) return;
    struct table known = {values, value_ends, NULL, mask};
    for (int64_t i = 0; i < many; i++) {
        const int64_t size = value_ends[i + 1] - value_ends[i];
        if (!wanted[size < LENGTHS ? size : LENGTHS - 1]) continue;
        if (!known.held) {
            known.held = held;
            for (uint64_t k = 0; k <= mask; k++) held[k] = -1;
        }
        add(&known, i);
    }
    for (int64_t i = 0; i < many; i++) {
        if (out[i] != ASK) continue;
        const int64_t size = rest(lines + line_ends[i], line_ends[i + 1] - line_ends[i], values + value_ends[i],
                                  value_ends[i + 1] - value_ends[i], scratch);
        out[i] = (uint8_t)(pieces(&known, scratch, size) || escapes(scratch, size));
    }
}
