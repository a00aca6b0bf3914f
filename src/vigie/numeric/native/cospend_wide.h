/* Joining many pairs of scripts at once, for cospend.c: AVX-512. The same sets as its plain loop, in another order.

   Some hundred inputs at a time. While the pairs of one block take their first step, the scripts of the next are looked
   up, and their parents asked for: that fills the waits, and 16 pairs go together without a branch that is guessed
   wrong. A step only reads; what it would write goes on two lists. A *splice* hangs a script that is no root on a
   smaller one: it may be written over by another, for both go on to join what it hung on. A *hook* hangs a root on a
   smaller script: only where it still is a root, else that pair takes one more step. */
#include <immintrin.h>

enum { BLOCK = 256, AHEAD = 64, STEPS = 6, FEW = 8 };

struct block {
    uint32_t u[BLOCK + 16], v[BLOCK + 16];             /* pairs that go on */
    uint32_t spliced[BLOCK + 16], under[BLOCK + 16];   /* the script, and what it is to hang on */
    uint32_t hooked[BLOCK + 16], below[BLOCK + 16];
    size_t splices, hooks;
};

/* 16 parents; places are signed in this instruction, so the array is taken by its middle. */
TARGET_AVX512 static inline __m512i at16(const uint32_t *of, __m512i place, __mmask16 live) {
    const void *middle = (const void *)((uintptr_t)of + ((uintptr_t)1 << 33));
    const __m512i from = _mm512_xor_si512(place, _mm512_set1_epi32(INT32_MIN));
    return _mm512_mask_i32gather_epi32(_mm512_set1_epi32(-1), live, from, middle, 4);
}

TARGET_AVX512 static inline void put16(uint32_t *to, __mmask16 which, __m512i what) {
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(which, what));
}

/* One step of Rem's algorithm for 16 pairs. Lists never grow beyond the pairs read, so they may be the same memory.
   Returns the larger parents. */
TARGET_AVX512 static inline __m512i step16(struct block *b, const uint32_t *parent, __m512i u, __m512i v,
                                           __mmask16 live) {
    const __m512i over_u = at16(parent, u, live), over_v = at16(parent, v, live);
    const __mmask16 turned = _mm512_cmpgt_epu32_mask(over_u, over_v);
    const __m512i high = _mm512_mask_blend_epi32(turned, v, u), low = _mm512_mask_blend_epi32(turned, u, v);
    const __m512i over = _mm512_max_epu32(over_u, over_v), under = _mm512_min_epu32(over_u, over_v);
    const __mmask16 apart = _mm512_mask_cmpneq_epu32_mask(live, over_u, over_v);
    const __mmask16 root = _mm512_mask_cmpeq_epu32_mask(apart, high, over), rest = (__mmask16)(apart & ~root);
    put16(b->spliced + b->splices, rest, high);
    put16(b->under + b->splices, rest, under);
    put16(b->u + b->splices, rest, over);
    put16(b->v + b->splices, rest, low);
    put16(b->hooked + b->hooks, root, high);
    put16(b->below + b->hooks, root, under);
    b->splices += (size_t)__builtin_popcount(rest);
    b->hooks += (size_t)__builtin_popcount(root);
    return over;
}

