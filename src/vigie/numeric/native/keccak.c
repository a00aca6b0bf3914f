/* Keccak-256 (the Keccak reference, version 3.0), and what it checks: ../../cell/identifiers/ethereum.py and monero.py, which
   are the judges in the tests. */
#include "keccak.h"

#include <string.h>

#include "base58.h"

#define RATE 136
#define ROUNDS 24

static const uint64_t CONSTANTS[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};
static const int TURNS[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
static const int LANES[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};

static uint64_t turned(uint64_t of, int by) { return of << by | of >> (64 - by); }

static void permuted(uint64_t s[25]) {
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t column[5], row[5];
        for (int x = 0; x < 5; x++) column[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
        for (int x = 0; x < 5; x++)
            for (int y = 0; y < 25; y += 5) s[x + y] ^= column[(x + 4) % 5] ^ turned(column[(x + 1) % 5], 1);
        uint64_t goes = s[1];
        for (int i = 0; i < 24; i++) { /* one lane takes the place of the next */
            const uint64_t there = s[LANES[i]];
            s[LANES[i]] = turned(goes, TURNS[i]);
            goes = there;
        }
        for (int y = 0; y < 25; y += 5) {
            memcpy(row, s + y, sizeof row);
            for (int x = 0; x < 5; x++) s[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
        s[0] ^= CONSTANTS[round];
    }
}

/* Of fewer bytes than one block takes. Lanes are little-endian, as all machines that this is built for. */
static void keccak256(const uint8_t *data, size_t many, uint8_t out[32]) {
    uint64_t state[25] = {0};
    uint8_t block[RATE] = {0};
    memcpy(block, data, many);
    block[many] ^= 1;
    block[RATE - 1] ^= 128;
    memcpy(state, block, RATE);
    permuted(state);
    memcpy(out, state, 32);
}

enum ethereum ethereum_told(const uint8_t *text) {
    uint8_t low[40], hash[32];
    uint32_t different = 0;
    int small = 0, capital = 0;
    for (int i = 0; i < 40; i++) {
        const uint8_t digit = text[2 + i];
        small |= digit >= 'a';
        capital |= digit >= 'A' && digit < 'a';
        low[i] = digit | (digit >= 'A' ? 32 : 0);
        different |= 1u << (low[i] >= 'a' ? low[i] - 'a' + 10 : low[i] - '0');
    }
    if (__builtin_popcount(different) < 4) return ETHEREUM_NONE; /* of nobody: zeros and the like */
    if (!small || !capital) return ETHEREUM_PLAIN;
    keccak256(low, sizeof low, hash);
    for (int i = 0; i < 40; i++) {
        const int nibble = i & 1 ? hash[i / 2] & 15 : hash[i / 2] >> 4;
        if (low[i] >= 'a' && (text[2 + i] != low[i]) != (nibble >= 8)) return ETHEREUM_NONE;
    }
    return ETHEREUM_CHECKED;
}

int monero_told(const uint8_t *text, int64_t many) {
    static const int8_t BYTES[12] = {-1, -1, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8};
    uint8_t held[80], hash[32];
    int size = 0;
    if (many > 110) return 0;
    for (int64_t at = 0; at < many; at += 11) {
        const int64_t digits = many - at < 11 ? many - at : 11;
        unsigned __int128 number = 0;
        const int bytes = BYTES[digits];
        for (int64_t i = at; i < at + digits; i++) {
            const int8_t value = in_base58(text[i]);
            if (value < 0) return 0;
            number = number * 58 + (unsigned)value;
        }
        if (bytes < 0 || number >> (8 * bytes)) return 0;
        for (int i = bytes - 1; i >= 0; i--, number >>= 8) held[size + i] = (uint8_t)number;
        size += bytes;
    }
    if (size != (held[0] == 18 || held[0] == 42 ? 69 : held[0] == 19 ? 77 : -1)) return 0;
    keccak256(held, (size_t)size - 4, hash);
    return !memcmp(hash, held + size - 4, 4);
}
