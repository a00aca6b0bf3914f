/* SHA-256 (FIPS 180-4), by the processor's own instructions where it has them. What uses it is given a form. */
#ifndef VIGIE_SHA256_H
#define VIGIE_SHA256_H

#include "cpu.h"

/* Mixes whole blocks of 64 bytes into a state. */
typedef void (*sha256_form)(uint32_t state[8], const uint8_t *data, size_t blocks);

struct sha256 {
    sha256_form form;
    uint64_t total;
    uint32_t state[8];
    uint8_t rest[64];
};

/* 0: plain C. 1: the processor's; must not be asked for where sha256_forms lacks its bit. */
sha256_form sha256_of_number(int number);

void sha256_begin(struct sha256 *of, sha256_form form);
void sha256_add(struct sha256 *of, const uint8_t *data, size_t size);
/* The digest of the digest, as Bitcoin hashes. */
void sha256_end_twice(struct sha256 *of, uint8_t out[32]);
/* The same of 64 bytes for each pair of hashes; `out` may be where `pairs` begin. */
void sha256_pairs(sha256_form form, const uint8_t *pairs, size_t count, uint8_t *out);

#endif
