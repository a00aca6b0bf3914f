/* Traces of satoshi by haircut and first in, first out: what and why in ../tainting*.py, which do the same in numba.

   Nodes stand in records of one cache line or less, for each step goes to places that lie anywhere: what a transaction
   spends, and what spends its outputs. Both are asked for ahead of where they are used. */
#define _DEFAULT_SOURCE /* else strict C leaves madvise out, without a word */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "cpu.h"

enum { OWN, SERVICE, CLUSTER, SWAP, COINBASE, UNSPENT, MISSING, CYCLE, COINJOIN, FANOUT, VALUE, FRACTION, DATE, HOPS,
       LIMIT };
enum { SHIFT = 12, FAR = 48, NEAR = 20 };
static const int64_t MOST_MONEY = 2100000000000000;
static const int64_t MOST_WAYS = 0x7FFFFFFF;
static const uint32_t NO_TX = 0xFFFFFFFF;

struct chain {
    const uint64_t *tx_in, *tx_out;
    const uint32_t *prev_low;
    const uint8_t *prev_high;
    const int64_t *value;
    const uint32_t *spender, *script;
    const uint8_t *tx_marks, *script_marks;
    int64_t n_tx, n_in, n_out, scoped, backward;
    int64_t rules[6]; /* hops, peel_hops, least_sat, fan_out, least_permille, most_nodes */
};

struct node { /* tainting_native.NODE */
    int64_t out, amount;
    int32_t colour, parent, ways, depth, after;
    int8_t stop;
    uint8_t sure;
};

/* Haircut: what is done with one colour in one transaction. FIFO uses some of it. */
struct colour {
    int64_t first, until, count, fee, fee_txs, reached;
    int64_t seen, came, most, ways, fee_seen, mark, run_sum;
    int32_t most_node, run_from;
};

/* FIFO: what a later transaction has to know of a node stands here too, so that it reads one place and not two.
   ~node: the last of its list. */
struct piece { int64_t from, length; int32_t node, colour, ways, depth; };

struct made {
    struct node *nodes;
    int64_t many, room;
    struct piece *pieces;
    int64_t n_pieces, piece_room;
    int64_t idle; /* 1 + a piece that was a list of its own and is read; its ``from`` says the next one */
    struct colour *colours;
    uint32_t *held; /* [n_out] 1 + first node, or piece */
    uint8_t *wanted, *far;
    int failed;
};

static int64_t prev_of(const struct chain *c, int64_t at) {
    return (int64_t)c->prev_low[at] | (int64_t)c->prev_high[at] << 32;
}

static int64_t tx_of(const struct chain *c, int64_t out) {
    int64_t low = 0, high = c->n_tx;
    while (high - low > 1) {
        const int64_t middle = (low + high) >> 1;
        if ((int64_t)c->tx_out[middle] <= out) low = middle;
        else high = middle;
    }
    while ((int64_t)c->tx_out[low + 1] <= out) low++;
    return low;
}

static int64_t after_of(const struct chain *c, int64_t out) {
    if (c->backward) return tx_of(c, out);
    return c->spender[out] == NO_TX ? -1 : (int64_t)c->spender[out];
}

static int rest_of(const struct chain *c, int64_t tx, int64_t out) {
    const uint8_t marks = c->tx_marks[tx];
    return marks & 16 && out - (int64_t)c->tx_out[tx] == (marks & 32 ? 1 : 0);
}

static int own(const struct chain *c, int64_t tx, uint32_t script) {
    for (uint64_t at = c->tx_in[tx]; at < c->tx_in[tx + 1]; at++) {
        const int64_t before = prev_of(c, (int64_t)at);
        if (before < c->n_out && c->script[before] == script) return 1;
    }
    return 0;
}

static int with_others(const struct chain *c, int64_t tx) {
    for (uint64_t at = c->tx_in[tx]; at < c->tx_in[tx + 1]; at++) {
        const int64_t before = prev_of(c, (int64_t)at);
        if (before < c->n_out && !(c->script_marks[c->script[before]] & 8)) return 1;
    }
    return 0;
}

