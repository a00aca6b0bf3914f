/* Tables of words, and whether words of one list follow each other in a text: phrases.c. */
#ifndef VIGIE_PHRASES_H
#define VIGIE_PHRASES_H

#include <stdint.h>

/* Texts until `end`, and the table of ../identifiers_phrases.py. */
struct listed {
    const uint8_t *text;
    int64_t end;
    const uint64_t *maybe, *slots;
    const int32_t *entries;
    uint64_t mask;
    const uint8_t *classes;
};

/* Has text[low:high) `least` words of one list or more, at most 16, that follow each other? */
int phrases_row(const struct listed *of, int64_t low, int64_t high, const uint32_t *lists, int64_t least);

#endif
