/* What runs of letters and digits are, by their checksums: ../coins/told.py. Whatever is not sure here is left to Python,
   cell/identifiers/readers.py, which is the judge in the tests. */
#include <string.h>

#include "base58.h"
#include "digests.h"
#include "keccak.h"
#include "sha256.h"

enum { NOTHING, UNSURE, BTC, BTCTEST, LTC, DOGE, TRX, TXID, ETH, ETH_PLAIN, XMR };
#define LOWER 128 /* the normal form is in lower case */
#define MOST_DIGITS 120 /* of base 58: ../coins/base58.py */
#define MOST_BYTES (MOST_DIGITS * 3 / 4 + 4)
#define SHORT 36 /* digits of an address in base 58, at most */
#define SEGWIT 90
#define BECH32 1
#define BECH32M 0x2BC830A3u

static int8_t in_bech32(uint8_t byte) {
    static const int8_t VALUES[128] = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 15, -1, 10, 17, 21, 20, 26, 30, 7,  5,  -1, -1, -1, -1, -1, -1,
        -1, 29, -1, 24, 13, 25, 9,  8,  23, -1, 18, 22, 31, 27, 19, -1, 1,  0,  3,  16, 11, 28, 12, 14, 6,  4,  2,  -1, -1, -1, -1, -1,
        -1, 29, -1, 24, 13, 25, 9,  8,  23, -1, 18, 22, 31, 27, 19, -1, 1,  0,  3,  16, 11, 28, 12, 14, 6,  4,  2,  -1, -1, -1, -1, -1,
    };
    return byte < 128 ? VALUES[byte] : -1;
}

/* The bytes of a text of base 58, each `1` at its beginning a zero; how many, or 0 where it is none. Five digits at a time
   go to words of 32 bits, the lowest first. */
static int unbase58(const uint8_t *text, int64_t many, uint8_t out[MOST_BYTES]) {
    uint32_t words[MOST_BYTES / 4 + 1] = {0};
    int held = 0, zeros = 0, size = 0;
    if (many > MOST_DIGITS) return 0;
    while (zeros < many && text[zeros] == '1') zeros++;
    for (int64_t i = zeros; i < many;) {
        uint64_t add = 0, times = 1;
        for (int k = 0; k < 5 && i < many; k++, i++) {
            const int8_t value = in_base58(text[i]);
            if (value < 0) return 0;
            add = add * 58 + (uint64_t)value;
            times *= 58;
        }
        for (int k = 0; k < held; k++) {
            add += times * words[k];
            words[k] = (uint32_t)add;
            add >>= 32;
        }
        if (add) words[held++] = (uint32_t)add;
    }
    if (held) {
        const int top = 4 - __builtin_clz(words[held - 1]) / 8;
        size = 4 * (held - 1) + top;
    }
    if (zeros + size > MOST_BYTES) return 0;
    memset(out, 0, (size_t)zeros);
    for (int k = 0; k < size; k++) out[zeros + k] = (uint8_t)(words[(size - 1 - k) / 4] >> (8 * ((size - 1 - k) & 3)));
    return zeros + size;
}

/* How many bytes a base58check text holds without its checksum; 0: that does not hold. */
static int checked(sha256_form form, const uint8_t *text, int64_t many, uint8_t out[MOST_BYTES]) {
    const int size = unbase58(text, many, out) - 4;
    uint8_t digest[32];
    struct sha256 of;
    if (size < 1) return 0;
    sha256_begin(&of, form);
    sha256_add(&of, out, (size_t)size);
    sha256_end_twice(&of, digest);
    return memcmp(digest, out + size, 4) ? 0 : size;
}

static uint32_t mixed(uint32_t sum, uint32_t value) {
    static const uint32_t TERMS[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++) sum ^= TERMS[i] & -(top >> i & 1);
    return sum;
}

/* What five bits come to when so many zeros follow them. The sum is linear: that of all is these, each for itself, added. */
#define MOST_BEHIND (SEGWIT + 6)
static uint32_t behind[MOST_BEHIND][32];

__attribute__((constructor)) static void fill_behind(void) {
    for (uint32_t value = 0; value < 32; value++) {
        behind[0][value] = value;
        for (int i = 1; i < MOST_BEHIND; i++) behind[i][value] = mixed(behind[i - 1][value], 0);
    }
}

/* What the sum of a text of letters and digits comes to (BIP 173, 350), whose prefix ends before its last `1`, at *one; 0:
   it is none. A right one comes to BECH32 or BECH32M. */