static int came_home(const struct chain *c, const struct node *nodes, const struct node *node, int64_t made_by) {
    if (node->parent < 0 || !(c->script_marks[c->script[node->out]] & 8)) return 0;
    return !(c->script_marks[c->script[nodes[node->parent].out]] & 8) || (c->backward && with_others(c, made_by));
}

static int backward_stop(const struct chain *c, int64_t made_by, int64_t next) {
    int large = 0;
    if (c->tx_marks[next] & 8) return MISSING;
    if (c->tx_marks[next] & 4) return COINBASE;
    if (made_by >= 0 && next >= made_by) return CYCLE;
    for (uint64_t at = c->tx_in[next]; at < c->tx_in[next + 1]; at++) {
        const int64_t before = prev_of(c, (int64_t)at);
        if (before >= c->n_out) continue;
        const uint8_t marks = c->script_marks[c->script[before]];
        if (marks & 3) return SERVICE;
        large = large || marks & 4;
    }
    return large ? CLUSTER : -1;
}

static int forward_stop(const struct chain *c, int64_t out, int64_t made_by, int64_t next) {
    if (made_by >= 0) {
        const uint8_t marks = c->script_marks[c->script[out]];
        if (marks & 3) return SERVICE;
        if (marks & 4) return CLUSTER;
        if (c->tx_marks[made_by] & 2 && !own(c, made_by, c->script[out])) return SWAP;
    }
    if (next < 0) return c->scoped ? MISSING : UNSPENT;
    return made_by >= 0 && next <= made_by ? CYCLE : -1;
}

/* Why a node is an end, or -1: tainting_nodes.onward. */
static int onward(const struct chain *c, const struct node *nodes, const struct node *node, const struct colour *of,
                  int64_t made_by, int64_t next, int64_t count) {
    const int64_t *rules = c->rules;
    if (came_home(c, nodes, node, made_by)) return OWN;
    const int stop = c->backward ? backward_stop(c, made_by, next) : forward_stop(c, node->out, made_by, next);
    if (stop >= 0) return stop;
    const uint8_t marks = c->tx_marks[next];
    if (marks & 1) return COINJOIN;
    if ((int64_t)(c->tx_out[next + 1] - c->tx_out[next]) > rules[3]) return FANOUT;
    if (node->amount < rules[2]) return VALUE;
    if (rules[4] > 0 && (__int128)node->amount * 1000 < (__int128)rules[4] * c->value[node->out]) return FRACTION;
    if (next < of->first || next >= of->until) return DATE;
    if (node->depth >= rules[0] &&
        !(marks & 16 && node->depth < rules[1] &&
          (node->depth == rules[0] || rest_of(c, c->backward ? next : made_by, node->out))))
        return HOPS;
    return count >= rules[5] ? LIMIT : -1;
}

/* Large pages where the system has them: without, each step waits for page tables as well. */
static void *large(void *at, size_t size) {
#ifdef MADV_HUGEPAGE
    const uintptr_t from = ((uintptr_t)at + 4095) & ~(uintptr_t)4095, end = ((uintptr_t)at + size) & ~(uintptr_t)4095;
    if (at && size > 1 << 22) madvise((void *)from, end - from, MADV_HUGEPAGE); /* advice: it may be ignored */
#else
    (void)size;
#endif
    return at;
}

/* Room for as many as there are likely to be, in large pages: what is not used takes no memory, and growing would move
   large pages to where they are none. Less where the system gives no such room; NULL: not for ``least``. */
static void *roomy_for(int64_t *room, int64_t least, size_t size) {
    for (; *room > least; *room /= 2) {
        const size_t page = 1 << 21, bytes = ((size_t)*room * size + page - 1) / page * page;
        void *wide = bytes > 2 * page ? aligned_alloc(page, bytes) : malloc(bytes);
        if (wide) return large(wide, bytes);
    }
    *room = least;
    return malloc((size_t)least * size);
}

