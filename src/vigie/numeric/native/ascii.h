/* What an ASCII byte is; none of the others is any of these. */
#ifndef VIGIE_ASCII_H
#define VIGIE_ASCII_H

#include <stdint.h>

static inline int digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

static inline int letter(uint8_t byte) { return (uint8_t)((byte | 32) - 'a') < 26; }

static inline int alnum(uint8_t byte) { return digit(byte) || letter(byte); }

static inline int hexadecimal(uint8_t byte) { return digit(byte) || (uint8_t)((byte | 32) - 'a') < 6; }

#endif
