/* A few words round a place, on one line: ../../cell/identifiers/context.py does the same, and all that is not plain. */
#include "vec16.h"

#define MOST 120 /* characters of a line */
#define ROUND 160
#define INSIDE 200
#define WHOLE (2 * ROUND + INSIDE)
#define BLOCK 64
#define HELD 16 /* blocks: more than one place asks for, and places that follow each other ask for the same */

enum { BEFORE, WITHIN, BEHIND, PARTS };
enum { NOT_PLAIN, PLAIN, SPACED };

/* A bit for each byte of a block: what is not plain, and what is shown as a space. */
struct block {
    int64_t number;
    uint64_t wrong, spaces;
};

struct arena {
    const uint8_t *text;
    int64_t size;
    struct block held[HELD];
};

static inline vec16 is_break(vec16 of) { return vec16_within(of, 9, 5); }

static const struct block *block_of(struct arena *of, int64_t number) {
    struct block *out = &of->held[number % HELD];
    if (out->number == number) return out;
    uint8_t edge[BLOCK] = {0};
    const uint8_t *text = of->text + number * BLOCK;
    if ((number + 1) * BLOCK > of->size) {
        memcpy(edge, text, (size_t)(of->size - number * BLOCK));
        text = edge;
    }
    *out = (struct block){number, 0, 0};
    for (int i = 0; i < BLOCK; i += 16) {
        const vec16 bytes = vec16_at(text + i), breaks = is_break(bytes);
        const vec16 shown = vec16_within(bytes, 32, 95) & (vec16)(bytes != '<') & (vec16)(bytes != '[') & (vec16)(bytes != '&');
        out->wrong |= vec16_bits(~(shown | breaks)) << i;
        out->spaces |= vec16_bits(breaks | (vec16)(bytes == ' ')) << i;
    }
    return out;
}

/* Is all of text[first:last) plain, and do two spaces stand side by side in it? */
static int form_of(struct arena *of, int64_t first, int64_t last) {
    uint64_t pairs = 0, before = 0; /* is the byte before a block a space? */
    if (last == first) return PLAIN;
    for (int64_t number = first / BLOCK; number <= (last - 1) / BLOCK; number++) {
        const struct block *one = block_of(of, number);
        uint64_t asked = ~0ull;
        if (number == first / BLOCK) asked &= ~0ull << (first % BLOCK);
        if (number == (last - 1) / BLOCK) asked &= ~0ull >> (BLOCK - 1 - (last - 1) % BLOCK);
        const uint64_t spaces = one->spaces & asked;
        if (one->wrong & asked) return NOT_PLAIN;
        pairs |= spaces & (spaces << 1 | before);
        before = spaces >> 63;
    }
    return pairs ? SPACED : PLAIN;
}

/* Copy bytes, a space for each that is white. */
static void copied(const uint8_t *from, int many, uint8_t *out) {
    int i = 0;
    for (; i + 16 <= many; i += 16) {
        const vec16 bytes = vec16_at(from + i), breaks = is_break(bytes), shown = (bytes & ~breaks) | (breaks & ' ');
        memcpy(out + i, &shown, sizeof shown);
    }
    for (; i < many; i++) out[i] = (uint8_t)(from[i] - 9) < 5 ? ' ' : from[i];
}

/* Copy bytes, one space for each run of them; return how many. */
static int thinned(const uint8_t *from, int many, uint8_t *out) {
    int held = 0;
    for (int i = 0; i < many; i++)
        if (from[i] != ' ' || !i || from[i - 1] != ' ') out[held++] = from[i];
    return held;
}

static inline int is_space(uint8_t byte) { return byte == ' ' || (uint8_t)(byte - 9) < 5; }

static int line(struct arena *of, int64_t low, int64_t high, int64_t start, int64_t end, uint8_t *out) {
    uint8_t whole[WHOLE], thin[PARTS][INSIDE + 1];
    const int64_t stop = end < start + INSIDE ? end : start + INSIDE;
    const int64_t first = start - ROUND > low ? start - ROUND : low, last = stop + ROUND < high ? stop + ROUND : high;
    const int form = form_of(of, first, last);
    const uint8_t *held[PARTS] = {of->text + first, of->text + start, of->text + stop};
    int many[PARTS] = {(int)(start - first), (int)(stop - start), (int)(last - stop)};
    if (form == NOT_PLAIN) return -1;
    if (form == SPACED) {
        copied(of->text + first, (int)(last - first), whole);
        for (int i = 0, at = 0; i < PARTS; i++) {
            const int size = many[i];
            many[i] = thinned(whole + at, size, thin[i]);
            held[i] = thin[i];
            at += size;
        }
    }
    if (many[BEFORE] && is_space(held[BEFORE][0])) {
        held[BEFORE]++;
        many[BEFORE]--;
    }
    if (many[BEHIND] && is_space(held[BEHIND][many[BEHIND] - 1])) many[BEHIND]--;
    if (many[WITHIN] > MOST) many[WITHIN] = MOST;
    const int room = MOST - many[WITHIN], half = room / 2, rest = room - many[BEHIND];
    int much = half > rest ? half : rest;
    if (much > many[BEFORE]) much = many[BEFORE];
    const int behind = room - much < many[BEHIND] ? room - much : many[BEHIND];
    const uint8_t *begin = held[BEFORE] + many[BEFORE] - much;
    if (form == PLAIN && many[WITHIN] == stop - start) {
        copied(begin, much + many[WITHIN] + behind, out); /* all three stand side by side */
    } else {
        copied(begin, much, out);
        copied(held[WITHIN], many[WITHIN], out + much);
        copied(held[BEHIND], behind, out + much + many[WITHIN]);
    }
    int all = much + many[WITHIN] + behind, skip = 0;
    while (all && out[all - 1] == ' ') all--;
    while (skip < all && out[skip] == ' ') skip++;
    if (skip) memmove(out, out + skip, (size_t)(all - skip));
    return all - skip;
}

/* Write the line of each place behind the one before, where each ends, and which are not plain: those are empty. size: of
   the text; spans: low, high, start, end; ends: int64[many + 1], the first 0. */
EXPORT void lines_round(const uint8_t *text, int64_t size, const int64_t (*spans)[4], int64_t many, uint8_t *out, int64_t *ends,
                        uint8_t *asked) {
    struct arena of = {text, size, {{0}}};
    for (int i = 0; i < HELD; i++) of.held[i].number = -1;
    for (int64_t i = 0; i < many; i++) {
        const int written = line(&of, spans[i][0], spans[i][1], spans[i][2], spans[i][3], out + ends[i]);
        asked[i] = written < 0;
        ends[i + 1] = ends[i] + (written < 0 ? 0 : written);
    }
}