static int grow(void **array, int64_t *room, size_t size) {
    if (*room > INT32_MAX / 2) return 0;
    void *wide = realloc(*array, (size_t)(2 * *room) * size);
    if (!wide) return 0;
    large(wide, (size_t)(2 * *room) * size);
    *array = wide, *room *= 2;
    return 1;
}

static struct node *new_node(struct made *m) {
    if (m->many == m->room && !grow((void **)&m->nodes, &m->room, sizeof(struct node))) {
        m->failed = 1;
        return NULL;
    }
    return m->nodes + m->many++;
}

static int new_piece(struct made *m, struct piece piece) {
    if (m->n_pieces == m->piece_room && !grow((void **)&m->pieces, &m->piece_room, sizeof(struct piece))) {
        m->failed = 1;
        return 0;
    }
    m->pieces[m->n_pieces++] = piece;
    return 1;
}

static void want(struct made *m, int64_t tx) {
    m->wanted[tx] = 1;
    m->far[tx >> SHIFT] = 1;
}

static int seed(const struct chain *c, struct made *m, int64_t out, int32_t colour) {
    struct node *node = new_node(m);
    if (!node) return 0;
    const int64_t after = after_of(c, out);
    *node = (struct node){.out = out, .amount = c->value[out], .colour = colour, .parent = -1, .ways = 1, .sure = 1};
    node->stop = (int8_t)onward(c, m->nodes, node, m->colours + colour, -1, after, 0);
    if (node->stop < 0) want(m, after);
    return 1;
}

/* Ask for what the inputs and outputs of the transactions to come will touch. */
static inline void ahead(const struct chain *c, const struct made *m, int64_t i0, int64_t i1, int64_t o0, int64_t o1,
                         int haircut) {
    for (int64_t i = i0 + FAR; i < i1 + FAR && i < c->n_in; i++) {
        const int64_t far = prev_of(c, i), near = prev_of(c, i - FAR + NEAR);
        if (far < c->n_out) {
            __builtin_prefetch(m->held + far);
            __builtin_prefetch(c->value + far);
        }
        const int64_t at = near < c->n_out ? (int64_t)m->held[near] - 1 : -1;
        if (at < 0) continue;
        if (haircut) { /* a node may lie in two lines */
            __builtin_prefetch(&m->nodes[at].out);
            __builtin_prefetch(&m->nodes[at].sure);
        } else {
            __builtin_prefetch(m->pieces + at);
        }
    }
    for (int64_t o = o0 + FAR; o < o1 + FAR && o < c->n_out; o++) {
        const uint32_t tx = c->spender[o];
        if (tx != NO_TX) {
            __builtin_prefetch(c->tx_out + tx);
            __builtin_prefetch(c->tx_marks + tx);
            __builtin_prefetch(m->wanted + tx, 1);
        }
        __builtin_prefetch(c->script_marks + c->script[o]);
    }
}

/* Room for the widest transaction: what it divides. */
struct room {
    int64_t *weights, *given, *rest, *here, size;
};

static int roomy(struct room *r, int64_t size) {
    if (size <= r->size) return 1;
    free(r->weights), free(r->given), free(r->rest);
    r->size = 2 * size;
    r->weights = malloc((size_t)r->size * 8), r->given = malloc((size_t)r->size * 8), r->rest = malloc((size_t)r->size * 8);
    return r->weights && r->given && r->rest;
}

/* One more for each of the ``left`` largest remainders, without sorting: find the least of them by halving. */
static void many_left(const struct room *r, int64_t many, int64_t whole, int64_t left) {
    int64_t low = 0, high = whole; /* at least ``left`` are >= low; fewer are >= high */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        int64_t count = 0;
        for (int64_t i = 0; i < many; i++) count += r->rest[i] >= middle;
        if (count >= left) low = middle;
        else high = middle;
    }
    for (int64_t i = 0; i < many; i++)
        if (r->rest[i] > low) r->given[i]++, left--;
    for (int64_t i = 0; i < many && left > 0; i++)
        if (r->rest[i] == low) r->given[i]++, left--;
}

