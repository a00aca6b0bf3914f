/* Scripts that are spent together: union-find over the inputs of a chain. What and why: ../cospend.py.

   Rem's algorithm with splicing (Patwary, Blair, Manne 2010), lock-free (Dhulipala, Hong, Shun 2020, "ConnectIt"):
   several threads may each take a part of the chain over the same parents. A parent is always the smaller one, and
   roots are hung on it by compare-and-swap, so no order of them matters. Nearly all the time goes on waiting for
   memory: what an input names, the parent of that, and its parent lie anywhere. So each is asked for ahead of where it
   is used, for the second cache: the first is too small for all that is on its way. */
#include <stdlib.h>
#include <string.h>
#include "cpu.h"

enum { PART = 1024, FAR = 64, NEAR = 32, ABOVE = 16, ANYONE_CAN_PAY = 4 };
static const uint32_t NEVER = 0xFFFFFFFF;

struct spends {
    const uint64_t *tx_in;
    const uint32_t *prev_low;
    const uint8_t *prev_high, *in_signs;
    const uint32_t *out_script;
    uint64_t outs, scripts;
};

static uint64_t spent(const struct spends *of, uint64_t i) {
    return (uint64_t)of->prev_low[i] | (uint64_t)of->prev_high[i] << 32;
}

/* The scripts that the inputs from `start` on spend, NEVER where there is none to join. Returns whether all have one. */
static int look_up(const struct spends *of, uint64_t start, uint64_t many, uint64_t inputs, uint32_t *script) {
    int whole = 1;
    for (uint64_t i = start; i < start + many; i++) {
        if (i + FAR < inputs) {
            const uint64_t out = spent(of, i + FAR);
            if (out < of->outs) __builtin_prefetch(of->out_script + out, 0, 2);
        }
        const uint64_t out = spent(of, i);
        const uint32_t one = of->in_signs[i] & ANYONE_CAN_PAY || out >= of->outs ? NEVER : of->out_script[out];
        script[i - start] = one < of->scripts ? one : NEVER;
        whole &= one < of->scripts;
    }
    return whole;
}

static uint32_t above(const uint32_t *parent, uint32_t u) { return __atomic_load_n(parent + u, __ATOMIC_RELAXED); }

/* `shared`: others write too, and a root is hung on another script by compare-and-swap. A script that is no root may be
   written over: whoever does goes on to join what it hung on. */
