/* Scripts that are spent together: union-find over the inputs of a chain. What and why: ../cospend.py.

   Rem's algorithm with splicing (Patwary, Blair, Manne 2010). Nearly all the time goes on waiting for memory: what an
   input names, and the parent of that, lie anywhere. So both are asked for ahead of where they are used. */
#include "cpu.h"

enum { FAR = 48, NEAR = 24, ANYONE_CAN_PAY = 4 };
static const uint32_t NEVER = 0xFFFFFFFF;

struct spends {
    const uint64_t *tx_in;
    const uint32_t *prev_low;
    const uint8_t *prev_high, *in_signs;
    const uint32_t *out_script;
    uint64_t outs;
    uint64_t scripts;
};

static uint64_t spent(const struct spends *of, uint64_t i) {
    return (uint64_t)of->prev_low[i] | (uint64_t)of->prev_high[i] << 32;
}

static void ahead(const struct spends *of, uint64_t i, uint64_t inputs, const uint32_t *parent) {
    if (i + FAR < inputs) {
        const uint64_t out = spent(of, i + FAR);
        if (out < of->outs) __builtin_prefetch(of->out_script + out);
    }
    if (i + NEAR < inputs) {
        const uint64_t out = spent(of, i + NEAR);
        if (out < of->outs && of->out_script[out] < of->scripts) __builtin_prefetch(parent + of->out_script[out], 1);
    }
}

/* skip[txs]; parent[scripts]: itself or NEVER at first, the smallest of its set at the end. */
EXPORT void cospend_unite(
    const uint64_t *tx_in, const uint32_t *prev_low, const uint8_t *prev_high, const uint8_t *in_signs,
    const uint32_t *out_script, uint64_t outs, const uint8_t *skip, uint64_t txs, uint32_t *parent, uint64_t scripts) {
    const struct spends of = {tx_in, prev_low, prev_high, in_signs, out_script, outs, scripts};
    const uint64_t inputs = txs ? tx_in[txs] : 0;
    for (uint64_t tx = 0; tx < txs; tx++) {
        uint32_t head = NEVER;
        if (skip[tx] || tx_in[tx + 1] < tx_in[tx] + 2) continue;
        for (uint64_t i = tx_in[tx]; i < tx_in[tx + 1]; i++) {
            ahead(&of, i, inputs, parent);
            const uint64_t out = spent(&of, i);
            if (in_signs[i] & ANYONE_CAN_PAY || out >= outs) continue;
            uint32_t v = out_script[out];
            if (v >= scripts || parent[v] == NEVER) continue;
            if (head == NEVER) {
                head = v;
                continue;
            }
            uint32_t u = head;
            while (parent[u] != parent[v]) {
                if (parent[u] < parent[v]) {
                    const uint32_t other = u;
                    u = v, v = other;
                }
                const uint32_t above = parent[u];
                parent[u] = parent[v];
                if (u == above) break;
                u = above;
            }
            head = parent[head]; /* nearer to the root: the next walk is shorter */
        }
    }
    for (uint64_t i = 0; i < scripts; i++)
        if (parent[i] != NEVER) parent[i] = parent[parent[i]];
}