/* Hamilton's method, ties to the lowest place. */
static void shares(int64_t amount, const struct room *r, int64_t many, int64_t whole) {
    if (amount == whole) {
        memcpy(r->given, r->weights, (size_t)many * 8);
        return;
    }
    int64_t left = amount;
    const double part = (double)amount / (double)whole;
    for (int64_t i = 0; i < many; i++) {
        uint64_t quotient = (uint64_t)(part * (double)r->weights[i]);
        /* the true remainder is small: what wraps cancels */
        int64_t rest = (int64_t)((uint64_t)amount * (uint64_t)r->weights[i] - quotient * (uint64_t)whole);
        while (rest < 0) quotient--, rest += whole;
        while (rest >= whole) quotient++, rest -= whole;
        r->given[i] = (int64_t)quotient, r->rest[i] = rest;
        left -= (int64_t)quotient;
    }
    if (left > 8) {
        many_left(r, many, whole, left);
        return;
    }
    for (; left > 0; left--) {
        int64_t best = 0;
        for (int64_t i = 1; i < many; i++)
            if (r->rest[i] > r->rest[best]) best = i;
        r->given[best]++, r->rest[best] = -1;
    }
}

/* What the inputs of a transaction are worth; -1: that is not known. */
static int64_t worth(const struct chain *c, int64_t i0, int64_t i1, int64_t o0) {
    int64_t whole = 0;
    for (int64_t k = i0; k < i1; k++) {
        const int64_t o = prev_of(c, k);
        if (o >= o0 || c->value[o] < 0 || c->value[o] > MOST_MONEY || whole > MOST_MONEY) return -1;
        whole += c->value[o];
    }
    return whole > 0 && whole <= MOST_MONEY ? whole : -1;
}

static int haircut_tx(const struct chain *c, struct made *m, struct room *r, int64_t tx) {
    const int64_t i0 = (int64_t)c->tx_in[tx], i1 = (int64_t)c->tx_in[tx + 1];
    const int64_t o0 = (int64_t)c->tx_out[tx], o1 = (int64_t)c->tx_out[tx + 1];
    const int64_t src0 = c->backward ? o0 : i0, src1 = c->backward ? o1 : i1;
    const int64_t snk0 = c->backward ? i0 : o0, snk1 = c->backward ? i1 : o1;
    ahead(c, m, i0, i1, o0, o1, 1);
    const int64_t whole = worth(c, i0, i1, o0);
    int64_t n = 0;
    for (int64_t k = src0; k < src1; k++) {
        const int64_t o = c->backward ? k : prev_of(c, k);
        int64_t at = o >= c->n_out ? -1 : (int64_t)m->held[o] - 1;
        if (at >= 0 && !c->backward) m->held[o] = 0; /* nothing is spent twice */
        while (at >= 0) {
            struct node *node = m->nodes + at;
            struct colour *of = m->colours + node->colour;
            at = (int64_t)node->after - 1;
            if (whole < 0) {
                node->stop = MISSING;
                continue;
            }
            if (of->seen != tx) {
                of->seen = tx, of->came = 0, of->most = -1, of->ways = 0, of->reached++;
                r->here[n++] = node->colour;
            }
            of->came += node->amount;
            of->ways = of->ways + node->ways < MOST_WAYS ? of->ways + node->ways : MOST_WAYS;
            if (node->amount > of->most) of->most = node->amount, of->most_node = (int32_t)(node - m->nodes);
        }
    }
    if (n == 0) return 1;
    const int64_t size = snk1 - snk0 + (c->backward ? 0 : 1);
    if (!roomy(r, size)) return 0;
    int64_t left = whole;
    for (int64_t k = snk0; k < snk1; k++) {
        r->weights[k - snk0] = c->value[c->backward ? prev_of(c, k) : k];
        if (r->weights[k - snk0] < 0 || r->weights[k - snk0] > left) return 1; /* no chain makes more than it spends */
        left -= r->weights[k - snk0];
    }
    if (!c->backward) r->weights[size - 1] = left;
    for (int64_t p = 0; p < n; p++) {
        const int32_t colour = (int32_t)r->here[p];
        struct colour *of = m->colours + colour;
        if (of->came > whole) continue;
        shares(of->came, r, size, whole);
        for (int64_t k = snk0; k < snk1; k++) {
            const int64_t share = r->given[k - snk0];
            if (share == 0) continue;
            const int64_t o = c->backward ? prev_of(c, k) : k, after = after_of(c, o);
            struct node *node = new_node(m);
            if (!node) return 0;
            *node = (struct node){.out = o, .amount = share, .colour = colour, .parent = of->most_node,
                                  .ways = (int32_t)of->ways, .depth = m->nodes[of->most_node].depth + 1};
            node->sure = snk1 - snk0 == 1 || (!c->backward && of->came == whole);
            node->stop = (int8_t)onward(c, m->nodes, node, of, tx, after, ++of->count);
            if (node->stop < 0) {
                node->after = (int32_t)m->held[o];
                m->held[o] = (uint32_t)m->many;
                want(m, after);
            }
        }
        if (!c->backward && r->given[size - 1]) of->fee += r->given[size - 1], of->fee_txs++;
    }
    return 1;
}

