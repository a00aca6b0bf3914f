/* Where words of lists follow each other in texts: ../identifiers_phrases.py, whose loops in numba do the same and are the
   judge in the tests. */
#include "phrases.h"

#include "ascii.h"
#include "vec16.h"

#define LEAST 12     /* words of a phrase */
#define STEP 36      /* bytes between two words that are looked at */
#define GAP 240      /* bytes between two words, tags too */
#define TAG 120      /* bytes of a tag */
#define LONGEST 48   /* bytes of a word */
#define BEHIND 2048  /* bytes before a word in which the first of its phrase is looked for */
#define TRIES 6
#define MIX 0x9E3779B97F4A7C15u
#define BITS (64 - 19)
#define MOST_LISTED 16

enum { NONE, LETTER, FOREIGN, LEAD };

struct phrase {
    int64_t row, start, end;
};

struct word {
    int64_t start, end, entry;
};

static inline int continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* 128 in each byte that is an ASCII letter. */
static inline uint64_t letters_of(uint64_t eight) {
    const uint64_t ones = 0x0101010101010101u, low = (eight | 0x20 * ones) & 0x7f * ones;
    return (low + (128 - 'a') * ones) & ~(low + (127 - 'z') * ones) & ~eight & 128 * ones;
}

static inline uint64_t load(const uint8_t *text) {
    uint64_t out;
    memcpy(&out, text, sizeof out);
    return out;
}

/* How many bytes the character at `at` has that is no letter; 0: it is one. */
static inline int apart(const struct listed *of, int64_t at, int64_t high) {
    const uint8_t *text = of->text + at;
    const int class = of->classes[*text];
    if (class == NONE) return 1;
    if (class != LEAD || at + 1 >= high || !continues(text[1])) return 0;
    if (*text == 0xC2) return 2;
    if (at + 2 >= high || !continues(text[2]) || (*text == 0xE3 && text[1] != 0x80)) return 0;
    if (*text < 0xF0) return 3;
    return at + 3 < high && continues(text[3]) ? 4 : 0;
}

/* Where the word begins that has the letter `at`; what is left of an escape is not of it. */
static int64_t begin(const struct listed *of, int64_t at, int64_t low, int64_t high) {
    const uint8_t *text = of->text;
    int64_t i = at;
    if (at - low >= 8) {
        const uint64_t no = ~letters_of(load(text + at - 8)) & 0x8080808080808080u;
        i -= no ? __builtin_clzll(no) / 8 : 8;
    }
    while (i > low && at - i < LONGEST) {
        const uint8_t byte = text[i - 1];
        if (of->classes[byte] == NONE) break;
        if (byte < 128) {
            i--;
            continue;
        }
        int64_t j = i - 1;
        while (j > low && i - j < 4 && continues(text[j])) j--;
        if (apart(of, j, high) == i - j) break;
        i = text[j] >= 0xC0 ? j : i - 1;
    }
    if (i > low) {
        const uint8_t before = text[i - 1];
        if (before == '\\') return i + 1;
        if (i > low + 1 && (text[i - 2] == '%' || text[i - 2] == '=') && (uint8_t)(before - '0') < 8 && hexadecimal(text[i]))
            return i + 1;
    }
    return i;
}

/* Where the word from `start` on ends; what is longer than any has no end near. */
static inline int64_t end_of(const struct listed *of, int64_t start, int64_t high) {
    int64_t i = start;
    while (i < high && i - start <= LONGEST) {
        if (i + 8 <= high) {
            const uint64_t no = ~letters_of(load(of->text + i)) & 0x8080808080808080u;
            const int many = no ? __builtin_ctzll(no) / 8 : 8;
            i += many;
            if (many == 8) continue;
            if (i - start > LONGEST) break;
        }
        const int class = of->classes[of->text[i]];
        if (class == NONE || (class == LEAD && apart(of, i, high))) break;
        i++;
    }
    return i > start + LONGEST + 1 ? start + LONGEST + 1 : i;
}

/* Which word of the table it is; 0: none. */
static inline int64_t entry_of(const struct listed *of, int64_t start, int64_t end) {
    if (end - start < 2 || end - start > LONGEST) return 0;
    uint64_t mixed = (uint64_t)(end - start);
    for (int64_t i = start; i < end; i += 8) {
        uint64_t eight = 0;
        if (i + 8 <= of->end)
            eight = load(of->text + i);
        else
            memcpy(&eight, of->text + i, (size_t)(of->end - i));
        if (end - i < 8) eight &= ~0ull >> (64 - 8 * (end - i));
        eight |= letters_of(eight) >> 2;
        mixed = (mixed ^ eight) * MIX;
        mixed ^= mixed >> 29;
    }
    mixed = (mixed ^ mixed >> 32) * MIX | 1;
    const uint64_t bit = mixed >> BITS;
    if (!(of->maybe[bit >> 6] >> (bit & 63) & 1)) return 0;
    for (uint64_t at = mixed & of->mask; of->slots[at]; at = (at + 1) & of->mask)
        if (of->slots[at] == mixed) return of->entries[at];
    return 0;
}

