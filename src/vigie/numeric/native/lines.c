/* A few words round a place, on one line: ../../cell/identifiers/context.py does the same, and all that is not plain. */
#include <string.h>

#include "cpu.h"

#define MOST 120 /* characters of a line */
#define ROUND 160
#define INSIDE 200

enum { BEFORE, WITHIN, BEHIND, PARTS };

/* Copy bytes, one space for each run of them; return how many. */
static int thinned(const uint8_t *from, int many, uint8_t *out) {
    int held = 0;
    for (int i = 0; i < many; i++)
        if (from[i] != ' ' || !i || from[i - 1] != ' ') out[held++] = from[i];
    return held;
}

/* Copy text[at:end] with a space for each byte of white space. Return 0: a byte is not plain; 2: two spaces stand side by
   side; else 1. Loops without a branch, 16 bytes or more at a time. */
static int flat(const uint8_t *text, int64_t at, int64_t end, uint8_t *out) {
    const int many = (int)(end - at);
    uint8_t wrong = 0, pairs = 0;
    for (int i = 0; i < many; i++) {
        const uint8_t raw = text[at + i], byte = (uint8_t)(raw - 9) < 5 ? ' ' : raw;
        wrong |= ((uint8_t)(byte - 32) > 94) | (byte == '<') | (byte == '[') | (byte == '&');
        out[i] = byte;
    }
    for (int i = 1; i < many; i++) pairs |= (out[i] == ' ') & (out[i - 1] == ' ');
    return wrong ? 0 : pairs ? 2 : 1;
}

static int line(const uint8_t *text, int64_t low, int64_t high, int64_t start, int64_t end, uint8_t *out) {
    uint8_t whole[2 * ROUND + INSIDE], thin[PARTS][INSIDE + 1];
    const int64_t stop = end < start + INSIDE ? end : start + INSIDE;
    const int64_t first = start - ROUND > low ? start - ROUND : low, last = stop + ROUND < high ? stop + ROUND : high;
    const int form = flat(text, first, last, whole);
    const uint8_t *held[PARTS] = {whole, whole + (start - first), whole + (stop - first)};
    int many[PARTS] = {(int)(start - first), (int)(stop - start), (int)(last - stop)};
    if (!form) return -1;
    if (form == 2)
        for (int i = 0; i < PARTS; i++) {
            many[i] = thinned(held[i], many[i], thin[i]);
            held[i] = thin[i];
        }
    if (many[BEFORE] && held[BEFORE][0] == ' ') {
        held[BEFORE]++;
        many[BEFORE]--;
    }
    if (many[BEHIND] && held[BEHIND][many[BEHIND] - 1] == ' ') many[BEHIND]--;
    if (many[WITHIN] > MOST) many[WITHIN] = MOST;
    const int room = MOST - many[WITHIN], half = room / 2, rest = room - many[BEHIND];
    int much = half > rest ? half : rest;
    if (much > many[BEFORE]) much = many[BEFORE];
    const int behind = room - much < many[BEHIND] ? room - much : many[BEHIND];
    memcpy(out, held[BEFORE] + many[BEFORE] - much, (size_t)much);
    memcpy(out + much, held[WITHIN], (size_t)many[WITHIN]);
    memcpy(out + much + many[WITHIN], held[BEHIND], (size_t)behind);
    int all = much + many[WITHIN] + behind, skip = 0;
    while (all && out[all - 1] == ' ') all--;
    while (skip < all && out[skip] == ' ') skip++;
    if (skip) memmove(out, out + skip, (size_t)(all - skip));
    return all - skip;
}

/* Write the line of each place behind the one before, where each ends, and which are not plain: those are empty. spans: low,
   high, start, end; ends: int64[many + 1], the first 0. */
EXPORT void lines_round(const uint8_t *text, const int64_t (*spans)[4], int64_t many, uint8_t *out, int64_t *ends,
                        uint8_t *asked) {
    for (int64_t i = 0; i < many; i++) {
        const int size = line(text, spans[i][0], spans[i][1], spans[i][2], spans[i][3], out + ends[i]);
        asked[i] = size < 0;
        ends[i + 1] = ends[i] + (size < 0 ? 0 : size);
    }
}
