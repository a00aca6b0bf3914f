/* The search of regions.c for one form: FORM(name) names it, TARGET says which instructions it may use. */

/* How many of the bits from .. end of a line are set; `from` < `end`. */
TARGET static inline int32_t FORM(counted)(const uint64_t *line, int32_t from, int32_t end) {
    const int32_t first = from / 64, last = (end - 1) / 64;
    const uint64_t head = ~0ull << (from % 64), tail = ~0ull >> (63 - (end - 1) % 64);
    if (first == last) return __builtin_popcountll(line[first] & head & tail);
    int32_t total = __builtin_popcountll(line[first] & head) + __builtin_popcountll(line[last] & tail);
    for (int32_t w = first + 1; w < last; w++) total += __builtin_popcountll(line[w]);
    return total;
}

/* The next run of LEAST_RUN lines or more, from line `at` on, of which between `from` and `end` more than INK (or at least
   LEAST_EDGE) is set: whether there is one. */
TARGET static int FORM(next)(const uint64_t (*lines)[LONGEST_WORDS], int32_t at, int32_t last, int32_t from, int32_t end,
                             int edge, struct run *out) {
    const double all = end - from;
    int32_t first = -1;
    for (; at <= last; at++) {
        const double share = at < last ? FORM(counted)(lines[at], from, end) / all : -1.0;
        if (edge ? share >= LEAST_EDGE : share > INK) {
            first = first < 0 ? at : first;
        } else if (first >= 0) {
            *out = (struct run){first, at};
            if (at - first >= LEAST_RUN) return 1;
            first = -1;
        }
    }
    return 0;
}

/* The longest of those runs, of equals the first; an empty one where there is none. */
TARGET static struct run FORM(longest)(const uint64_t (*lines)[LONGEST_WORDS], int32_t first, int32_t last, int32_t from,
                                       int32_t end) {
    struct run best = {first, first}, one = {first, first};
    while (FORM(next)(lines, one.end, last, from, end, 1, &one))
        if (one.end - one.first > best.end - best.first) best = one;
    return best;
}

/* The most of the two lines at one side that is set. */
TARGET static double FORM(side)(const uint64_t (*lines)[LONGEST_WORDS], int32_t one, int32_t other, int32_t from, int32_t end) {
    const int32_t a = FORM(counted)(lines[one], from, end), b = FORM(counted)(lines[other], from, end);
    return (double)(a > b ? a : b) / (double)(end - from);
}

/* How much of the weakest side differs from the ground; 0 where it is no rectangle. */
TARGET static double FORM(rectangular)(const struct page *page, struct box of) {
    const int32_t top = of.top, left = of.left, bottom = of.bottom - 1, right = of.right - 1;
    int64_t total = 0;
    for (int32_t y = top; y <= bottom; y++) total += FORM(counted)(page->across[y], left, of.right);
    if ((double)total / (double)area(of) < LEAST_FILL) return 0.0;
    double weakest = FORM(side)(page->across, top, top < bottom ? top + 1 : top, left, of.right);
    const double low = FORM(side)(page->across, bottom, top < bottom ? bottom - 1 : bottom, left, of.right);
    const double near = FORM(side)(page->down, left, left < right ? left + 1 : left, top, of.bottom);
    const double far = FORM(side)(page->down, right, left < right ? right - 1 : right, top, of.bottom);
    weakest = low < weakest ? low : weakest;
    weakest = near < weakest ? near : weakest;
    weakest = far < weakest ? far : weakest;
    return weakest >= LEAST_EDGE ? weakest : 0.0;
}

/* Take off what sticks out of a block: lines of which less than half differs from the ground. */
TARGET static struct box FORM(core)(const struct page *page, struct box of) {
    for (int round = 0; round < ROUNDS; round++) {
        const struct box before = of;
        struct run run = FORM(longest)(page->across, of.top, of.bottom, of.left, of.right);
        of.top = run.first;
        of.bottom = run.end;
        if (run.first < run.end) {
            run = FORM(longest)(page->down, of.left, of.right, of.top, of.bottom);
            of.left = run.first;
            of.right = run.end;
        }
        if (!memcmp(&before, &of, sizeof of) || !area(of)) break;
    }
    return of;
}

