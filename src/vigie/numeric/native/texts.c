/* Texts taken from an arena: ../texts.py; and which lines may show a piece of a key: ../lines_bare.py. */
#include <string.h>

#include "cpu.h"

#define ESCAPES 8 /* as \\u3042: words of another script may be written so */
#define LEAST 16 /* digits of base 58 in a row, small and capital letters and figures, that may be of a key */

/* Write each text behind the one before; of those that are marked, ASCII letters in lower case. */
EXPORT void texts_taken(const uint8_t *arena, const int64_t *starts, const int64_t *ends, const uint8_t *lower, int64_t many,
                        uint8_t *out) {
    for (int64_t i = 0; i < many; i++) {
        const uint8_t *from = arena + starts[i];
        const int64_t size = ends[i] - starts[i];
        if (lower[i])
            for (int64_t k = 0; k < size; k++) out[k] = (uint8_t)(from[k] - 'A') < 26 ? from[k] | 32 : from[k];
        else
            memcpy(out, from, (size_t)size);
        out += size;
    }
}

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

static int has(const struct table *of, const uint8_t *text, int64_t size) {
    for (uint64_t at = mixed(text, size) & of->mask; of->held[at] >= 0; at = (at + 1) & of->mask) {
        const int64_t i = of->held[at];
        if (of->offsets[i + 1] - of->offsets[i] == size && !memcmp(of->values + of->offsets[i], text, (size_t)size)) return 1;
    }
    return 0;
}

static void add(const struct table *of, int64_t i) {
    uint64_t at = mixed(of->values + of->offsets[i], of->offsets[i + 1] - of->offsets[i]) & of->mask;
    while (of->held[at] >= 0) at = (at + 1) & of->mask;
    of->held[at] = i;
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

static int pieces(const struct table *known, const uint8_t *line, int64_t size) {
    for (int64_t i = 0; i < size;) {
        int kinds = digit(line[i]);
        if (!kinds || (i && alnum(line[i - 1]))) {
            i++;
            continue;
        }
        int64_t end = i + 1;
        for (int one; end < size && (one = digit(line[end])); end++) kinds |= one;
        if (end - i >= LEAST && kinds == ALL && !has(known, line + i, end - i)) return 1;
        i = end;
    }
    return 0;
}

/* Put spaces where its value stands in each line, and say which have a piece of a key that is none of the values, or many escapes. `held` has
   room for mask + 1 numbers, more than twice as many as there are values. */
EXPORT void texts_bare(uint8_t *lines, const int64_t *line_ends, const uint8_t *values, const int64_t *value_ends,
                       int64_t many, int64_t *held, uint64_t mask, uint8_t *out) {
    const struct table known = {values, value_ends, held, mask};
    for (uint64_t i = 0; i <= mask; i++) held[i] = -1;
    for (int64_t i = 0; i < many; i++)
        if (!i || !has(&known, values + value_ends[i], value_ends[i + 1] - value_ends[i])) add(&known, i);
    for (int64_t i = 0; i < many; i++) {
        uint8_t *line = lines + line_ends[i], *const end = lines + line_ends[i + 1];
        const uint8_t *value = values + value_ends[i];
        const size_t size = (size_t)(value_ends[i + 1] - value_ends[i]);
        for (uint8_t *at = line; size && at + size <= end;) {
            at = memchr(at, *value, (size_t)(end - at) - size + 1);
            if (!at) break;
            if (!memcmp(at, value, size)) {
                memset(at, ' ', size);
                at += size;
            } else {
                at++;
            }
        }
        out[i] = (uint8_t)(pieces(&known, line, end - line) || escapes(line, end - line));
    }
}
