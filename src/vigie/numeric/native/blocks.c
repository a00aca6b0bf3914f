/* Serialised blocks into columns. What and why: ../blocks.py; ../blocks_python.py does the same. */
#include "compact.h"
#include "scripts.h"
#include "sha256.h"

/* As ../blocks_codes.py numbers them. */
enum {
    SHORT = 1, SIZE_FORM, NO_INPUTS, NO_OUTPUTS, WITNESS_FORM, COINBASE_PLACE, AMOUNT, BEHIND, MERKLE, DOUBLED, COMMITMENT,
    HEAVY, ROOM,
};
enum { COINBASE = 1, SEGWIT = 2 };
enum { MOST_WEIGHT = 4000000 };
#define MOST_MONEY 2100000000000000u

/* Columns to be filled from `n_...` on; `most_...` fit. As blocks_native.py has it. */
struct columns {
    int64_t n_blocks, n_txs, n_ins, n_outs, n_bytes;
    int64_t most_blocks, most_txs, most_ins, most_outs, most_bytes;
    uint8_t *headers;
    uint32_t *block_bytes, *block_weight, *block_txs;
    int32_t *block_said;
    uint32_t *tx_ins, *tx_outs;
    int32_t *tx_version;
    uint32_t *tx_lock, *tx_vsize;
    uint8_t *tx_flags, *tx_hash;
    uint8_t *prev_tx;
    uint32_t *prev_vout;
    uint8_t *in_signs;
    int64_t *out_value;
    uint32_t *out_length;
    uint8_t *out_type, *scripts;
    uint8_t *work; /* most_txs * 32: hashes on their way to a root */
};

struct reader {
    const uint8_t *at, *end;
    int error;
};

static uint64_t size_of(struct reader *r) {
    uint64_t value = 0;
    if (!r->error) {
        int why = compact(&r->at, r->end, &value);
        if (why) r->error = why == COMPACT_SHORT ? SHORT : SIZE_FORM;
    }
    return value;
}

/* Steps over bytes; NULL where there are not so many. */
static const uint8_t *over(struct reader *r, uint64_t size) {
    const uint8_t *at = r->at;
    if (r->error) return NULL;
    if ((uint64_t)(r->end - at) < size) {
        r->error = SHORT;
        return NULL;
    }
    r->at += size;
    return at;
}

/* A count of things of which each has at least so many bytes. */
static uint64_t count_of(struct reader *r, uint64_t least) {
    uint64_t value = size_of(r);
    if (!r->error && value > (uint64_t)(r->end - r->at) / least) r->error = SHORT;
    return r->error ? 0 : value;
}

static int inputs(struct reader *r, struct columns *out, int first) {
    const uint8_t *at;
    uint64_t count = count_of(r, 41);
    if (r->error) return 0;
    if (!count) return r->error = NO_INPUTS, 0;
    if (count > (uint64_t)(out->most_ins - out->n_ins)) return r->error = ROOM, 0;
    for (uint64_t i = 0; i < count; i++) {
        if (!(at = over(r, 36))) return 0;
        int64_t place = out->n_ins + (int64_t)i;
        memcpy(out->prev_tx + 32 * place, at, 32);
        out->prev_vout[place] = little32(at + 32);
        int none = out->prev_vout[place] == 0xFFFFFFFF;
        for (int j = 0; none && j < 32; j++) none = at[j] == 0;
        if (none != first || (first && count != 1)) {
            r->at = at;
            return r->error = COINBASE_PLACE, 0;
        }
        over(r, size_of(r));
        if (!(at = over(r, 4))) return 0;
        uint32_t sequence = little32(at);
        out->in_signs[place] = sequence == 0xFFFFFFFF ? 0 : sequence == 0xFFFFFFFE ? 1 : 2;
    }
    out->tx_ins[out->n_txs] = (uint32_t)count;
    return 1;
}

