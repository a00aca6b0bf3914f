/* The list of tags of a TagPack as nearly all are written. What and why: ../tagpacks.py. */
#include <string.h>

#include "cpu.h"

#define MOST_PROBES 256 /* of a table that is half empty; beyond it somebody chose the values */

struct line {
    int64_t begin, end; /* of its text, without blanks at both sides */
    int64_t next;       /* where the next one begins */
    int64_t indent;
};

/* The line that begins at `at`; 0 where it holds what is no character of a text, tabs among it, or ends the bytes. */
static int line_at(const uint8_t *data, int64_t size, int64_t at, struct line *out) {
    if (at >= size) return 0;
    const uint8_t *newline = memchr(data + at, '\n', (size_t)(size - at));
    int64_t end = newline ? newline - data : size, begin = at;
    out->next = newline ? end + 1 : end;
    while (begin < end && data[begin] == ' ') begin++;
    while (end > begin && data[end - 1] == ' ') end--;
    for (int64_t i = begin; i < end; i++)
        if (data[i] < 0x20 || data[i] == 0x7f) return 0;
    out->begin = begin, out->end = end, out->indent = begin - at;
    return 1;
}

static int dash(const uint8_t *data, const struct line *of) {
    return of->end - of->begin >= 2 && data[of->begin] == '-' && data[of->begin + 1] == ' ';
}

/* May a word that is not in quotes begin so, and is it sure to be one? */
static int begins_word(uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (uint8_t)((byte | 32) - 'a') < 26 || byte >= 0x80 || (byte && strchr("/_.(+$~", byte));
}

enum { ODD = -1, WORD, RAW };

/* What stands in one line behind a name: a word, whose place it makes smaller by its quotes, or something for a parser. */
static int told(const uint8_t *data, int64_t *begin, int64_t *end) {
    const uint8_t first = data[*begin];
    if (begins_word(first)) {
        for (int64_t i = *begin; i < *end; i++) {
            if (data[i] == ':' && (i + 1 == *end || data[i + 1] == ' ')) return ODD;
            if (data[i] == '#' && data[i - 1] == ' ') return RAW;
        }
        return WORD;
    }
    if (first == '\'' || first == '"') {
        const int64_t last = *end - 1;
        if (last <= *begin || data[last] != first) return RAW;
        for (int64_t i = *begin + 1; i < last; i++)
            if (data[i] == first || (first == '"' && data[i] == '\\')) return RAW;
        ++*begin, *end = last;
        return WORD;
    }
    return RAW;
}

/* What a parser is given must not speak of what stands elsewhere, nor end by lines that it is not given. */
static int alone(const uint8_t *data, int64_t begin, int64_t end) {
    while (begin < end && data[begin] == ' ') begin++;
    if (begin < end && (data[begin] == '|' || data[begin] == '>')) return 0;
    for (int64_t i = begin; i < end; i++)
        if (data[i] == '&' || data[i] == '*' || data[i] == '!') return 0;
    return 1;
}

/* The entries of the list whose first line begins at `at`; how many, or -1 where it is written in another way.
   names: `fields` names, ends[i] where each ends. starts, sizes [fields][most]: of each value; size + 1 of a word,
   -(size + 1) of what is for a parser, 0 where the entry has none. place[3]: where the list ends, the column of its
   dashes, that of its names. */
