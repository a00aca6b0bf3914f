/* From which words on a seed of BIP 39 may begin, and what stands between words: ../identifiers_seeds.py, whose Python is the
   judge in the tests. */
#include <string.h>

#include "sha256.h"

#define MOST 24 /* words of a seed */

static const int MANY[] = {24, 21, 18, 15, 12};

/* Are more than two thirds of the words different? */
static int mixed(const int16_t *words, int many) {
    int different = 0;
    for (int i = 0; i < many; i++) {
        int before = 0;
        for (int k = 0; k < i; k++) before |= words[k] == words[i];
        different += !before;
    }
    return different > many * 2 / 3;
}

/* Are the `check` bits behind 32 * check bits the first of their SHA-256? */
static int right(sha256_form form, const uint8_t *bits, int check) {
    uint8_t block[64] = {0};
    struct sha256 of;
    memcpy(block, bits, 4 * (size_t)check);
    block[4 * check] = 0x80;
    block[62] = (uint8_t)(32 * check >> 8); /* how many bits they are, at most 256 */
    block[63] = (uint8_t)(32 * check);
    sha256_begin(&of, form);
    form(of.state, block, 1);
    return of.state[0] >> (32 - check) == (uint32_t)bits[4 * check] >> (8 - check);
}

/* out[many]: how many words the longest seed has that begins at each word, whose numbers are 0 to 2047; 0: none does, or none
   that goes beyond all before. `different`: only those most of whose words are. */
EXPORT void seeds_longest(int number, const int16_t *words, int64_t many, int different, uint8_t *out) {
    const sha256_form form = sha256_of_number(number);
    int64_t end = 0;
    for (int64_t at = 0; at < many; at++) {
        uint8_t bits[MOST * 11 / 8];
        const int most = many - at < MOST ? (int)(many - at) : MOST;
        uint32_t held = 0;
        int over = 0, size = 0;
        for (int i = 0; i < most; i++) {
            held = held << 11 | (uint32_t)words[at + i];
            for (over += 11; over >= 8;) bits[size++] = (uint8_t)(held >> (over -= 8));
        }
        if (over) bits[size] = (uint8_t)(held << (8 - over));
        out[at] = 0;
        for (int k = 0; k < 5 && at + MANY[k] > end; k++)
            if (MANY[k] <= most && right(form, bits, MANY[k] / 3) && (!different || mixed(words + at, MANY[k]))) {
                out[at] = (uint8_t)MANY[k];
                end = at + MANY[k];
            }
    }
}

static int64_t past_digits(const uint8_t *text, int64_t at, int64_t end) {
    while (at < end && (uint8_t)(text[at] - '0') < 10) at++;
    return at;
}

/* out[many - 2]: is what stands behind a word the same as what stands behind the next, digits aside? spans[many][3]: where each
   begins and ends, and what is not looked at. */
EXPORT void seeds_alike(const uint8_t *text, const int64_t *spans, int64_t many, uint8_t *out) {
    for (int64_t i = 0; i + 2 < many; i++) {
        const int64_t one_end = spans[3 * i + 3], two_end = spans[3 * i + 6];
        int64_t one = spans[3 * i + 1], two = spans[3 * i + 4];
        for (;;) {
            one = past_digits(text, one, one_end);
            two = past_digits(text, two, two_end);
            if (one >= one_end || two >= two_end || text[one] != text[two]) break;
            one++, two++;
        }
        out[i] = one >= one_end && two >= two_end;
    }
}