static int outputs(struct reader *r, struct columns *out) {
    const uint8_t *at;
    uint64_t count = count_of(r, 9), total = 0;
    if (r->error) return 0;
    if (!count) return r->error = NO_OUTPUTS, 0;
    if (count > (uint64_t)(out->most_outs - out->n_outs)) return r->error = ROOM, 0;
    for (uint64_t i = 0; i < count; i++) {
        if (!(at = over(r, 8))) return 0;
        uint64_t value = little64(at);
        if (value > MOST_MONEY || (total += value) > MOST_MONEY) {
            r->at = at;
            return r->error = AMOUNT, 0;
        }
        uint64_t size = size_of(r);
        if (!(at = over(r, size))) return 0;
        if (size > (uint64_t)(out->most_bytes - out->n_bytes)) return r->error = ROOM, 0;
        out->out_value[out->n_outs] = (int64_t)value;
        out->out_length[out->n_outs] = (uint32_t)size;
        out->out_type[out->n_outs++] = scripts_type(at, (size_t)size);
        memcpy(out->scripts + out->n_bytes, at, (size_t)size);
        out->n_bytes += (int64_t)size;
    }
    out->tx_outs[out->n_txs] = (uint32_t)count;
    return 1;
}

/* What each input shows: its script, from `ins` on again, and its witness. `shown`: is there any witness at all? */
static void signs(struct reader *r, struct columns *out, const uint8_t *ins, int64_t count, int segwit, int *shown) {
    const uint8_t *end = r->end;
    uint64_t size = 0;
    compact(&ins, end, &size);
    for (int64_t i = 0; i < count; i++) {
        uint64_t items = segwit ? count_of(r, 1) : 0;
        const uint8_t *stack = r->at;
        for (uint64_t j = 0; j < items && !r->error; j++) over(r, size_of(r));
        if (r->error) return;
        *shown |= items != 0;
        ins += 36;
        compact(&ins, end, &size);
        out->in_signs[out->n_ins + i] |= scripts_signs(ins, (size_t)size, stack, items, end);
        ins += size + 4;
    }
}

/* What a block needs to know of a transaction. */
struct seen {
    uint64_t bare, whole; /* bytes without and with its witnesses */
    const uint8_t *script; /* of a coinbase */
    uint64_t script_size;
    const uint8_t *nonce; /* the one item of a coinbase's witness, if that has 32 bytes (BIP 141) */
};

static void coinbase(struct reader *r, const uint8_t *body, int segwit, struct seen *seen, int *shown) {
    uint64_t items = segwit ? count_of(r, 1) : 0;
    *shown = items != 0;
    seen->nonce = NULL;
    for (uint64_t i = 0; i < items && !r->error; i++) {
        uint64_t size = size_of(r);
        const uint8_t *at = over(r, size);
        if (items == 1 && size == 32) seen->nonce = at;
    }
    seen->script = body + 37;
    compact(&seen->script, r->end, &seen->script_size);
}