/* FIFO: the queue of one transaction, as stretches. */
struct queue {
    struct stretch { int64_t from, end; int32_t node, colour, ways, depth; } *at;
    int64_t many, room;
};

static int queued(struct queue *q, int64_t position, const struct piece *piece) {
    if (q->many == q->room && !grow((void **)&q->at, &q->room, sizeof *q->at)) return 0;
    const int32_t node = piece->node < 0 ? ~piece->node : piece->node;
    const int64_t from = position + piece->from;
    q->at[q->many++] = (struct stretch){from, from + piece->length, node, piece->colour, piece->ways, piece->depth};
    return 1;
}

/* Returns what comes in, in all; -1: not known. -2: no memory. */
static int64_t line_up(const struct chain *c, struct made *m, struct queue *q, int64_t src0, int64_t src1, int64_t o0,
                       int64_t tx) {
    int64_t position = 0;
    int known = 1;
    q->many = 0;
    for (int64_t k = src0; k < src1; k++) {
        const int64_t o = c->backward ? k : prev_of(c, k);
        const int64_t value = o >= c->n_out ? -1 : c->value[o];
        if (value < 0 || value > MOST_MONEY || (!c->backward && o >= o0)) {
            known = 0;
            continue;
        }
        if (m->held[o]) {
            const int64_t first = m->held[o] - 1;
            const struct piece *piece = m->pieces + first;
            if (!c->backward) m->held[o] = 0; /* nothing is spent twice */
            for (int more = 1; more; piece++) {
                more = piece->node >= 0;
                if (!known) {
                    m->nodes[more ? piece->node : ~piece->node].stop = MISSING;
                    continue;
                }
                if (!queued(q, position, piece)) return -2;
                struct colour *of = m->colours + piece->colour;
                if (of->seen != tx) of->seen = tx, of->came = 0, of->reached++;
                of->came += piece->length;
            }
            if (piece == m->pieces + first + 1) m->pieces[first].from = m->idle, m->idle = first + 1;
        }
        position += value;
        if (position > MOST_MONEY) known = 0;
    }
    return known ? position : -1;
}

/* Seeds that stand at an output go before what comes to it. */
static int seeds_first(struct made *m, int64_t held) {
    int32_t raw = 0;
    for (int64_t s = held - 1; held && raw >= 0; s++) {
        struct piece piece = m->pieces[s];
        raw = piece.node;
        if (raw < 0) piece.node = ~raw;
        if (!new_piece(m, piece)) return 0;
    }
    return 1;
}