static inline void join(uint32_t *parent, uint32_t u, uint32_t v, int shared) {
    uint32_t over_u = above(parent, u), over_v = above(parent, v);
    while (over_u != over_v) {
        if (over_u < over_v) {
            uint32_t other = u;
            u = v, v = other;
            other = over_u, over_u = over_v, over_v = other;
        }
        uint32_t seen = over_u;
        if (shared && u == over_u)
            __atomic_compare_exchange_n(parent + u, &seen, over_v, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        else
            __atomic_store_n(parent + u, over_v, __ATOMIC_RELAXED);
        if (u == over_u && seen == u) return;
        u = seen;
        over_u = above(parent, u), over_v = above(parent, v);
    }
}

static void unite_plain(const struct spends *of, const uint8_t *skip, uint64_t first, uint64_t end, uint32_t *parent,
                        int shared) {
    const uint64_t inputs = of->tx_in[end];
    uint32_t script[PART + NEAR], head = NEVER;
    uint64_t tx = first;
    for (uint64_t start = of->tx_in[first]; start < inputs; start += PART) {
        const uint64_t many = inputs - start < PART ? inputs - start : PART;
        look_up(of, start, many, inputs, script);
        for (uint64_t k = many; k < many + NEAR; k++) script[k] = NEVER;
        for (uint64_t k = 0; k < NEAR; k++)
            if (script[k] != NEVER) __builtin_prefetch(parent + script[k], 0, 2);
        for (uint64_t k = 0; k < many; k++) {
            if (script[k + NEAR] != NEVER) __builtin_prefetch(parent + script[k + NEAR], 0, 2);
            if (script[k + ABOVE] != NEVER) {
                const uint32_t next = above(parent, script[k + ABOVE]);
                if (next != NEVER) __builtin_prefetch(parent + next, 1);
            }
            for (; start + k >= of->tx_in[tx + 1]; tx++) head = NEVER;
            if (skip[tx] || script[k] == NEVER || above(parent, script[k]) == NEVER) continue;
            if (head == NEVER)
                head = script[k];
            else
                join(parent, head, script[k], shared);
            head = above(parent, head); /* nearer to the root: the next walk is shorter */
        }
    }
}

#ifdef VIGIE_X86
#include "cospend_wide.h"
#endif

/* Join what the transactions first, first + 1, ... before `end` spend. skip[all transactions]; parent[scripts]: itself
   or NEVER at first. With `shared`, several threads may call this at once for different transactions. Then
   cospend_flat. */
EXPORT void cospend_unite(
    int level, const uint64_t *tx_in, const uint32_t *prev_low, const uint8_t *prev_high, const uint8_t *in_signs,
    const uint32_t *out_script, uint64_t outs, const uint8_t *skip, uint64_t first, uint64_t end, uint32_t *parent,
    uint64_t scripts, int shared) {
    if (first >= end || outs == 0) return;
    const struct spends of = {tx_in, prev_low, prev_high, in_signs, out_script, outs, scripts};
#ifdef VIGIE_X86
    if (level == VIGIE_AVX512) {
        if (shared) unite_wide(&of, skip, first, end, parent, 1);
        else unite_wide(&of, skip, first, end, parent, 0);
        return;
    }
#else
    (void)level;
#endif
    if (shared) unite_plain(&of, skip, first, end, parent, 1);
    else unite_plain(&of, skip, first, end, parent, 0);
}

/* Each script's parent becomes the smallest of its set. Parents are smaller, so they are done already. */
EXPORT void cospend_flat(uint32_t *parent, uint64_t scripts) {
    for (uint64_t i = 0; i < scripts; i++) {
        if (i + NEAR < scripts && parent[i + NEAR] != NEVER) __builtin_prefetch(parent + parent[i + NEAR]);
        const uint64_t over = parent[i] == NEVER ? i : parent[i];
        parent[i] = parent[over];
    }
}

/* The sets that break the guard, made again in the order of the chain. */
struct guard {
    uint8_t *became;
    uint32_t *parent;
    uint16_t *size; /* 0: of no such set; most + 1: more than that */
    uint32_t *names, *held;
    uint32_t most;
};

static int ascending(const void *a, const void *b) {
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

static void sorted(uint32_t *held, uint64_t many) {
    if (many > 32) {
        qsort(held, many, sizeof *held, ascending);
        return;
    }
    for (uint64_t i = 1; i < many; i++) {
        const uint32_t one = held[i];
        uint64_t at = i;
        for (; at && held[at - 1] > one; at--) held[at] = held[at - 1];
        held[at] = one;
    }
}

/* Join the roots that a transaction spends, or leave them all: cospend.TAGGED, cospend.GROWS. */
static void joined_or_left(const struct guard *of, uint64_t tx, uint64_t many) {
    enum { TAGGED = 2, GROWS = 3 };
    uint32_t *held = of->held, name = 0;
    uint64_t total = 0, largest = 0;
    int clash = 0;
    if (many < 2) return;
    sorted(held, many);
    for (uint64_t k = 0; k < many; k++) {
        if (k && held[k] == held[k - 1]) continue;
        const uint32_t size = of->size[held[k]], other = of->names ? of->names[held[k]] : 0;
        total += size;
        if (size > largest) largest = size;
        clash |= other && name && other != name;
        if (!name) name = other;
    }
    if (clash || total - largest > of->most) {
        of->became[tx] = clash ? TAGGED : GROWS;
        return;
    }
    for (uint64_t k = 1; k < many; k++) of->parent[held[k]] = held[0];
    of->size[held[0]] = (uint16_t)(total > of->most ? of->most + 1 : total);
    if (of->names) of->names[held[0]] = name;
}

/* Take each transaction that ``became`` says is MERGED, in order. parent[scripts]: itself where size is 1, which is
   what is made again; names[scripts], or NULL: there is none; held: room for the inputs of any transaction. Then
   cospend_flat. */
EXPORT void cospend_again(
    const uint64_t *tx_in, const uint32_t *prev_low, const uint8_t *prev_high, const uint8_t *in_signs,
    const uint32_t *out_script, uint64_t outs, uint64_t txs, uint8_t *became, uint32_t *parent, uint64_t scripts,
    uint16_t *size, uint32_t *names, uint32_t *held, uint32_t most) {
    const struct spends of = {tx_in, prev_low, prev_high, in_signs, out_script, outs, scripts};
    const struct guard guard = {became, parent, size, names, held, most};
    const uint64_t inputs = tx_in[txs];
    uint32_t script[PART + NEAR];
    uint64_t tx = 0, many = 0;
    for (uint64_t start = 0; start < inputs; start += PART) {
        const uint64_t part = inputs - start < PART ? inputs - start : PART;
        look_up(&of, start, part, inputs, script);
        for (uint64_t k = part; k < part + NEAR; k++) script[k] = NEVER;
        for (uint64_t k = 0; k < part; k++) {
            if (script[k + NEAR] != NEVER) {
                __builtin_prefetch(parent + script[k + NEAR], 1);
                __builtin_prefetch(size + script[k + NEAR], 1);
            }
            if (script[k + ABOVE] != NEVER && size[script[k + ABOVE]]) {
                __builtin_prefetch(parent + parent[script[k + ABOVE]], 1);
                __builtin_prefetch(size + parent[script[k + ABOVE]], 1);
            }
            for (; start + k >= tx_in[tx + 1]; tx++, many = 0) joined_or_left(&guard, tx, many);
            uint32_t v = script[k];
            if (became[tx] || v == NEVER || !size[v]) continue;
            while (parent[v] != v) v = parent[v] = parent[parent[v]];
            if (!many || v != held[many - 1]) held[many++] = v;
        }
    }
    for (; tx < txs; tx++, many = 0) joined_or_left(&guard, tx, many);
}