static int transaction(struct reader *r, struct columns *out, sha256_form form, int first, struct seen *seen) {
    const uint8_t *begin = over(r, 4), *body, *behind, *lock;
    int64_t tx = out->n_txs, count;
    if (!begin) return 0;
    if (tx >= out->most_txs) return r->error = ROOM, 0;
    int segwit = r->end - r->at >= 2 && r->at[0] == 0 && r->at[1] != 0, shown = 0;
    if (segwit) {
        if (r->at[1] != 1) return r->error = WITNESS_FORM, 0;
        r->at += 2;
    }
    body = r->at;
    if (!inputs(r, out, first) || !outputs(r, out)) return 0;
    behind = r->at;
    count = out->tx_ins[tx];
    if (first)
        coinbase(r, body, segwit, seen, &shown);
    else
        signs(r, out, body, count, segwit, &shown);
    if (segwit && !shown && !r->error) return r->error = WITNESS_FORM, 0;
    if (!(lock = over(r, 4))) return 0;
    seen->whole = (uint64_t)(r->at - begin);
    seen->bare = (uint64_t)(behind - body) + 8;
    struct sha256 hash;
    sha256_begin(&hash, form);
    if (segwit) {
        sha256_add(&hash, begin, 4);
        sha256_add(&hash, body, (size_t)(behind - body));
        sha256_add(&hash, lock, 4);
    } else
        sha256_add(&hash, begin, (size_t)seen->whole);
    sha256_end_twice(&hash, out->tx_hash + 32 * tx);
    if (first)
        memset(out->work + 32 * tx, 0, 32);
    else if (segwit) {
        sha256_begin(&hash, form);
        sha256_add(&hash, begin, (size_t)seen->whole);
        sha256_end_twice(&hash, out->work + 32 * tx);
    } else
        memcpy(out->work + 32 * tx, out->tx_hash + 32 * tx, 32);
    out->tx_version[tx] = (int32_t)little32(begin);
    out->tx_lock[tx] = little32(lock);
    out->tx_vsize[tx] = (uint32_t)((3 * seen->bare + seen->whole + 3) / 4);
    out->tx_flags[tx] = (uint8_t)((first ? COINBASE : 0) | (segwit ? SEGWIT : 0));
    out->n_ins += count;
    out->n_txs++;
    return 1;
}

/* The root of hashes, which it overwrites.
   Tells whether two that are paired are one (CVE-2012-2459). */
static int root(sha256_form form, uint8_t *hashes, int64_t count, uint8_t out[32]) {
    int doubled = 0;
    uint8_t pair[64];
    while (count > 1) {
        int64_t half = count / 2;
        for (int64_t i = 0; i < half; i++) doubled |= !memcmp(hashes + 64 * i, hashes + 64 * i + 32, 32);
        int odd = count & 1;
        if (odd) {
            memcpy(pair, hashes + 64 * half, 32);
            memcpy(pair + 32, pair, 32);
        }
        sha256_pairs(form, hashes, (size_t)half, hashes);
        if (odd) sha256_pairs(form, pair, 1, hashes + 32 * half);
        count = half + odd;
    }
    memcpy(out, hashes, 32);
    return doubled;
}

/* Where the last commitment to witnesses stands among a coinbase's outputs (BIP 141); NULL: there is none. */
static const uint8_t *committed(const struct columns *out, int64_t tx, int64_t first, const uint8_t *scripts) {
    const uint8_t *found = NULL;
    for (int64_t i = 0; i < out->tx_outs[tx]; i++) {
        uint32_t size = out->out_length[first + i];
        if (size >= 38 && !memcmp(scripts, "\x6a\x24\xaa\x21\xa9\xed", 6)) found = scripts + 6;
        scripts += size;
    }
    return found;
}

/* The height that a coinbase's script begins with (BIP 34): a push of up to 4 bytes, or a small number. */
static int32_t said(const uint8_t *script, uint64_t size) {
    if (!size) return -1;
    if (script[0] == 0) return 0;
    if (script[0] >= 0x51 && script[0] <= 0x60) return script[0] - 0x50;
    int wide = script[0];
    if (wide > 4 || (uint64_t)wide >= size || script[wide] & 0x80) return -1;
    uint32_t value = 0;
    for (int i = wide; i > 0; i--) value = value << 8 | script[i];
    return (int32_t)value;
}

