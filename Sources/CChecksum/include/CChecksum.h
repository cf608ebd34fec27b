#ifndef CCHECKSUM_H
#define CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor computes the Castagnoli checksum (CRC32C) by an instruction of its own.
bool cchecksum_has_crc32c(void);

/// Goes on from `crc`, which is neither inverted before nor after. Only where there is such an instruction.
uint32_t cchecksum_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

#endif
