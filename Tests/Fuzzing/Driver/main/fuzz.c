// libFuzzer has the main function and calls this; SwiftPM wants an executable whose entry point is not Swift's.
#include <stddef.h>
#include <stdint.h>

void notice_fuzz_one(const uint8_t *bytes, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  notice_fuzz_one(bytes, (ptrdiff_t)count);
  return 0;
}
