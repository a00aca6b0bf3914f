/* Runs the passes over texts at every level of this processor: what test_identifiers_neon.py compares.

   Standard input: uint64_t[4][256], uint8_t[2][4][2][16] and uint8_t[64] (what is looked for), int64_t (rows), where each row begins and the last ends, and the text. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t vigie_levels(void);
int64_t identifiers_marks(int, const uint8_t *, int64_t, int64_t, const uint64_t *, const uint8_t *, const uint8_t *,
                          int64_t *, int64_t *, int64_t);

enum { ROOM = 1024 };

static void *given(size_t size) {
    void *out = malloc(size + 1);
    if (!out || fread(out, 1, size, stdin) != size) exit(2);
    return out;
}

static int64_t number(void) {
    int64_t *at = given(sizeof *at), out = *at;
    free(at);
    return out;
}

static void told(int level, const char *what, const int64_t *of, int64_t many) {
    for (int64_t i = 0; i < many; i++)
        printf("%d %s %" PRId64 " %" PRId64 " %" PRId64 "\n", level, what, of[3 * i], of[3 * i + 1], of[3 * i + 2]);
}

int main(void) {
    const uint64_t *sets = given(4 * 256 * sizeof *sets);
    const uint8_t *nibbles = given(2 * 4 * 2 * 16), *codes = given(64);
    const int64_t rows = number(), *offsets = given((size_t)(rows + 1) * sizeof *offsets), end = offsets[rows];
    const uint8_t *text = given((size_t)end);
    int64_t *out = malloc(3 * ROOM * sizeof *out);
    for (int level = 0; level < 8; level++) {
        if (!(vigie_levels() >> level & 1)) continue;
        int64_t state[3] = {0, 0, 0};
        while (state[0] < end) told(level, "mark", out, identifiers_marks(level, text, 0, end, sets, nibbles, codes, state, out, ROOM));
    }
    return 0;
}
