/* Is it UTF-8 (RFC 3629, section 4)? What and why: ../utf8.py. */
#include <string.h>

#include "cpu.h"

static int follows(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* 1 where all of it is UTF-8, else 0. */
EXPORT int utf8_whole(const uint8_t *bytes, int64_t count) {
    int64_t at = 0;
    while (at < count) {
        uint64_t words[2];
        while (count - at >= 16) { /* most text is ASCII for long stretches */
            memcpy(words, bytes + at, 16);
            if ((words[0] | words[1]) & 0x8080808080808080u) break;
            at += 16;
        }
        while (at < count && bytes[at] < 0x80) at++;
        while (at < count && bytes[at] >= 0x80) { /* and what is not stands together */
            const uint8_t first = bytes[at];
            const int64_t left = count - at;
            const uint8_t *next = bytes + at + 1;
            if (first >= 0xC2 && first <= 0xDF) {
                if (left < 2 || !follows(next[0])) return 0;
                at += 2;
            } else if (first >= 0xE0 && first <= 0xEF) {
                if (left < 3 || !follows(next[0]) || !follows(next[1])) return 0;
                if ((first == 0xE0 && next[0] < 0xA0) || (first == 0xED && next[0] > 0x9F)) return 0;
                at += 3;
            } else if (first >= 0xF0 && first <= 0xF4) {
                if (left < 4 || !follows(next[0]) || !follows(next[1]) || !follows(next[2])) return 0;
                if ((first == 0xF0 && next[0] < 0x90) || (first == 0xF4 && next[0] > 0x8F)) return 0;
                at += 4;
            } else return 0;
        }
    }
    return 1;
}
