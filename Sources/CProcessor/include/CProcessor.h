#ifndef CPROCESSOR_H
#define CPROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Whether this processor computes the Castagnoli checksum (CRC32C) by an instruction of its own.
bool cprocessor_has_crc32c(void);

/// Goes on from `crc`, which is neither inverted before nor after. Only where there is such an instruction.
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

#endif