/* Part [a, b) of a stretch goes to output o, which begins at ``begin``; ``base``: its first node. */
static int part(struct made *m, int64_t o, const struct stretch *from, int64_t a, int64_t b, int64_t begin,
                int64_t base, int64_t kept, int sure_out, int64_t whole) {
    const int32_t source = from->node, colour = from->colour;
    struct colour *of = m->colours + colour;
    if (of->mark < base) {
        struct node *node = new_node(m);
        if (!node) return 0;
        *node = (struct node){.out = o, .colour = colour, .parent = source, .depth = from->depth + 1};
        node->sure = sure_out || of->came == whole;
        of->mark = m->many - 1, of->run_from = -1, of->most = 0;
    }
    struct node *node = m->nodes + of->mark;
    if (of->run_from != source) {
        const int64_t ways = (int64_t)node->ways + from->ways;
        of->run_from = source, of->run_sum = 0;
        node->ways = (int32_t)(ways < MOST_WAYS ? ways : MOST_WAYS);
    }
    of->run_sum += b - a;
    node->amount += b - a;
    if (of->run_sum > of->most) of->most = of->run_sum, node->parent = source, node->depth = from->depth + 1;
    if (m->n_pieces > kept) {
        struct piece *last = m->pieces + m->n_pieces - 1;
        if (last->node == (int32_t)of->mark && last->from + last->length == a - begin) {
            last->length += b - a;
            return 1;
        }
    }
    return new_piece(m, (struct piece){a - begin, b - a, (int32_t)of->mark, colour, 0, 0});
}

/* Say of the new nodes of an output whether they go on, and keep the pieces of those that do. */
static void settle(const struct chain *c, struct made *m, int64_t o, int64_t tx, int64_t base, int64_t before,
                   int64_t kept) {
    const int64_t after = after_of(c, o);
    int live = 0;
    for (int64_t at = base; at < m->many; at++) {
        struct node *node = m->nodes + at;
        struct colour *of = m->colours + node->colour;
        node->stop = (int8_t)onward(c, m->nodes, node, of, tx, after, ++of->count);
        live |= node->stop < 0;
    }
    if (!live) {
        m->n_pieces = before;
        return;
    }
    int64_t w = kept;
    for (int64_t s = kept; s < m->n_pieces; s++) {
        const struct node *node = m->nodes + m->pieces[s].node;
        if (node->stop >= 0) continue;
        struct piece piece = m->pieces[s];
        piece.ways = node->ways, piece.depth = node->depth;
        m->pieces[w++] = piece;
    }
    m->n_pieces = w;
    m->pieces[w - 1].node = ~m->pieces[w - 1].node;
    if (w == before + 1 && m->idle) { /* what is used again is near, and needs no new page */
        const int64_t place = m->idle - 1;
        m->idle = m->pieces[place].from;
        m->pieces[place] = m->pieces[before];
        m->n_pieces = before;
        m->held[o] = (uint32_t)(place + 1);
    } else {
        m->held[o] = (uint32_t)(before + 1);
    }
    want(m, after);
}

/* What of the queue no output took: the fee; backward, and where a place is not known, it ends here. */
static int leftover(struct made *m, const struct queue *q, int64_t lo, int64_t begin, int lost, int64_t tx) {
    for (; lo < q->many; lo++) {
        const int64_t a = q->at[lo].from > begin ? q->at[lo].from : begin, length = q->at[lo].end - a;
        if (length <= 0) continue;
        const int32_t source = q->at[lo].node;
        struct colour *of = m->colours + q->at[lo].colour;
        if (!lost) {
            of->fee += length;
            if (of->fee_seen != tx) of->fee_seen = tx, of->fee_txs++;
            continue;
        }
        struct node *last = m->nodes + m->many - 1;
        if (m->many && last->stop == MISSING && last->parent == source && of->mark == m->many - 1) {
            last->amount += length;
            continue;
        }
        const struct node *from = m->nodes + source;
        const struct node made = {.out = from->out, .amount = length, .colour = from->colour, .parent = source,
                                  .ways = from->ways, .depth = from->depth, .stop = MISSING};
        struct node *node = new_node(m);
        if (!node) return 0;
        *node = made;
        of->mark = m->many - 1;
    }
    return 1;
}