/* Where the tag ends that begins with the `<` at `at`; -1: it is none. */
static int64_t tag(const struct listed *of, int64_t at, int64_t high) {
    const uint8_t *text = of->text;
    if (at + 1 >= high || !(letter(text[at + 1]) || text[at + 1] == '!' || text[at + 1] == '/')) return -1;
    for (int64_t i = at + 1; i < high && i < at + TAG; i++) {
        if (text[i] == '>') return i + 1;
        if (text[i] == '<') return -1;
    }
    return -1;
}

/* How many bytes an entity, a code or an escape has at `at`; 1: none is there. */
static int64_t escape(const struct listed *of, int64_t at, int64_t high) {
    const uint8_t *text = of->text + at;
    const int64_t room = high - at;
    if (*text == '&') {
        for (int i = 1; i < room && i < 10; i++) {
            if (text[i] == ';') return i + 1;
            if (!letter(text[i]) && !digit(text[i]) && text[i] != '#') break;
        }
        return 1;
    }
    if ((*text == '%' || *text == '=') && room > 2 && (uint8_t)(text[1] - '0') < 8 && hexadecimal(text[2])) return 3;
    if (*text == '\\' && room > 1) {
        if (text[1] == 'u' && room > 5 && hexadecimal(text[2]) && hexadecimal(text[5])) return 6;
        if (text[1] == 'x' && room > 3 && hexadecimal(text[2]) && hexadecimal(text[3])) return 4;
        if (letter(text[1])) return 2;
    }
    return 1;
}

/* Where the next word begins; -1: none does near enough. A letter alone is none. */
static inline int64_t next_of(const struct listed *of, int64_t at, int64_t high) {
    int64_t i = at;
    while (i < high && i - at < GAP) {
        const uint8_t byte = of->text[i];
        if (byte == ' ') {
            i++;
        } else if (byte == '<') {
            const int64_t stop = tag(of, i, high);
            i = stop < 0 ? i + 1 : stop;
        } else if (byte == '&' || byte == '%' || byte == '=' || byte == '\\') {
            i += escape(of, i, high);
        } else {
            int many = apart(of, i, high);
            if (!many) {
                if (byte >= 128 || (i + 1 < high && !apart(of, i + 1, high))) return i;
                many = 1;
            }
            i += many;
        }
    }
    return -1;
}

/* The last `<` before a place that only goes on, and where the tag ends that it begins. */
struct tags {
    int64_t last, end, next;
};

/* Where the tag ends that `at` is in; -1: it is in none. */
static inline int64_t within_tag(const struct listed *of, struct tags *tags, int64_t at, int64_t high) {
    while (tags->next <= at) {
        const uint8_t *found = memchr(of->text + tags->next, '<', (size_t)(high - tags->next));
        const int64_t place = found ? found - of->text : high;
        if (place <= at) {
            tags->last = place;
            tags->end = tag(of, place, high);
            tags->next = place + 1;
        } else {
            tags->next = place;
        }
    }
    return tags->end > at ? tags->end : -1;
}

/* The word at a place or behind it, if it is one of a list; else -1, and where to go on in *end. */
static inline int64_t sampled(const struct listed *of, struct tags *tags, int64_t at, int64_t low, int64_t high, int64_t *end) {
    int64_t i = at;
    for (int k = 0; k < TRIES; k++) {
        const int64_t last = high < i + GAP ? high : i + GAP;
        for (int many; i < last && (many = apart(of, i, high)); i += many) {}
        if (i >= last) break;
        const int64_t start = begin(of, i, low, high), stop = end_of(of, start, high);
        *end = stop;
        if (entry_of(of, start, stop)) return start;
        const int64_t behind = within_tag(of, tags, i, high);
        if (behind > i) {
            i = behind;
        } else {
            const int alone = stop <= start + 1 || (start > low && of->text[start - 1] == '&');
            i = stop > i + alone ? stop : i + alone;
            if (!alone) break;
        }
    }
    *end = i;
    return -1;
}

