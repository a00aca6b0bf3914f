/* The two passes of identifiers.c for one form: FORM(name) names them, TARGET says which instructions they may use.
   FORM(masks) and FORM(shape) look at one block. */

/* Mark the runs of bytes of a class that are long enough. `begun`: bits of the block at `at` that begin so many of them that
   each long enough run has such a part in one of the blocks it is in; `seen`: where the last run ended. */
TARGET static int64_t FORM(long_runs)(const uint8_t *text, int64_t first, int64_t end, int64_t at, uint64_t begun, int part,
                                      int classes, int64_t least, int64_t what, int64_t *seen, struct mark *out) {
    int64_t many = 0;
    while (begun) {
        int64_t start = at + __builtin_ctzll(begun), stop = start + part;
        if (start >= *seen) {
            while (start > first && start > *seen && is(text[start - 1], classes)) start--;
            while (stop < end && is(text[stop], classes)) stop++;
            *seen = stop;
            if (stop - start >= least) out[many++] = (struct mark){start, stop, what};
        }
        if (*seen - at >= BLOCK) break;
        begun &= ~0ull << (*seen - at);
    }
    return many;
}

TARGET static int64_t FORM(marks)(const uint8_t *text, int64_t first, int64_t end, const struct wanted *wanted,
                                  struct state *state, struct mark *out, int64_t room) {
    int64_t many = 0, at = state->at;
    for (; at < end && many < room - SPARE; at += BLOCK) {
        uint8_t edge[BEFORE + BLOCK + 1] = {0}; /* of what is before the first byte and behind the last */
        const uint8_t *block = text + at;
        if (at < first + BEFORE || at + BLOCK + 1 > end) {
            const int64_t from = at < first + BEFORE ? first : at - BEFORE;
            const int64_t to = at + BLOCK + 1 > end ? end : at + BLOCK + 1;
            memcpy(edge + (from - at + BEFORE), text + from, (size_t)(to - from));
            block = edge + BEFORE;
        }
        const struct masks masks = FORM(masks)(block, wanted);
        for (uint64_t left = masks.near; left; left &= left - 1) {
            const int bit = __builtin_ctzll(left);
            if (at + bit >= end) break;
            for (uint64_t some = met(wanted, block + bit); some; some &= some - 1)
                out[many++] = (struct mark){at + bit, at + bit, wanted->codes[__builtin_ctzll(some)]};
        }
        const uint64_t run = runs(masks.alnum, (LEAST_RUN + 1) / 2), groups = runs(masks.hex, (LEAST_GROUPS + 1) / 2);
        if (run)
            many += FORM(long_runs)(text, first, end, at, run, (LEAST_RUN + 1) / 2, ALNUM, LEAST_RUN, CODE_RUN,
                                    &state->run_end, out + many);
        if (groups)
            many += FORM(long_runs)(text, first, end, at, groups, (LEAST_GROUPS + 1) / 2, HEX, LEAST_GROUPS, CODE_GROUPS,
                                    &state->groups_end, out + many);
    }
    state->at = at;
    return many;
}
