#include "CProcessor.h"

#include <string.h>

#if defined(__x86_64__)
#include <sys/platform/x86.h>
#include <wmmintrin.h>

// glibc has asked the processor already. In a virtual machine each question (CPUID) takes 10 microseconds.
bool cprocessor_has_crc32c(void) { return CPU_FEATURE_ACTIVE(SSE4_2) && CPU_FEATURE_ACTIVE(PCLMULQDQ); }

#define WITH_CRC32C __attribute__((target("sse4.2,pclmul")))

static inline WITH_CRC32C uint64_t step(uint64_t crc, const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return __builtin_ia32_crc32di(crc, word);
}

static inline WITH_CRC32C uint64_t product(uint64_t crc, uint32_t factor) {
  __m128i both = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi64_si128(factor), 0);
  return (uint64_t)_mm_cvtsi128_si64(both);
}

// Three pieces of `count` bytes side by side, as the instruction has its result three cycles later and may begin in each. What
// `bytes` bytes follow counts times x^(8 * bytes); the factor is x^(8 * bytes - 33) modulo the polynomial, bits reflected, as
// the last step multiplies by x^32 and the product of two reflected numbers has one bit less.
static inline WITH_CRC32C uint64_t three_pieces(
    uint64_t crc, const uint8_t *bytes, size_t count, uint32_t one, uint32_t two) {
  uint64_t second = 0, third = 0;
  for (size_t index = 0; index < count; index += 8) {
    crc = step(crc, bytes + index);
    second = step(second, bytes + count + index);
    third = step(third, bytes + 2 * count + index);
  }
  return __builtin_ia32_crc32di(0, product(crc, two) ^ product(second, one)) ^ third;
}

WITH_CRC32C uint32_t cprocessor_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= 768; count -= 768, bytes += 768)
    wide = three_pieces(wide, bytes, 256, 0xB9E02B86, 0xDD7E3B0C);
  for (; count >= 192; count -= 192, bytes += 192)
    wide = three_pieces(wide, bytes, 64, 0x9E4ADDF8, 0x0D3B6092);
  for (; count >= 8; count -= 8, bytes += 8) wide = step(wide, bytes);
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