/* Is the byte before `at` surely no part of a tag, an entity, a code or an escape? */
static int plain(const struct listed *of, int64_t at, int64_t low, int64_t high, int64_t less) {
    const uint8_t *text = of->text;
    switch (text[at - 1]) {
        case '>': return less < at - 1 - TAG;
        case '/': return at - 2 < low || text[at - 2] != '<';
        case '<': return tag(of, at - 1, high) < 0;
        case '&': case '%': case '=': case '\\': return escape(of, at - 1, high) == 1;
        case ';':
            for (int64_t i = at - 2; i >= low && i > at - 10; i--)
                if (text[i] == '&') return 0;
            return 1;
        default: return 1;
    }
}

/* Do surely fewer words than a phrase has follow each other round the one from `start` to `end`? Behind it all is looked at;
   before it what is plain, and what is not plain may be anything. */
static int few(const struct listed *of, int64_t start, int64_t end, int64_t low, int64_t high, int64_t less) {
    const uint8_t *text = of->text;
    int many = 1;
    for (; many < LEAST; many++) {
        const int64_t next = next_of(of, end, high);
        if (next < 0) break;
        end = end_of(of, next, high);
        if (!entry_of(of, next, end)) break;
    }
    while (many < LEAST) {
        int64_t i = start;
        while (i > low && start - i < GAP && of->classes[text[i - 1]] == NONE && plain(of, i, low, high, less)) i--;
        if (i == low || start - i >= GAP) return 1;
        if (i == start || of->classes[text[i - 1]] != LETTER) return 0;
        start = begin(of, i - 1, low, high);
        if (start > low && !plain(of, start, low, high, less)) return 0;
        if (i - start < 2) continue; /* a letter alone */
        if (!entry_of(of, start, i)) return 1;
        many++;
    }
    return 0;
}

/* Write the phrases from `first` on to the one that has the word at `until`; *to is where that was known. */
static int64_t runs(const struct listed *of, int64_t first, int64_t until, int64_t high, int64_t row, struct phrase *out,
                    int64_t room, int64_t many, int64_t *to) {
    int64_t i = first, met = 0, from = first, last = first;
    for (;;) {
        const int64_t start = next_of(of, i, high), stop = start < 0 ? i : end_of(of, start, high);
        if (start >= 0 && entry_of(of, start, stop)) {
            if (!met++) from = start;
            i = last = stop;
            continue;
        }
        if (met >= LEAST) {
            if (many < room) out[many] = (struct phrase){row, from, last};
            many++;
        }
        if (start >= until || i >= until) {
            *to = stop;
            return many;
        }
        met = 0;
        i = start >= 0 ? stop : i + GAP < until ? i + GAP : until;
    }
}

static int64_t phrases(const struct listed *of, const int64_t *offsets, int64_t rows, struct phrase *out, int64_t room) {
    int64_t many = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t low = offsets[row], at = low + STEP;
        const int64_t high = offsets[row + 1];
        struct tags tags = {low - TAG - 1, -1, low};
        while (at < high) {
            int64_t end;
            const int64_t start = sampled(of, &tags, at, low, high, &end);
            at = end + STEP;
            if (start < 0) continue;
            within_tag(of, &tags, start, high);
            if (few(of, start, end, low, high, tags.last)) continue;
            int64_t first = start - BEHIND > low ? start - BEHIND : low;
            if (first > low) {
                first = end_of(of, first, high);
                if (first > start) first = start;
            }
            many = runs(of, first, start, high, row, out, room, many, &low);
            if (at < low + STEP) at = low + STEP;
        }
    }
    return many;
}

/* Write at most `room` phrases; how many there are. */
EXPORT int64_t phrases_found(const uint8_t *text, int64_t end, const int64_t *offsets, int64_t rows, const uint64_t *maybe,
                             const uint64_t *slots, const int32_t *entries, uint64_t mask, const uint8_t *classes,
                             struct phrase *out, int64_t room) {
    const struct listed of = {text, end, maybe, slots, entries, mask, classes};
    return phrases(&of, offsets, rows, out, room);
}

/* Write the words of lists in each row, out[][3]: start, end, which one; how many there are. A word has two bytes or more. */
EXPORT int64_t phrases_told(const uint8_t *text, int64_t end, const int64_t *offsets, int64_t rows, const uint64_t *maybe,
                            const uint64_t *slots, const int32_t *entries, uint64_t mask, const uint8_t *classes, int64_t *out) {
    const struct listed of = {text, end, maybe, slots, entries, mask, classes};
    int64_t many = 0;
    for (int64_t row = 0; row < rows; row++) {
        const int64_t high = offsets[row + 1];
        for (int64_t i = offsets[row], start; (start = next_of(&of, i, high)) >= 0;) {
            i = end_of(&of, start, high);
            const int64_t entry = entry_of(&of, start, i);
            if (!entry) continue;
            out[3 * many] = start, out[3 * many + 1] = i, out[3 * many + 2] = entry;
            many++;
        }
    }
    return many;
}