EXPORT int64_t tagpacks_entries(
    const uint8_t *data, int64_t size, int64_t at, const uint8_t *names, const int32_t *ends, int32_t fields, int64_t most,
    int32_t *starts, int32_t *sizes, int64_t *place) {
    int64_t many = 0, dashes = -1, column = -1;
    int32_t guess = 0;
    struct line of, ahead;
    place[0] = at;
    while (at < size) {
        if (!line_at(data, size, at, &of)) return -1;
        int64_t name = of.begin;
        if (of.begin == of.end || data[of.begin] == '#') {
            at = of.next;
            continue;
        }
        if (dash(data, &of) && (dashes < 0 || of.indent == dashes)) {
            dashes = of.indent;
            for (name++; name < of.end && data[name] == ' ';) name++;
            if (column < 0) column = name - at;
            if (name - at != column || many == most) return -1;
            many++;
        } else if (!many || of.indent != column) {
            if (!many || of.indent) return -1;
            break;
        }
        int64_t colon = name;
        while (colon < of.end && data[colon] != ':') colon++;
        if (colon == of.end || (colon + 1 < of.end && data[colon + 1] != ' ')) return -1;
        int32_t field = -1;
        for (int32_t i = 0; i < fields; i++, guess = guess + 1 < fields ? guess + 1 : 0) {
            const int32_t from = guess ? ends[guess - 1] : 0;
            if (colon - name == ends[guess] - from && !memcmp(data + name, names + from, (size_t)(colon - name))) {
                field = guess;
                break;
            }
        }
        if (field < 0) return -1;
        const int64_t cell = (int64_t)field * most + many - 1;
        int64_t begin = colon + 1, end = of.end, last = of.end, next = of.next;
        while (begin < end && data[begin] == ' ') begin++;
        const int empty = begin == end;
        for (int64_t first = next; first < size; first = next) { /* further in it belongs to the value, a list below it, too */
            while (first < size && data[first] == ' ') first++;
            const int blank = first == size || data[first] == '\n', in = (int)(first - next > column) - (first - next < column);
            if (!blank && in <= 0 && !(empty && !in && first + 1 < size && data[first] == '-' && data[first + 1] == ' ')) break;
            if (!line_at(data, size, next, &ahead)) return -1;
            if (!blank) last = ahead.end, of.next = ahead.next;
            next = ahead.next;
        }
        if (sizes[cell]) return -1; /* twice */
        if (last == of.end && empty) { /* nothing: the name stands, and says so */
            starts[cell] = (int32_t)begin, sizes[cell] = 1;
        } else {
            const int kind = last == of.end ? told(data, &begin, &end) : RAW;
            if (kind == ODD) return -1;
            if (kind == RAW) {
                begin = colon + 1, end = last;
                if (!alone(data, begin, end)) return -1;
            }
            starts[cell] = (int32_t)begin, sizes[cell] = (int32_t)(kind == RAW ? -(end - begin + 1) : end - begin + 1);
        }
        at = of.next;
    }
    place[0] = at, place[1] = dashes, place[2] = column;
    return many;
}

static uint64_t mixed(const uint8_t *bytes, int64_t size, uint64_t seed) {
    uint64_t sum = seed ^ (uint64_t)size * 0x9e3779b97f4a7c15u, word;
    for (; size >= 8; size -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        sum = (sum ^ word) * 0xff51afd7ed558ccdu;
        sum ^= sum >> 32;
    }
    word = 0;
    memcpy(&word, bytes, (size_t)size);
    sum = (sum ^ word) * 0xc4ceb9fe1a85ec53u;
    return sum ^ sum >> 29;
}

/* codes[i]: which of the different values entry i has, by their first places, -1 where it has none; firsts[code]: the entry
   that had it first. table[slots] of -1, slots a power of two and more than twice `many`. How many values; -1: no hash. */
EXPORT int64_t tagpacks_coded(
    const uint8_t *data, const int32_t *starts, const int32_t *sizes, int64_t many, int32_t *table, int64_t slots,
    int32_t *codes, int32_t *firsts) {
    int64_t found = 0;
    for (int64_t i = 0; i < many; i++) {
        const int32_t size = sizes[i];
        if (!size) {
            codes[i] = -1;
            continue;
        }
        const size_t bytes = (size_t)(size < 0 ? -size - 1 : size - 1);
        uint64_t slot = mixed(data + starts[i], (int64_t)bytes, size < 0) & (uint64_t)(slots - 1);
        int probes = 0;
        while (table[slot] >= 0) {
            const int32_t other = firsts[table[slot]];
            if (sizes[other] == size && !memcmp(data + starts[other], data + starts[i], bytes)) break;
            if (++probes > MOST_PROBES) return -1;
            slot = (slot + 1) & (uint64_t)(slots - 1);
        }
        if (table[slot] < 0) {
            table[slot] = (int32_t)found;
            firsts[found++] = (int32_t)i;
        }
        codes[i] = table[slot];
    }
    return found;
}
