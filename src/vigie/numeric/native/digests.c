/* Runs of hexadecimal digits: ids of transactions, unless words beside them may say that they are keys or fingerprints. The
   rules are ../../cell/identifiers/readers.py, raw.py and pgp.py; where they may say something else, they are asked. */
#include "digests.h"

#include "ascii.h"
#include "vec16.h"

#define BEFORE 64 /* raw.py, pgp.py */
#define AFTER 24
#define ROOM (BEFORE + AFTER + 8)
#define LEAST 8 /* different digits of an id: coins.py */

/* In lower case; each with its first two letters is looked for, 16 places at a time. All that is not ASCII may be a word. */
static const char *const WORDS[] = {
    "priv", "secret", "key", "sk", "wif", "seed", "entropy", "clave", "llave", "chiave", "chave", "klucz", "anahtar", "pgp",
    "gpg", "finger", "empreinte", "huella", "fp",
};

/* May a word stand near that changes what the run is? */
static int said(const uint8_t *text, int64_t size, int64_t start, int64_t end) {
    uint8_t near[ROOM + 32] = {0};
    const int64_t first = start > BEFORE ? start - BEFORE : 0, last = end + AFTER < size ? end + AFTER : size;
    const int before = (int)(start - first);
    memcpy(near, text + first, (size_t)before);
    memcpy(near + before + 1, text + end, (size_t)(last - end)); /* a zero between them */
    vec16 low[ROOM / 16], next[ROOM / 16];
    for (int i = 0; i < ROOM / 16; i++) {
        const vec16 of = vec16_at(near + 16 * i);
        if (vec16_bits((vec16)(of > 127))) return 1;
        low[i] = of | (vec16_within(of, 'A', 26) & 32);
        memcpy(near + 16 * i, &low[i], 16);
    }
    for (int i = 0; i < ROOM / 16; i++) next[i] = vec16_at(near + 16 * i + 1);
    for (size_t word = 0; word < sizeof WORDS / sizeof *WORDS; word++) {
        const char *one = WORDS[word];
        for (int i = 0; i < ROOM / 16; i++)
            for (uint64_t some = vec16_bits((vec16)(low[i] == (uint8_t)one[0]) & (vec16)(next[i] == (uint8_t)one[1])); some;
                 some &= some - 1)
                if (!strncmp((const char *)near + 16 * i + __builtin_ctzll(some), one, strlen(one))) return 1;
    }
    return 0;
}

/* Digits of one case, enough different ones, not only figures, and not a text: coins.py, transaction. */
static int is_id(const uint8_t *text) {
    uint32_t different = 0;
    int small = 0, capital = 0, other = 0;
    for (int i = 0; i < 64; i += 2) {
        int byte = 0;
        for (int k = i; k < i + 2; k++) {
            const uint8_t digit = text[k];
            const int value = digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
            small |= digit >= 'a';
            capital |= digit >= 'A' && digit < 'a';
            different |= 1u << value;
            byte = byte << 4 | value;
        }
        other |= byte < 32 || byte > 126;
    }
    return !(small && capital) && (small || capital) && __builtin_popcount(different) >= LEAST && other;
}

enum digest digest_told(const uint8_t *text, int64_t size, int64_t start, int64_t end) {
    const int64_t many = end - start;
    const int prefixed = (many == 42 || many == 66) && text[start] == '0' && (text[start + 1] | 32) == 'x';
    if (many != 40 && many != 64 && many != 76 && !prefixed) return DIGEST_OTHER;
    for (int64_t i = start + 2 * prefixed; i < end; i++)
        if (!hexadecimal(text[i])) return DIGEST_OTHER;
    if (many == 42) return DIGEST_ACCOUNT;
    if (many == 76 || said(text, size, start, end)) return DIGEST_UNSURE; /* 76: Tox */
    return many == 64 && is_id(text + start) ? DIGEST_TXID : DIGEST_NOTHING;
}