/* Is the word from `at` on in a row one of a list? */
static inline int listed_at(const struct listed *of, int64_t low, int64_t high, int64_t at) {
    return entry_of(of, low + at, end_of(of, low + at, high)) > 0;
}

/* Does a row of at most 128 bytes surely have fewer than `least` words of lists in a row? If so many follow each other, one in
   `least` is one of them. Only what is ASCII and without tags, entities, codes and escapes is decided here. */
static int few_words(const struct listed *of, int64_t low, int64_t high, int64_t least) {
    uint64_t letters[2] = {0, 0}, other = 0;
    uint8_t edge[16] = {0};
    if (high - low > 128) return 0;
    for (int64_t i = 0; low + i < high; i += 16) {
        const int64_t left = high - low - i;
        if (left < 16) memcpy(edge, of->text + low + i, (size_t)left);
        const vec16 bytes = vec16_at(left < 16 ? edge : of->text + low + i);
        letters[i / 64] |= vec16_bits(vec16_within(bytes | 32, 'a', 26)) << (i % 64);
        other |= vec16_bits((vec16)(bytes > 127) | (vec16)(bytes == '<') | (vec16)(bytes == '&') | (vec16)(bytes == '%')
                            | (vec16)(bytes == '=') | (vec16)(bytes == '\\') | (vec16)(bytes == '@'));
    }
    uint64_t long_ones[2] = {letters[0], letters[1]};
    for (int have = 1; have < 32; have *= 2) { /* where runs of 32 begin: some may be longer than any word */
        long_ones[0] &= long_ones[0] >> have | long_ones[1] << (64 - have);
        long_ones[1] &= long_ones[1] >> have;
    }
    if (other | long_ones[0] | long_ones[1]) return 0;
    uint8_t starts[64];
    int many = 0;
    const uint64_t next[2] = {letters[0] >> 1 | letters[1] << 63, letters[1] >> 1};
    const uint64_t before[2] = {letters[0] << 1, letters[1] << 1 | letters[0] >> 63};
    for (int part = 0; part < 2; part++) /* a letter alone is no word */
        for (uint64_t some = letters[part] & next[part] & ~before[part]; some; some &= some - 1)
            starts[many++] = (uint8_t)(64 * part + __builtin_ctzll(some));
    for (int i = (int)least - 1; i < many; i += (int)least) {
        if (!listed_at(of, low, high, starts[i])) continue;
        int first = i, last = i + 1;
        while (first > 0 && last - first < least && listed_at(of, low, high, starts[first - 1])) first--;
        while (last < many && last - first < least && listed_at(of, low, high, starts[last])) last++;
        if (last - first >= least) return 0;
    }
    return 1;
}

int phrases_row(const struct listed *of, int64_t low, int64_t high, const uint32_t *lists, int64_t least) {
    uint32_t last[MOST_LISTED] = {0};
    int64_t met = 0, i = low;
    if (few_words(of, low, high, least)) return 0;
    while (i < high) {
        const int64_t start = next_of(of, i, high);
        if (start < 0) {
            met = 0;
            i += GAP;
            continue;
        }
        i = end_of(of, start, high);
        const int64_t entry = entry_of(of, start, i);
        last[met & (MOST_LISTED - 1)] = lists[entry];
        met = entry ? met + 1 : 0;
        if (met < least) continue;
        uint32_t common = ~0u;
        for (int64_t k = met - least; k < met; k++) common &= last[k & (MOST_LISTED - 1)];
        if (common) return 1;
    }
    return 0;
}

/* Say of each row what phrases_row says. */
EXPORT void phrases_rows(const uint8_t *text, int64_t end, const int64_t *offsets, int64_t rows, const uint64_t *maybe,
                         const uint64_t *slots, const int32_t *entries, uint64_t mask, const uint8_t *classes,
                         const uint32_t *lists, int64_t least, uint8_t *out) {
    const struct listed of = {text, end, maybe, slots, entries, mask, classes};
    for (int64_t row = 0; row < rows; row++) out[row] = (uint8_t)phrases_row(&of, offsets[row], offsets[row + 1], lists, least);
}
