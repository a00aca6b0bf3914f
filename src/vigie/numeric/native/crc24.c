/* CRC-24 of RFC 9580, 6.1. What and why: ../crc24.py. */
#include "cpu.h"

/* table[256]: of each byte. */
EXPORT uint32_t crc24_of(const uint8_t *bytes, int64_t count, const uint32_t *table) {
    uint32_t value = 0xB704CE;
    for (int64_t i = 0; i < count; i++) value = (value << 8 ^ table[(value >> 16 ^ bytes[i]) & 0xFF]) & 0xFFFFFF;
    return value;
}
