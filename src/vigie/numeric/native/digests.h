/* Runs of hexadecimal digits that are hashes, as far as what stands beside them says nothing else: digests.c. */
#ifndef VIGIE_DIGESTS_H
#define VIGIE_DIGESTS_H

#include <stdint.h>

enum digest { DIGEST_NOTHING, DIGEST_UNSURE, DIGEST_TXID, DIGEST_ACCOUNT, DIGEST_OTHER };

/* What text[start:end) is, of an arena of `size` bytes; DIGEST_ACCOUNT: 40 digits behind 0x; DIGEST_OTHER:
   not 40, 64 or 76 digits, or 64 behind 0x. */
enum digest digest_told(const uint8_t *text, int64_t size, int64_t start, int64_t end);

#endif
