/* Scripts that are spent together: union-find over the inputs of a chain. What and why: ../cospend.py.

   Rem's algorithm with splicing (Patwary, Blair, Manne 2010), lock-free (Dhulipala, Hong, Shun 2020, "ConnectIt"):
   several threads may each take a part of the chain over the same parents. A parent only ever becomes smaller, by
   compare-and-swap, so no order of them matters. Nearly all the time goes on waiting for memory: what an input names,
   the parent of that, and its parent lie anywhere. So each is asked for ahead of where it is used. */
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

/* The scripts that the inputs from `start` on spend, NEVER where there is none to join. */
static void look_up(const struct spends *of, uint64_t start, uint64_t many, uint64_t inputs, uint32_t *script) {
    for (uint64_t i = start; i < start + many; i++) {
        if (i + FAR < inputs) {
            const uint64_t out = spent(of, i + FAR);
            if (out < of->outs) __builtin_prefetch(of->out_script + out);
        }
        const uint64_t out = spent(of, i);
        const uint32_t one = of->in_signs[i] & ANYONE_CAN_PAY || out >= of->outs ? NEVER : of->out_script[out];
        script[i - start] = one < of->scripts ? one : NEVER;
    }
}

static uint32_t above(const uint32_t *parent, uint32_t u) { return __atomic_load_n(parent + u, __ATOMIC_RELAXED); }

static void join(uint32_t *parent, uint32_t u, uint32_t v) {
    uint32_t over_u = above(parent, u), over_v = above(parent, v);
    while (over_u != over_v) {
        if (over_u < over_v) {
            uint32_t other = u;
            u = v, v = other;
            other = over_u, over_u = over_v, over_v = other;
        }
        uint32_t seen = over_u;
        const int done = __atomic_compare_exchange_n(parent + u, &seen, over_v, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        if (u != over_u) { /* not a root: joined all the same with what it hung on, which is next */
            u = over_u;
        } else if (done) {
            return;
        }
        over_u = above(parent, u), over_v = above(parent, v);
    }
}

/* Join what the transactions first, first + 1, ... before `end` spend. skip[all transactions]; parent[scripts]: itself
   or NEVER at first; several threads may call this at once for different transactions. Then cospend_flat. */
EXPORT void cospend_unite(
    const uint64_t *tx_in, const uint32_t *prev_low, const uint8_t *prev_high, const uint8_t *in_signs,
    const uint32_t *out_script, uint64_t outs, const uint8_t *skip, uint64_t first, uint64_t end, uint32_t *parent,
    uint64_t scripts) {
    if (first >= end) return;
    const struct spends of = {tx_in, prev_low, prev_high, in_signs, out_script, outs, scripts};
    const uint64_t inputs = tx_in[end];
    uint32_t script[PART + NEAR], head = NEVER;
    uint64_t tx = first;
    for (uint64_t start = tx_in[first]; start < inputs; start += PART) {
        const uint64_t many = inputs - start < PART ? inputs - start : PART;
        look_up(&of, start, many, inputs, script);
        for (uint64_t k = many; k < many + NEAR; k++) script[k] = NEVER;
        for (uint64_t k = 0; k < NEAR; k++)
            if (script[k] != NEVER) __builtin_prefetch(parent + script[k], 1);
        for (uint64_t k = 0; k < many; k++) {
            if (script[k + NEAR] != NEVER) __builtin_prefetch(parent + script[k + NEAR], 1);
            if (script[k + ABOVE] != NEVER) {
                const uint32_t next = above(parent, script[k + ABOVE]);
                if (next != NEVER) __builtin_prefetch(parent + next, 1);
            }
            for (; start + k >= tx_in[tx + 1]; tx++) head = NEVER;
            if (skip[tx] || script[k] == NEVER || above(parent, script[k]) == NEVER) continue;
            if (head == NEVER)
                head = script[k];
            else
                join(parent, head, script[k]);
            head = above(parent, head); /* nearer to the root: the next walk is shorter */
        }
    }
}

/* Each script's parent becomes the smallest of its set. Parents are smaller, so they are done already. */
EXPORT void cospend_flat(uint32_t *parent, uint64_t scripts) {
    for (uint64_t i = 0; i < scripts; i++) {
        if (i + NEAR < scripts && parent[i + NEAR] != NEVER) __builtin_prefetch(parent + parent[i + NEAR]);
        const uint64_t over = parent[i] == NEVER ? i : parent[i];
        parent[i] = parent[over];
    }
}