static uint32_t summed(const uint8_t *text, int64_t many, int64_t *one) {
    uint32_t sum = 1;
    int low = 0, capital = 0;
    int64_t at = many;
    for (int64_t i = 0; i < many; i++) {
        low |= text[i] >= 'a';
        capital |= (uint8_t)(text[i] - 'A') < 26;
    }
    while (at > 0 && text[at - 1] != '1') at--;
    if ((low && capital) || at < 2 || at - 1 > 83 || many - at < 6) return 0;
    *one = --at;
    for (int64_t i = 0; i < at; i++) sum = mixed(sum, (uint32_t)(text[i] >= 'A' ? text[i] | 32 : text[i]) >> 5);
    sum = mixed(sum, 0);
    for (int64_t i = 0; i < at; i++) sum = mixed(sum, text[i] & 31);
    if (many <= SEGWIT) { /* none waits for the one before it */
        const int64_t groups = many - at - 1;
        uint32_t all = 0;
        int wrong = 0;
        for (int k = 0; k < 6; k++) all ^= behind[groups + k][sum >> 5 * k & 31];
        for (int64_t i = 0; i < groups; i++) {
            const int8_t value = in_bech32(text[at + 1 + i]);
            wrong |= value;
            all ^= behind[groups - 1 - i][value & 31];
        }
        return wrong < 0 ? 0 : all;
    }
    for (int64_t i = at + 1; i < many; i++) {
        const int8_t value = in_bech32(text[i]);
        if (value < 0) return 0;
        sum = mixed(sum, (uint32_t)value);
    }
    return sum;
}

/* Is it the address of a witness program, that begins with `begin` digits and a 1? */
static int segwit(const uint8_t *text, int64_t many, int64_t begin) {
    int64_t one = 0;
    const uint32_t sum = many <= SEGWIT ? summed(text, many, &one) : 0;
    if (!sum || one != begin || many - one < 8) return 0;
    const int8_t version = in_bech32(text[one + 1]);
    const int64_t groups = many - one - 8, bytes = groups * 5 / 8, over = groups * 5 % 8;
    if (version > 16 || over >= 5 || (groups && (in_bech32(text[many - 7]) & ((1 << over) - 1)))) return 0;
    if (bytes < 2 || bytes > 40 || (!version && bytes != 20 && bytes != 32)) return 0;
    return sum == (version ? BECH32M : BECH32);
}

static int begins(const uint8_t *text, int64_t many, const char *with) {
    const int64_t size = (int64_t)strlen(with);
    if (many < size) return 0;
    for (int64_t i = 0; i < size; i++)
        if ((text[i] >= 'A' ? text[i] | 32 : text[i]) != (uint8_t)with[i]) return 0;
    return 1;
}

static uint8_t told(sha256_form form, const uint8_t *text, int64_t many) {
    uint8_t held[MOST_BYTES];
    int64_t one = 0;
    if (begins(text, many, "ln") || begins(text, many, "sp1") || begins(text, many, "tsp1")) {
        const uint32_t sum = summed(text, many, &one);
        return sum == BECH32 || sum == BECH32M ? UNSURE : NOTHING;
    }
    if (begins(text, many, "bc1")) return segwit(text, many, 2) ? BTC | LOWER : NOTHING;
    if (begins(text, many, "tb1")) return segwit(text, many, 2) ? BTCTEST | LOWER : NOTHING;
    if (begins(text, many, "bcrt1")) return segwit(text, many, 4) ? BTCTEST | LOWER : NOTHING;
    if (begins(text, many, "ltc1")) return segwit(text, many, 3) ? LTC | LOWER : NOTHING;
    if (many <= SHORT) {
        if (checked(form, text, many, held) != 21) return NOTHING;
        switch (held[0]) {
            case 0x00: case 0x05: return BTC;
            case 0x6F: case 0xC4: return BTCTEST;
            case 0x30: case 0x32: return LTC;
            case 0x1E: case 0x16: return DOGE;
            case 0x41: return TRX;
            default: return NOTHING;
        }
    }
    if (many == 95 || many == 106) return monero_told(text, many) ? XMR : NOTHING;
    if (many == 51 || many == 52 || many == 58 || many == 111 || many == 112) /* keys, private ones too */
        return checked(form, text, many, held) ? UNSURE : NOTHING;
    return UNSURE;
}

static uint8_t ethereum(const uint8_t *text) {
    switch (ethereum_told(text)) {
        case ETHEREUM_CHECKED: return ETH | LOWER;
        case ETHEREUM_PLAIN: return ETH_PLAIN | LOWER;
        default: return NOTHING;
    }
}

/* Write what each text of letters and digits is, in an arena of `size` bytes; an address behind a colon may be a URI, of which more has to be looked at. */
EXPORT void coins_told(int form, const uint8_t *text, int64_t size, const int64_t *starts, const int64_t *ends, int64_t many,
                       uint8_t *out) {
    for (int64_t i = 0; i < many; i++) {
        switch (digest_told(text, size, starts[i], ends[i])) {
            case DIGEST_NOTHING: out[i] = NOTHING; break;
            case DIGEST_UNSURE: out[i] = UNSURE; break;
            case DIGEST_TXID: out[i] = TXID | LOWER; break;
            case DIGEST_ACCOUNT: out[i] = ethereum(text + starts[i]); break;
            case DIGEST_OTHER:
                out[i] = told(sha256_of_number(form), text + starts[i], ends[i] - starts[i]);
                if (out[i] > UNSURE && out[i] != XMR && starts[i] > 0 && text[starts[i] - 1] == ':') out[i] = UNSURE;
        }
    }
}

