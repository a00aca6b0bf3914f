/* Texts taken from an arena: ../texts.py. */
#include <string.h>

#include "cpu.h"

/* Write each text behind the one before; of those that are marked, ASCII letters in lower case. */
EXPORT void texts_taken(const uint8_t *arena, const int64_t *starts, const int64_t *ends, const uint8_t *lower, int64_t many,
                        uint8_t *out) {
    for (int64_t i = 0; i < many; i++) {
        const uint8_t *from = arena + starts[i];
        const int64_t size = ends[i] - starts[i];
        if (lower[i])
            for (int64_t k = 0; k < size; k++) out[k] = (uint8_t)(from[k] - 'A') < 26 ? from[k] | 32 : from[k];
        else
            memcpy(out, from, (size_t)size);
        out += size;
    }
}