/* Write what the steps found. Returns how many pairs go on. */
static inline size_t written(struct block *b, uint32_t *parent, int shared) {
    size_t pairs = b->splices;
    for (size_t k = 0; k < b->splices; k++) {
        __atomic_store_n(parent + b->spliced[k], b->under[k], __ATOMIC_RELAXED);
        __builtin_prefetch(parent + b->u[k], 1);
    }
    for (size_t k = 0; k < b->hooks; k++) {
        const uint32_t root = b->hooked[k], low = b->below[k];
        uint32_t seen = root;
        if (shared) {
            __atomic_compare_exchange_n(parent + root, &seen, low, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        } else {
            seen = parent[root];
            parent[root] = seen == root ? low : seen;
        }
        b->u[pairs] = seen, b->v[pairs] = low;
        pairs += seen != root;
    }
    b->splices = b->hooks = 0;
    return pairs;
}

TARGET_AVX512 static inline size_t again(struct block *b, uint32_t *parent, size_t pairs, int shared) {
    for (size_t k = 0; k < pairs; k += 16) {
        const __mmask16 live = (__mmask16)(pairs - k >= 16 ? 0xFFFF : (1 << (pairs - k)) - 1);
        step16(b, parent, _mm512_maskz_loadu_epi32(live, b->u + k), _mm512_maskz_loadu_epi32(live, b->v + k), live);
    }
    return written(b, parent, shared);
}

/* First step of a block's pairs, each script with the one before it but at marked places, and a look at what the next
   block spends, from input `at` on. Returns whether no script was one that joins nothing, else nothing may be written;
   *ready: is every script of the next block known? */
TARGET_AVX512 static int first_step(const struct spends *of, struct block *b, const uint32_t *parent,
                                    const uint32_t *script, const uint8_t *begins, uint64_t at, uint32_t *next,
                                    int *ready) {
    const __m512i last = _mm512_set1_epi32((int)(uint32_t)(of->outs > NEVER ? NEVER : of->outs - 1));
    const __m512i scripts = _mm512_set1_epi32((int)(uint32_t)of->scripts);
    __m512i most = _mm512_setzero_si512();
    __mmask16 known = 0xFFFF;
    for (size_t k = 0; k < BLOCK; k += 16) {
        uint32_t far[16];
        _mm512_storeu_si512(far, _mm512_min_epu32(_mm512_loadu_si512(of->prev_low + at + k + AHEAD), last));
        for (int j = 0; j < 16; j++) __builtin_prefetch(of->out_script + far[j], 0, 2);
        const __m512i out = _mm512_loadu_si512(of->prev_low + at + k);
        const __m128i high = _mm_loadu_si128((const void *)(of->prev_high + at + k));
        const __m128i open = _mm_loadu_si128((const void *)(of->in_signs + at + k));
        const __m128i odd = _mm_or_si128(high, _mm_and_si128(open, _mm_set1_epi8(ANYONE_CAN_PAY)));
        __mmask16 good = _mm_testn_epi8_mask(odd, odd) & _mm512_cmple_epu32_mask(out, last);
        const __m512i found = at16(of->out_script, out, good);
        good &= _mm512_cmplt_epu32_mask(found, scripts);
        known &= good;
        _mm512_storeu_si512(next + k, found);
        for (int j = 0; j < 16; j++) __builtin_prefetch(parent + next[k + (size_t)j], 0, 2);

        const __m128i alone = _mm_loadu_si128((const void *)(begins + k));
        const __m512i v = _mm512_loadu_si512(script + k), before = _mm512_loadu_si512(script + k - 1);
        const __m512i u = _mm512_mask_blend_epi32(_mm_test_epi8_mask(alone, alone), before, v);
        most = _mm512_max_epu32(most, step16(b, parent, u, v, 0xFFFF));
    }
    *ready = known == 0xFFFF;
    if (!_mm512_cmpeq_epu32_mask(most, _mm512_set1_epi32(-1))) return 1;
    b->splices = b->hooks = 0;
    return 0;
}

/* Mark inputs that are not to be joined with the one before: first ones, and all of transactions to be skipped. */
static uint64_t marked(const struct spends *of, const uint8_t *skip, uint64_t tx, uint64_t first, uint64_t end,
                       uint64_t start, uint64_t many, uint8_t *begins) {
    const uint64_t stop = start + many;
    memset(begins, 0, BLOCK);
    if (tx > first && skip[tx - 1]) memset(begins, 1, (of->tx_in[tx] < stop ? of->tx_in[tx] : stop) - start);
    for (; tx < end && of->tx_in[tx] < stop; tx++) {
        const uint64_t from = of->tx_in[tx], to = of->tx_in[tx + 1] < stop ? of->tx_in[tx + 1] : stop;
        begins[from - start] = 1;
        if (skip[tx]) memset(begins + (from - start), 1, to - from);
    }
    return tx;
}

/* The same for a block of which some join nothing. */
static void one_by_one(uint32_t *parent, const uint32_t *script, const uint8_t *begins, uint64_t many, uint32_t *head,
                       int shared) {
    for (uint64_t k = 0; k < many; k++) {
        if (begins[k]) *head = NEVER;
        if (script[k] == NEVER || above(parent, script[k]) == NEVER) continue;
        if (*head != NEVER) join(parent, *head, script[k], shared);
        *head = script[k];
    }
}

TARGET_AVX512 static void unite_wide(const struct spends *of, const uint8_t *skip, uint64_t first, uint64_t end,
                                     uint32_t *parent, int shared) {
    const uint64_t inputs = of->tx_in[end];
    uint32_t held[2][16 + BLOCK], head = NEVER; /* 16: the script before a block stands before it */
    uint8_t begins[BLOCK];
    struct block b;
    b.splices = b.hooks = 0;
    int ready = 0, turn = 0; /* ready: the block is looked up, and each of its scripts is known */
    uint64_t tx = first, many;
    for (uint64_t start = of->tx_in[first]; start < inputs; start += many, turn = !turn) {
        many = inputs - start < BLOCK ? inputs - start : BLOCK;
        uint32_t *script = held[turn] + 16, *next = held[!turn] + 16;
        int whole = ready || look_up(of, start, many, inputs, script);
        ready = 0;
        tx = marked(of, skip, tx, first, end, start, many, begins);
        script[-1] = head;
        whole = whole && head != NEVER && start + 2 * BLOCK + AHEAD <= inputs;
        if (whole && first_step(of, &b, parent, script, begins, start + BLOCK, next, &ready)) {
            size_t pairs = written(&b, parent, shared);
            for (int step = 1; pairs > FEW && step < STEPS; step++) pairs = again(&b, parent, pairs, shared);
            for (size_t k = 0; k < pairs; k++) join(parent, b.u[k], b.v[k], shared);
            head = script[many - 1];
        } else {
            one_by_one(parent, script, begins, many, &head, shared);
        }
    }
}
