#include "CProcessor.h"

#include <string.h>

#if defined(__x86_64__)
#include <sys/platform/x86.h>

// glibc has asked the processor already. In a virtual machine each question (CPUID) takes 10 microseconds.
bool cprocessor_has_crc32c(void) { return CPU_FEATURE_ACTIVE(SSE4_2); }

__attribute__((target("sse4.2"))) uint32_t cprocessor_crc32c(
    uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= 8; count -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = (uint32_t)wide;
  while (count-- > 0) crc = __builtin_ia32_crc32qi(crc, *bytes++);
  return crc;
}

#else

bool cprocessor_has_crc32c(void) { return false; }

uint32_t cprocessor_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  (void)bytes, (void)count;
  return crc;
}

#endif
