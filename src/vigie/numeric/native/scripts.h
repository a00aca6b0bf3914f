/* What scripts tell without being run. What and why: ../scripts_python.py, which does the same. */
#ifndef VIGIE_SCRIPTS_H
#define VIGIE_SCRIPTS_H

#include "cpu.h"

struct span {
    const uint8_t *at;
    size_t size;
};

/* Places in rows.money.SCRIPT_TYPES. */
uint8_t scripts_type(const uint8_t *script, size_t size);

/* Bits of `in_signs` but those of the sequence. `witness`: `items` items, each a CompactSize and its bytes, which were
   found to lie within `end`. */
uint8_t scripts_signs(const uint8_t *script, size_t size, const uint8_t *witness, uint64_t items, const uint8_t *end);

#endif
