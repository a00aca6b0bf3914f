/* What scripts tell without being run. What and why: ../scripts_python.py. */
#include "scripts.h"

#include "compact.h"

enum {
    P2PK = 1, P2PKH, P2SH, MULTISIG, P2WPKH, P2WSH, P2TR, ANCHOR, WITNESS, OP_RETURN, NONSTANDARD,
};
enum { ANYONE_CAN_PAY = 4, LOW_R = 8, COMPRESSED = 16, SIGNED = 32, HIGH_R = 64 };

static int is_compressed(const uint8_t *at, size_t size) { return size == 33 && (at[0] == 2 || at[0] == 3); }

static int is_key(const uint8_t *at, size_t size) {
    return is_compressed(at, size) || (size == 65 && (at[0] == 4 || at[0] == 6 || at[0] == 7));
}

/* One push at *at: its bytes; for an opcode that pushes a number, or is no push, none. 0: it reaches beyond the end. */
static int step(const uint8_t **at, const uint8_t *end, struct span *out) {
    const uint8_t *p = *at;
    uint8_t op = *p++;
    uint64_t size = 0;
    if (op < 0x4C)
        size = op;
    else if (op <= 0x4E) {
        int wide = 1 << (op - 0x4C);
        if (end - p < wide) return 0;
        size = wide == 1 ? p[0] : wide == 2 ? (uint64_t)p[0] | (uint64_t)p[1] << 8 : little32(p);
        p += wide;
    }
    if ((uint64_t)(end - p) < size) return 0;
    out->at = p;
    out->size = (size_t)size;
    *at = p + size;
    return 1;
}

/* A number from 1 to 20 as an opcode or, above 16, as a push of one byte. 0: none. */
static int small(const uint8_t **at, const uint8_t *end) {
    const uint8_t *p = *at;
    if (p < end && *p >= 0x51 && *p <= 0x60) {
        *at = p + 1;
        return *p - 0x50;
    }
    if (end - p >= 2 && p[0] == 1 && p[1] > 16 && p[1] <= 20) {
        *at = p + 2;
        return p[1];
    }
    return 0;
}

static int is_multisig(const uint8_t *at, size_t size) {
    const uint8_t *end = at + size;
    if (size < 3 || end[-1] != 0xAE) return 0;
    int least = small(&at, end), keys = 0;
    if (!least) return 0;
    for (;;) {
        const uint8_t *before = at;
        struct span one;
        if (at >= end || !step(&at, end, &one)) return 0;
        if (!is_key(one.at, one.size)) {
            at = before;
            break;
        }
        keys++;
    }
    int all = small(&at, end);
    return all == keys && least <= all && at + 1 == end;
}

uint8_t scripts_type(const uint8_t *s, size_t size) {
    if (size == 25 && s[0] == 0x76 && s[1] == 0xA9 && s[2] == 20 && s[23] == 0x88 && s[24] == 0xAC) return P2PKH;
    if (size == 23 && s[0] == 0xA9 && s[1] == 20 && s[22] == 0x87) return P2SH;
    if (size >= 4 && size <= 42 && (size_t)s[1] + 2 == size && (s[0] == 0 || (s[0] >= 0x51 && s[0] <= 0x60))) {
        if (s[0] == 0) return size == 22 ? P2WPKH : size == 34 ? P2WSH : NONSTANDARD;
        if (s[0] == 0x51 && size == 34) return P2TR;
        if (s[0] == 0x51 && size == 4 && s[2] == 0x4E && s[3] == 0x73) return ANCHOR;
        return WITNESS;
    }
    if (size && s[0] == 0x6A) return OP_RETURN;
    if ((size == 35 || size == 67) && (size_t)s[0] + 2 == size && s[size - 1] == 0xAC && is_key(s + 1, size - 2)) return P2PK;
    return is_multisig(s, size) ? MULTISIG : NONSTANDARD;
}