static int fifo_tx(const struct chain *c, struct made *m, struct queue *q, int64_t tx) {
    const int64_t i0 = (int64_t)c->tx_in[tx], i1 = (int64_t)c->tx_in[tx + 1];
    const int64_t o0 = (int64_t)c->tx_out[tx], o1 = (int64_t)c->tx_out[tx + 1];
    const int64_t snk0 = c->backward ? i0 : o0, snk1 = c->backward ? i1 : o1;
    ahead(c, m, i0, i1, o0, o1, 0);
    const int64_t whole = line_up(c, m, q, c->backward ? o0 : i0, c->backward ? o1 : i1, o0, tx);
    if (whole == -2) return 0;
    if (q->many == 0) return 1;
    int64_t lo = 0, begin = 0;
    int lost = c->backward != 0;
    for (int64_t k = snk0; k < snk1; k++) {
        const int64_t o = c->backward ? prev_of(c, k) : k;
        const int64_t value = o >= c->n_out ? -1 : c->value[o];
        if (value < 0 || value > MOST_MONEY || begin > MOST_MONEY || (c->backward && o >= o0)) {
            lost = 1; /* from here on no place is known */
            break;
        }
        const int64_t end = begin + value;
        while (lo < q->many && q->at[lo].end <= begin) lo++;
        if (lo == q->many) break;
        if (q->at[lo].from < end) {
            const int64_t before = m->n_pieces, base = m->many;
            if (!seeds_first(m, m->held[o])) return 0;
            const int64_t kept = m->n_pieces;
            for (int64_t j = lo; j < q->many && q->at[j].from < end; j++) {
                if (q->at[j].end <= begin) continue;
                const int64_t a = q->at[j].from > begin ? q->at[j].from : begin;
                const int64_t b = q->at[j].end < end ? q->at[j].end : end;
                if (!part(m, o, q->at + j, a, b, begin, base, kept, snk1 - snk0 == 1, c->backward ? -2 : whole))
                    return 0;
            }
            settle(c, m, o, tx, base, before, kept);
        }
        begin = end;
    }
    return leftover(m, q, lo, begin, lost, tx);
}

static int seeded(const struct chain *c, struct made *m, const int64_t *seeds, const int64_t *colour,
                  const int64_t *order, int64_t many, int haircut) {
    for (int64_t at = 0; at < many;) {
        const int64_t o = seeds[order[at]], start = m->n_pieces;
        for (; at < many && seeds[order[at]] == o; at++) {
            if (!seed(c, m, o, (int32_t)colour[order[at]])) return 0;
            struct node *node = m->nodes + m->many - 1;
            if (node->stop >= 0) continue;
            if (!haircut) {
                if (!new_piece(m, (struct piece){0, c->value[o], (int32_t)(m->many - 1), node->colour, 1, 0})) return 0;
                continue;
            }
            node->after = (int32_t)m->held[o];
            m->held[o] = (uint32_t)m->many;
        }
        if (m->n_pieces > start) {
            m->pieces[m->n_pieces - 1].node = ~m->pieces[m->n_pieces - 1].node;
            m->held[o] = (uint32_t)(start + 1);
        }
    }
    return 1;
}

static int walk(const struct chain *c, struct made *m, struct room *r, struct queue *q) {
    const int64_t farthest = c->n_tx >> SHIFT;
    for (int64_t n = 0; n <= farthest; n++) {
        const int64_t far = c->backward ? farthest - n : n;
        if (!m->far[far]) continue;
        const int64_t low = far << SHIFT, high = low + (1 << SHIFT) < c->n_tx ? low + (1 << SHIFT) : c->n_tx;
        for (int64_t k = 0; k < high - low; k++) {
            const int64_t tx = c->backward ? high - 1 - k : low + k;
            if (m->wanted[tx] && !(r ? haircut_tx(c, m, r, tx) : fifo_tx(c, m, q, tx))) return 0;
        }
    }
    return 1;
}

