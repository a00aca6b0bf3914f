/* Lengths of values turned into where each ends. What and why: ../ends.py. */
#include <string.h>

#include "cpu.h"

/* out[count + 1]: where each value begins, and the end of the last; a length below 0 is of a value that is not there. */
EXPORT void ends_of(const int32_t *lengths, int64_t count, int64_t *out) {
    int64_t at = 0;
    out[0] = 0;
    for (int64_t i = 0; i < count; i++) out[i + 1] = at += lengths[i] > 0 ? lengths[i] : 0;
}

/* The same in 32 bits, and a bit for each value that is there, of the lowest first; returns how many are not, or -1
   where a length is below -1 or all are longer than 2^31 - 1 bytes. ends[count + 1], there[(count + 7) / 8] of zeros. */
EXPORT int64_t ends_and_bits_of(const int32_t *lengths, int64_t count, int32_t *ends, uint8_t *there) {
    int64_t at = 0, missing = 0;
    int wrong = 0;
    ends[0] = 0;
    for (int64_t i = 0; i < count; i++) {
        const int known = lengths[i] >= 0;
        wrong |= lengths[i] < -1;
        at += known ? lengths[i] : 0;
        wrong |= at > INT32_MAX;
        ends[i + 1] = (int32_t)at;
        there[i >> 3] |= (uint8_t)(known << (i & 7));
        missing += !known;
    }
    return wrong ? -1 : missing;
}
