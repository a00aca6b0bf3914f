/* Keccak-256 as it was before NIST padded it otherwise, and the two kinds of addresses that it checks: keccak.c. */
#ifndef VIGIE_KECCAK_H
#define VIGIE_KECCAK_H

#include <stdint.h>

enum ethereum { ETHEREUM_NONE, ETHEREUM_CHECKED, ETHEREUM_PLAIN };

/* What 0x and 40 hexadecimal digits are: EIP-55 holds, or they are of one case, which says nothing. */
enum ethereum ethereum_told(const uint8_t *text);

/* Is it an address of Monero's main network: `many` digits of base 58, whose last four bytes are of Keccak's? */
int monero_told(const uint8_t *text, int64_t many);

#endif