static void *zeros(int64_t many, size_t size) {
    const size_t held = (size_t)(many > 0 ? many : 1);
    return large(calloc(held, size), held * size);
}

/* Returns what tainting_take is to be given, or NULL: there is no memory for it. */
EXPORT struct made *tainting_run(const struct chain *c, const int64_t *seeds, const int64_t *colour,
                                 const int64_t *order, int64_t n_seeds, int64_t colours, const int64_t *first,
                                 const int64_t *until, int64_t haircut) {
    struct made *m = zeros(1, sizeof *m);
    struct room r = {0};
    struct queue q = {0};
    if (!m) return NULL;
    const int64_t least = 1024 + 4 * n_seeds, most = c->n_out + 2 * n_seeds < INT32_MAX / 2 ? c->n_out + 2 * n_seeds : INT32_MAX / 2;
    m->room = most, m->piece_room = haircut ? 0 : most, q.room = 1024;
    m->nodes = roomy_for(&m->room, least, sizeof(struct node));
    m->pieces = roomy_for(&m->piece_room, least, sizeof(struct piece));
    m->colours = zeros(colours, sizeof(struct colour)), m->held = zeros(c->n_out, sizeof *m->held);
    m->wanted = zeros(c->n_tx, 1), m->far = zeros((c->n_tx >> SHIFT) + 1, 1);
    r.here = zeros(colours, 8), q.at = malloc((size_t)q.room * sizeof *q.at);
    int good = m->nodes && m->pieces && m->colours && m->held && m->wanted && m->far && r.here && q.at;
    for (int64_t one = 0; good && one < colours; one++) {
        struct colour *of = m->colours + one;
        of->first = first[one], of->until = until[one];
        of->seen = of->fee_seen = of->mark = of->run_from = -1;
    }
    good = good && seeded(c, m, seeds, colour, order, n_seeds, haircut != 0);
    good = good && walk(c, m, haircut ? &r : NULL, &q) && !m->failed;
    free(r.weights), free(r.given), free(r.rest), free(r.here), free(q.at);
    free(m->pieces), free(m->held), free(m->wanted), free(m->far);
    m->pieces = NULL, m->held = NULL, m->wanted = NULL, m->far = NULL;
    if (good) return m;
    free(m->nodes), free(m->colours), free(m);
    return NULL;
}

/* The nodes, and how many; they are the caller's from now on: tainting_free. fee, fee_txs, reached: [colours]. */
EXPORT struct node *tainting_take(struct made *m, int64_t colours, int64_t *many, int64_t *fee, int64_t *fee_txs,
                                  int64_t *reached) {
    for (int64_t one = 0; one < colours; one++) {
        const struct colour *of = m->colours + one;
        fee[one] = of->fee, fee_txs[one] = of->fee_txs, reached[one] = of->reached;
    }
    struct node *nodes = realloc(m->nodes, (size_t)(m->many ? m->many : 1) * sizeof *nodes);
    nodes = nodes ? nodes : m->nodes;
    *many = m->many;
    free(m->colours), free(m);
    return nodes;
}

/* What ended, in all: out[2], its low 32 bits of each node and the rest, for the sum may need more than 64. */
EXPORT void tainting_ended(const struct node *nodes, int64_t many, uint64_t *out) {
    out[0] = out[1] = 0;
    for (int64_t at = 0; at < many; at++) {
        if (nodes[at].stop < 0) continue;
        out[0] += (uint64_t)nodes[at].amount & 0xFFFFFFFF;
        out[1] += (uint64_t)nodes[at].amount >> 32;
    }
}

EXPORT void tainting_free(struct node *nodes) { free(nodes); }