/* A strict DER signature with its hash type (BIP 66); LOW_R or HIGH_R. 0: it is none. */
static int der(const uint8_t *s, size_t size) {
    if (size < 9 || size > 73 || s[0] != 0x30 || s[1] != size - 3 || s[2] != 2) return 0;
    size_t r = s[3];
    if (r == 0 || 5 + r >= size || s[4 + r] != 2) return 0;
    size_t z = s[5 + r];
    if (z == 0 || r + z + 7 != size) return 0;
    const uint8_t *second = s + 6 + r;
    if (s[4] & 0x80 || (r > 1 && s[4] == 0 && !(s[5] & 0x80))) return 0;
    if (second[0] & 0x80 || (z > 1 && second[0] == 0 && !(second[1] & 0x80))) return 0;
    return r > 32 ? HIGH_R : LOW_R;
}

static int hash_type(uint8_t last) { return last & 0x80 ? SIGNED | ANYONE_CAN_PAY : SIGNED; }

static int look(struct span one) {
    if (is_compressed(one.at, one.size)) return COMPRESSED;
    int found = der(one.at, one.size);
    return found ? found | hash_type(one.at[one.size - 1]) : 0;
}

/* Keys that a script within names. */
static int within(struct span script) {
    const uint8_t *at = script.at, *end = at + script.size;
    struct span one;
    if (is_key(at, script.size) || der(at, script.size)) return 0;
    while (at < end && step(&at, end, &one))
        if (is_compressed(one.at, one.size)) return COMPRESSED;
    return 0;
}

static int of_script(const uint8_t *at, size_t size) {
    const uint8_t *end = at + size;
    struct span one = {at, 0};
    int found = 0;
    while (at < end) {
        if (*at > 0x60 || *at == 0x50 || !step(&at, end, &one)) return found;
        found |= look(one);
    }
    return found | within(one);
}

static int schnorr(struct span one) {
    if (one.size == 64) return SIGNED;
    return one.size == 65 ? hash_type(one.at[64]) : 0;
}

static struct span item(const uint8_t **at, const uint8_t *end) {
    uint64_t size = 0;
    compact(at, end, &size);
    struct span one = {*at, (size_t)size};
    *at += size;
    return one;
}

static int of_witness(const uint8_t *at, uint64_t items, const uint8_t *end, int bare) {
    const uint8_t *p = at;
    struct span last = {at, 0}, before = last;
    int found = 0;
    for (uint64_t i = 0; i < items; i++) {
        before = last;
        last = item(&p, end);
    }
    if (items >= 2 && last.size && last.at[0] == 0x50) { /* an annex (BIP 341) */
        last = before;
        items--;
    }
    int path = bare && items >= 2 && last.size >= 33 && last.size <= 33 + 32 * 128 && (last.size - 33) % 32 == 0
               && (last.at[0] & 0xFE) == 0xC0;
    if (path) items -= 2;
    int taproot = path || (bare && items == 1 && (last.size == 64 || last.size == 65));
    for (uint64_t i = 0; i < items; i++) {
        struct span one = item(&at, end);
        found |= taproot ? schnorr(one) : look(one);
    }
    return taproot ? found : found | within(last);
}

uint8_t scripts_signs(const uint8_t *script, size_t size, const uint8_t *witness, uint64_t items, const uint8_t *end) {
    int found = size ? of_script(script, size) : 0;
    if (items) found |= of_witness(witness, items, end, size == 0);
    if (!(found & SIGNED)) return (uint8_t)(found & COMPRESSED);
    return (uint8_t)((found & (ANYONE_CAN_PAY | COMPRESSED | SIGNED)) | (found & HIGH_R ? 0 : LOW_R));
}

/* For tests: kinds of scripts that stand one behind the other. */
EXPORT void scripts_types(const uint8_t *scripts, const int64_t *starts, int64_t count, uint8_t *out) {
    for (int64_t i = 0; i < count; i++) out[i] = scripts_type(scripts + starts[i], (size_t)(starts[i + 1] - starts[i]));
}