static int block(struct reader *r, struct columns *out, sha256_form form) {
    const int64_t number = out->n_blocks, tx = out->n_txs, first_out = out->n_outs, first_byte = out->n_bytes;
    const uint8_t *begin = r->at, *header = over(r, 80);
    const uint64_t count = count_of(r, 60);
    if (r->error) return 0;
    if (number >= out->most_blocks) return r->error = ROOM, 0;
    if (!count) return r->error = COINBASE_PLACE, 0;
    uint64_t bare = (uint64_t)(r->at - begin);
    int any = 0;
    struct seen minted = {0}, one = {0};
    for (uint64_t i = 0; i < count; i++) {
        if (!transaction(r, out, form, i == 0, &one)) return 0;
        if (i == 0) minted = one;
        any |= out->tx_flags[tx + (int64_t)i] & SEGWIT;
        bare += one.bare;
    }
    const uint64_t whole = (uint64_t)(r->at - begin), weight = 3 * bare + whole;
    uint8_t found[64];
    if (r->at != r->end) return r->error = BEHIND, 0;
    if (weight > MOST_WEIGHT) return r->error = HEAVY, 0;
    if (any) {
        const uint8_t *commitment = committed(out, tx, first_out, out->scripts + first_byte);
        if (!commitment || !minted.nonce) return r->error = COMMITMENT, 0;
        root(form, out->work + 32 * tx, (int64_t)count, found);
        memcpy(found + 32, minted.nonce, 32);
        sha256_pairs(form, found, 1, found);
        if (memcmp(found, commitment, 32)) return r->error = COMMITMENT, 0;
    }
    memcpy(out->work + 32 * tx, out->tx_hash + 32 * tx, 32 * (size_t)count);
    int doubled = root(form, out->work + 32 * tx, (int64_t)count, found);
    if (memcmp(found, header + 36, 32)) return r->error = MERKLE, 0;
    if (doubled) return r->error = DOUBLED, 0;
    memcpy(out->headers + 80 * number, header, 80);
    out->block_bytes[number] = (uint32_t)whole;
    out->block_weight[number] = (uint32_t)weight;
    out->block_txs[number] = (uint32_t)count;
    out->block_said[number] = said(minted.script, minted.script_size);
    out->n_blocks++;
    return 1;
}

/* Blocks at spans[2 * count] (first byte, byte behind) of `bytes`, those that are sound. Of each 0 or why it is not, and
   the byte at which that was found; of one that is not, nothing is left in the columns. */
EXPORT void blocks_parse(int sha, const uint8_t *bytes, const int64_t *spans, int64_t count, struct columns *out,
                         int32_t *why, int64_t *where) {
    sha256_form form = sha256_of_number(sha);
    for (int64_t i = 0; i < count; i++) {
        struct reader r = {bytes + spans[2 * i], bytes + spans[2 * i + 1], 0};
        const int64_t txs = out->n_txs, ins = out->n_ins, outs = out->n_outs, scripts = out->n_bytes;
        block(&r, out, form);
        why[i] = r.error;
        where[i] = r.at - bytes;
        if (!r.error) continue;
        out->n_txs = txs;
        out->n_ins = ins;
        out->n_outs = outs;
        out->n_bytes = scripts;
    }
}

/* The root of each run of hashes, and whether its tail is doubled. `work`: as many hashes as the longest run. */
EXPORT void blocks_roots(int sha, const uint8_t *hashes, const int64_t *starts, int64_t count, uint8_t *work, uint8_t *roots,
                         uint8_t *doubled) {
    for (int64_t i = 0; i < count; i++) {
        const int64_t many = starts[i + 1] - starts[i];
        memcpy(work, hashes + 32 * starts[i], 32 * (size_t)many);
        doubled[i] = (uint8_t)root(sha256_of_number(sha), work, many, roots + 32 * i);
    }
}

/* The rows of a merkle tree above the first, one behind the other: half as many hashes each, the last doubled where they are
   odd, until one is left. */
EXPORT void blocks_rows(int sha, const uint8_t *hashes, int64_t count, uint8_t *out) {
    const sha256_form form = sha256_of_number(sha);
    while (count > 1) {
        const int64_t half = count / 2;
        sha256_pairs(form, hashes, (size_t)half, out);
        if (count & 1) {
            uint8_t pair[64];
            memcpy(pair, hashes + 64 * half, 32);
            memcpy(pair + 32, pair, 32);
            sha256_pairs(form, pair, 1, out + 32 * half);
        }
        count = half + (count & 1);
        hashes = out;
        out += 32 * count;
    }
}
