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

/* Look at what is round `count` words that may be of a phrase, but not its first or last; *done is where the last that was
   looked at ends. */
TARGET static int64_t FORM(round_words)(const struct listed *listed, struct sample *some, int64_t count, int64_t *done,
                                        struct phrase *out, int64_t room) {
    int64_t many = 0, left = 0;
    for (int64_t k = 0; k < count; k++) { /* no branch here and below that nobody could foretell */
        const struct sample one = some[k];
        some[left] = one;
        left += perhaps(word_from(one.start, one.stop - one.start, listed), listed);
    }
    count = left;
    left = 0;
    for (int64_t k = 0; k < count; k++) {
        const struct sample one = some[k];
        const int64_t low = listed->offsets[one.row], high = listed->offsets[one.row + 1];
        some[left] = one;
        if (one.start - low < NEAR || high - one.stop < NEAR)
            left++;
        else
            left += perhaps(near_before(listed->text + one.start), listed) & perhaps(near_behind(listed->text + one.stop), listed);
    }
    for (int64_t k = 0; k < left; k++) {
        int64_t start = some[k].start, stop = some[k].stop;
        if (start < *done || !known(word_from(start, stop - start, listed), listed)) continue;
        const int64_t low = listed->offsets[some[k].row], high = listed->offsets[some[k].row + 1];
        const int64_t words = phrase_round(low, high, listed, &start, &stop);
        *done = stop;
        if (words < LEAST_WORDS) continue;
        if (many < room) out[many] = (struct phrase){some[k].row, start, stop};
        many++;
    }
    return many;
}

/* One byte in INNER is looked at, where so many round it have no bar: the word that it is in or before is one of the phrase,
   and neither its first nor its last. */
TARGET static int64_t FORM(phrases)(const struct listed *listed, int64_t rows, struct phrase *out, int64_t room) {
    const int64_t begin = listed->offsets[0], end = listed->end;
    int64_t many = 0, row = 0, count = 0, done = 0, next = begin;
    struct sample some[SAMPLES + BLOCK];
    struct shape shape = {0, 0}, behind = {0, 0};
    uint64_t before, bars_before, bars = ~0ull, bars_behind = ~0ull;
    for (int64_t at = begin - BLOCK; at < end; at += BLOCK) {
        uint8_t edge[BLOCK] = {0};
        const int64_t rest = end - at - BLOCK;
        before = shape.letters;
        shape = behind;
        behind = (struct shape){0, 0};
        if (rest >= BLOCK)
            behind = FORM(shape)(listed->text + at + BLOCK);
        else if (rest > 0)
            behind = FORM(shape)(memcpy(edge, listed->text + at + BLOCK, (size_t)rest));
        bars_before = bars;
        bars = bars_behind;
        bars_behind = barred(behind);
        for (; next < at + BLOCK; next += INNER) {
            const int bit = (int)(next - at);
            const uint64_t free = ~(bars << (63 - bit) | bars_before >> 1 >> bit);
            const uint64_t free_on = ~(bars >> bit | bars_behind << 1 << (63 - bit));
            const uint64_t until = shape.letters << (63 - bit) | before >> 1 >> bit;
            const uint64_t from = shape.letters >> bit | behind.letters << 1 << (63 - bit);
            const int gap = __builtin_ctzll(from | 1ull << 63), left = __builtin_clzll(~until | 1);
            const int64_t here = next + gap, right = __builtin_ctzll(~(from >> gap) | 1ull << 63);
            while (row < rows - 1 && here >= listed->offsets[row + 1]) row++;
            const int64_t low = listed->offsets[row], high = listed->offsets[row + 1], first = here - left + (left > 0);
            const int64_t start = first > low ? first : low, stop = here + right < high ? here + right : high;
            const int stretch = __builtin_clzll(~free | 1) + __builtin_ctzll(~free_on | 1ull << 63) - 1;
            some[count] = (struct sample){start, stop, row};
            count += (stretch >= INNER) & (stop - start >= SHORTEST) & (stop - start <= LONGEST);
        }
        if (count >= SAMPLES) {
            many += FORM(round_words)(listed, some, count, &done, out + (many < room ? many : room), room - many);
            count = 0;
        }
    }
    return many + FORM(round_words)(listed, some, count, &done, out + (many < room ? many : room), room - many);
}
