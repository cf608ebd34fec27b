#ifndef CPROCESSOR_H
#define CPROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Whether this processor computes the Castagnoli checksum (CRC32C) by instructions of its own: for that, and for a product
/// without carry.
bool cprocessor_has_crc32c(void);

/// Goes on from `crc`, which is neither inverted before nor after. Only where there are such instructions.
uint32_t cprocessor_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

typedef int8_t cprocessor_bytes __attribute__((ext_vector_type(16)));
typedef bool cprocessor_bits __attribute__((ext_vector_type(16)));

/// Which of 16 bytes do not stand for themselves within a JSON string: quotes, backslashes, control characters, and all
/// beyond ASCII. The first one is the lowest bit.
static inline uint16_t cprocessor_special_in_string(const uint8_t *bytes) {
  cprocessor_bytes characters;
  memcpy(&characters, bytes, sizeof characters);
  // What lies beyond ASCII is negative.
  cprocessor_bits special = __builtin_convertvector(
      (characters == '"') | (characters == '\\') | (characters < 0x20), cprocessor_bits);
  uint16_t mask;
  memcpy(&mask, &special, sizeof mask);
  return mask;
}

/// How many of `count` bytes are the same in both, before the first that is not.
static inline size_t cprocessor_common_prefix(
    const uint8_t *bytes, const uint8_t *others, size_t count) {
  size_t index = 0;
  for (; index + 16 <= count; index += 16) {
    cprocessor_bytes one, other;
    memcpy(&one, bytes + index, sizeof one);
    memcpy(&other, others + index, sizeof other);
    cprocessor_bits differ = __builtin_convertvector(one != other, cprocessor_bits);
    uint16_t mask;
    memcpy(&mask, &differ, sizeof mask);
    if (mask != 0) return index + (size_t)__builtin_ctz(mask);
  }
  while (index < count && bytes[index] == others[index]) index++;
  return index;
}

/// How many characters of three bytes in UTF-8 stand in a row at the beginning of 16 bytes, of which that is as many as five: none
/// that is too long or a surrogate, for which those that begin with E0 and ED are left out.
static inline unsigned cprocessor_three_byte_characters(const uint8_t *bytes) {
  typedef uint8_t bytes16 __attribute__((ext_vector_type(16)));
  const bytes16 significant = {0xF0, 0xC0, 0xC0, 0xF0, 0xC0, 0xC0, 0xF0, 0xC0,
                               0xC0, 0xF0, 0xC0, 0xC0, 0xF0, 0xC0, 0xC0, 0};
  const bytes16 wanted = {0xE0, 0x80, 0x80, 0xE0, 0x80, 0x80, 0xE0, 0x80,
                          0x80, 0xE0, 0x80, 0x80, 0xE0, 0x80, 0x80, 1};
  bytes16 text;
  memcpy(&text, bytes, sizeof text);
  // Neither E0 nor ED continues a character. The last byte is never right.
  cprocessor_bits wrong = __builtin_convertvector(
      ((text & significant) != wanted) | (text == 0xE0) | (text == 0xED), cprocessor_bits);
  uint16_t mask;
  memcpy(&mask, &wrong, sizeof mask);
  return (unsigned)__builtin_ctz(mask) / 3;
}

#endif