/* Is it a Bitcoin address in base 58, of the main network? Small letters and capitals are in all but one of millions. */
static int main_base58(sha256_form form, const uint8_t *text, int64_t many) {
    uint8_t held[MOST_BYTES];
    int low = 0, capital = 0;
    for (int64_t i = 0; i < many; i++) {
        if (in_base58(text[i]) < 0) return 0;
        low |= text[i] >= 'a';
        capital |= text[i] >= 'A' && text[i] <= 'Z';
    }
    if (!low || !capital || unbase58(text, many, held) != 25 || (held[0] != 0x00 && held[0] != 0x05)) return 0;
    return checked(form, text, many, held) == 21;
}

/* How many digits an address of Bitcoin's has that begins here and ends within `room`; 0: none does. */
static int64_t begun(sha256_form form, const uint8_t *text, int64_t room) {
    if (*text == '3') return room >= 34 && main_base58(form, text, 34) ? 34 : 0;
    if (*text == '1') {
        int64_t zeros = 1;
        while (zeros < room && zeros < 25 && text[zeros] == '1') zeros++;
        const int64_t most = zeros + (25 - zeros) * 8000 / 5858 + 1; /* a digit says 5.858 bits */
        for (int64_t many = most; many >= 26 && many >= most - 2; many--)
            if (many <= room && main_base58(form, text, many)) return many;
        return 0;
    }
    if (!begins(text, room, "bc1")) return 0;
    if (room >= 62 && segwit(text, 62, 2)) return 62;
    return room >= 42 && segwit(text, 42, 2) ? 42 : 0;
}

/* Write at most `room` addresses of Bitcoin's that stand within runs of letters and digits, out[][3]: which run, start, end;
   how many there are. */
EXPORT int64_t coins_glued(int form, const uint8_t *text, const int64_t *starts, const int64_t *ends, int64_t many, int64_t *out,
                           int64_t room) {
    int64_t found = 0;
    for (int64_t run = 0; run < many; run++)
        for (int64_t at = starts[run]; at + 26 <= ends[run];) {
            const int64_t size = begun(sha256_of_number(form), text + at, ends[run] - at);
            if (size && found < room) out[3 * found] = run, out[3 * found + 1] = at, out[3 * found + 2] = at + size;
            found += size > 0;
            at += size ? size : 1;
        }
    return found;
}

/* The script that an address of any of Bitcoin's networks stands for, into out[42]; its size, 0 where it is none. */
static uint8_t script_of(sha256_form form, const uint8_t *text, int64_t many, uint8_t *out) {
    uint8_t held[MOST_BYTES];
    for (int64_t i = 0; i < many; i++) /* in any other character nothing is as it seems to the rules below */
        if ((uint8_t)((text[i] | 32) - 'a') >= 26 && (uint8_t)(text[i] - '0') >= 10) return 0;
    const int64_t begin = begins(text, many, "bcrt1") ? 4 : begins(text, many, "bc1") || begins(text, many, "tb1") ? 2 : 0;
    if (begin) {
        if (!segwit(text, many, begin)) return 0;
        const int8_t version = in_bech32(text[begin + 1]);
        uint32_t bits = 0;
        int size = 0, over = 0;
        for (int64_t i = begin + 2; i < many - 6; i++) {
            bits = (bits << 5 | (uint32_t)in_bech32(text[i])) & 0xfff;
            if ((over += 5) >= 8) out[2 + size++] = (uint8_t)(bits >> (over -= 8));
        }
        out[0] = (uint8_t)(version ? version + 0x50 : 0), out[1] = (uint8_t)size;
        return (uint8_t)(2 + size);
    }
    if (many < 26 || many >= SHORT || checked(form, text, many, held) != 21) return 0;
    if (held[0] == 0x00 || held[0] == 0x6F) {
        memcpy(out, "\x76\xa9\x14", 3), memcpy(out + 3, held + 1, 20), memcpy(out + 23, "\x88\xac", 2);
        return 25;
    }
    if (held[0] != 0x05 && held[0] != 0xC4) return 0;
    memcpy(out, "\xa9\x14", 2), memcpy(out + 2, held + 1, 20), out[22] = 0x87;
    return 23;
}

/* out[many][42], sizes[many]: the script of each address. */
EXPORT void coins_scripts(int form, const uint8_t *text, const int64_t *ends, int64_t many, uint8_t *out, uint8_t *sizes) {
    for (int64_t i = 0; i < many; i++) {
        const int64_t begin = i ? ends[i - 1] : 0;
        sizes[i] = script_of(sha256_of_number(form), text + begin, ends[i] - begin, out + 42 * i);
    }
}