/* Keep it where it is a rectangle: 0, or -1 where there is no memory. */
TARGET static int FORM(kept)(struct page *page, struct box of) {
    if (!large(page, of) || (double)area(of) > MOST_AREA * page->rows * page->columns) return 0;
    const double edge = FORM(rectangular)(page, of);
    if (edge == 0.0) return 0;
    if (page->count == page->room) {
        const int64_t room = 2 * page->room + 64;
        struct found *more = realloc(page->found, sizeof *more * (size_t)room);
        if (!more) return -1;
        page->found = more;
        page->room = room;
    }
    page->found[page->count++] = (struct found){(double)area(of) * edge, of};
    return 0;
}

/* Keep it, and its core. */
TARGET static int FORM(both)(struct page *page, struct box of) {
    const struct box core = FORM(core)(page, of);
    return FORM(kept)(page, of) || (memcmp(&core, &of, sizeof of) && FORM(kept)(page, core));
}

/* The parts between gaps that run through, across and then down, and the parts of those. */
TARGET static int FORM(cut)(struct page *page, struct box of, int depth) {
    struct run row = {of.top, of.top};
    while (FORM(next)(page->across, row.end, of.bottom, of.left, of.right, 0, &row)) {
        struct run column = {of.left, of.left};
        while (FORM(next)(page->down, column.end, of.right, row.first, row.end, 0, &column)) {
            const struct box inner = {row.first, column.first, row.end, column.end};
            if (!large(page, inner)) continue;
            if (FORM(both)(page, inner)) return -1;
            if (depth && memcmp(&inner, &of, sizeof of) && FORM(cut)(page, inner, depth - 1)) return -1;
        }
    }
    return 0;
}

/* The runs of set bits of a line: how many. */
TARGET static int32_t FORM(runs)(const uint64_t *line, int32_t columns, struct run *out) {
    int32_t many = 0, open = -1;
    for (int32_t w = 0; 64 * w < columns; w++) {
        uint64_t change = line[w] ^ (line[w] << 1 | (open >= 0)); /* a bit where a run begins or has ended */
        for (; change; change &= change - 1) {
            const int32_t at = 64 * w + __builtin_ctzll(change);
            if (open < 0) {
                open = at;
            } else {
                out[many++] = (struct run){open, at};
                open = -1;
            }
        }
    }
    if (open >= 0) out[many++] = (struct run){open, columns};
    return many;
}

/* The bounds of connected blocks, of 4 neighbours each, by their runs (Rosenfeld and Pfaltz 1966). */
TARGET static int FORM(connected)(struct page *page) {
    struct run runs[2][LONGEST_CELLS / 2 + 1];
    uint32_t of[2][LONGEST_CELLS / 2 + 1], many = 0;
    int32_t above = 0;
    struct block *blocks = page->blocks;
    for (int32_t y = 0; y < page->rows; y++) {
        struct run *here = runs[y % 2], *before = runs[1 - y % 2];
        uint32_t *mine = of[y % 2], *theirs = of[1 - y % 2];
        const int32_t count = FORM(runs)(page->across[y], page->columns, here);
        for (int32_t i = 0, k = 0; i < count; i++) {
            const struct block one = {many, (uint32_t)(here[i].end - here[i].first), (uint16_t)y, (uint16_t)here[i].first,
                                      (uint16_t)y, (uint16_t)(here[i].end - 1)};
            uint32_t at = many;
            blocks[many++] = one;
            while (k < above && before[k].end <= here[i].first) k++;
            for (int32_t n = k; n < above && before[n].first < here[i].end; n++) at = join(blocks, at, theirs[n]);
            if (at != many - 1) many--; /* it is part of an older one, and nothing points to it yet */
            mine[i] = at;
        }
        above = count;
    }
    for (uint32_t i = 0; i < many; i++) {
        const struct block one = blocks[i];
        const struct box box = {one.top, one.left, one.bottom + 1, one.right + 1};
        if (one.parent == i && one.size > LEAST_CELLS && large(page, box) && FORM(both)(page, box)) return -1;
    }
    return 0;
}

TARGET static int FORM(search)(struct page *page) {
    const struct box whole = {0, 0, page->rows, page->columns};
    return FORM(cut)(page, whole, DEPTH) || FORM(connected)(page);
}
